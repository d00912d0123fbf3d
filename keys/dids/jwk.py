"""did:jwk: an identifier that is a JSON Web Key in base64url (did:jwk method)."""

from functools import lru_cache

from boundary import base64url, limits, strict_json
from keys.jwk import from_jwk, to_jwk
from keys.public import PublicKey
from keys.resolver import Purpose, VerificationKey
from problems import MalformedValueError, ParsingError

PREFIX = "did:jwk:"
_FRAGMENT = "0"


def did(key: PublicKey) -> str:
    return PREFIX + base64url.encode(strict_json.write(to_jwk(key)).encode())


def verification_method(key: PublicKey) -> str:
    """Return the one DID URL of a did:jwk: ``did:jwk:…#0``."""
    return f"{did(key)}#{_FRAGMENT}"


class DidJwk:
    """Resolves did:jwk without asking anybody; a key for signing stands for every purpose."""

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:  # noqa: ARG002
        controller, _, fragment = verification_method.partition("#")
        key = public_key_of(controller)
        if fragment != _FRAGMENT:
            raise MalformedValueError("did.url_invalid")
        return VerificationKey(key, verification_method, controller)


@lru_cache(maxsize=256)
def public_key_of(did: str) -> PublicKey:
    """Return the key that ``did`` is; raise MalformedValueError."""
    if not did.startswith(PREFIX) or len(did) > limits.DID_CHARS:
        raise MalformedValueError("did.invalid")
    try:
        jwk = strict_json.read_object(base64url.decode(did.removeprefix(PREFIX)))
    except ParsingError:
        raise MalformedValueError("did.invalid") from None
    return from_jwk(jwk)
