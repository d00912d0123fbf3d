"""How the one key of a did:key or a did:jwk is written in its document (did:key method v0.9 §3.1)."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from boundary.strict_json import Json
from keys import multikey
from keys.jwk import to_jwk
from keys.public import PublicKey
from problems import MalformedValueError

KeyFormat: TypeAlias = Literal["Multikey", "JsonWebKey2020", "Ed25519VerificationKey2020"]
MULTIKEY: Final = "Multikey"

_DID_CONTEXT: Final = "https://www.w3.org/ns/did/v1"
_CONTEXTS: Final[Mapping[KeyFormat, str]] = {
    "Multikey": "https://w3id.org/security/multikey/v1",
    "JsonWebKey2020": "https://w3id.org/security/suites/jws-2020/v1",
    "Ed25519VerificationKey2020": "https://w3id.org/security/suites/ed25519-2020/v1",
}
_OLDER: Final = frozenset(
    {
        "JsonWebKey", "Ed25519VerificationKey2018", "X25519KeyAgreementKey2019", "X25519KeyAgreementKey2020",
        "EcdsaSecp256k1VerificationKey2019", "EcdsaSecp256r1VerificationKey2019", "Bls12381G2Key2020",
    }
)  # fmt: skip
"""Known, and none of those that the method wants."""
_PURPOSES: Final = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")


def required_format(name: str, *, experimental: bool = False) -> KeyFormat:
    """Return the format called ``name``.

    Raises MalformedValueError: ``key.type_unsupported`` for one that is not known, or only as an experiment
    that we do not take part in; ``key.format_not_wanted`` for an older one.
    """
    for known in _CONTEXTS:
        if known == name:
            return known
    raise MalformedValueError(
        "key.format_not_wanted" if name in _OLDER and not experimental else "key.type_unsupported"
    )


def of_one_key(did: str, name: str, key: PublicKey, key_format: KeyFormat) -> Json:
    """Return the document of ``did``, whose one key is called ``name`` and stands for every purpose.

    Raises MalformedValueError for a key that has no such form.
    """
    shown = _SHOWN[key_format](key)
    return {
        "@context": [_DID_CONTEXT, _CONTEXTS[key_format]],
        "id": did,
        "verificationMethod": [{"id": name, "type": key_format, "controller": did, **shown}],
        **{purpose: [name] for purpose in _PURPOSES},
    }


def _in_multibase(key: PublicKey) -> Json:
    return {"publicKeyMultibase": multikey.encode(key)}


def _in_jwk(key: PublicKey) -> Json:
    return {"publicKeyJwk": to_jwk(key)}


def _ed25519(key: PublicKey) -> Json:
    if key.algorithm != "Ed25519":
        raise MalformedValueError("key.type_unsupported")
    return _in_multibase(key)


_SHOWN: Final[Mapping[KeyFormat, Callable[[PublicKey], Json]]] = {
    "Multikey": _in_multibase,
    "JsonWebKey2020": _in_jwk,
    "Ed25519VerificationKey2020": _ed25519,
}
