"""The person a credential is about, as a key: the one that it is bound to."""

from collections.abc import Callable, Mapping
from typing import Final

from boundary.shape import an_object
from boundary.strict_json import Json
from keys.dids import jwk as did_jwk
from keys.dids import key as did_key
from keys.jwk import from_jwk
from keys.public import PublicKey
from problems import MalformedValueError

_METHODS: Final[Mapping[str, Callable[[str], PublicKey]]] = {
    did_key.PREFIX: did_key.public_key_of,
    did_jwk.PREFIX: did_jwk.public_key_of,
}


def key_of(did: str | None) -> PublicKey | None:
    """Return the key that a did:key or did:jwk is; None for another name, or a key of another kind."""
    for prefix, public_key_of in _METHODS.items():
        if did is not None and did.startswith(prefix):
            try:
                return public_key_of(did)
            except MalformedValueError:
                return None
    return None


def confirmation_key(payload: Json) -> PublicKey | None:
    """Return the key of ``cnf`` (RFC 7800 §3.2); None without one. Raises MalformedValueError."""
    if "cnf" not in payload:
        return None
    confirmation = an_object(payload["cnf"], "cnf")
    return from_jwk(an_object(confirmation.get("jwk"), "cnf.jwk"))
