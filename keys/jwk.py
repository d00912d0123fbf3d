"""Keys as JSON Web Keys (RFC 7517, 7518 §6.2, 8037 §2), for JOSE. The one module that imports jwcrypto."""

from collections.abc import Mapping
from typing import Final

from jwcrypto.jwk import JWK

from boundary import base64url
from boundary.shape import a_text, texts
from boundary.strict_json import Json
from keys.public import SCALAR_BYTES, PublicKey, load, public_key
from keys.signer import Algorithm
from problems import MalformedValueError, ParsingError

ALG: Final[Mapping[Algorithm, str]] = {"Ed25519": "EdDSA", "P-256": "ES256", "P-384": "ES384"}
"""The JOSE ``alg`` with which each kind of key signs; nothing else is ever accepted from it."""

_SAME_ALG: Final[Mapping[Algorithm, frozenset[str]]] = {
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),  # RFC 9864 gives the old name a precise twin
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
}
_KTY: Final[Mapping[Algorithm, str]] = {"Ed25519": "OKP", "P-256": "EC", "P-384": "EC"}
_MEMBERS: Final = ("kty", "crv", "x", "y")
_SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})


def to_jwk(key: PublicKey) -> Json:
    """Return ``kty``, ``crv``, ``x`` and, for elliptic curves, ``y``."""
    members = _jwk(key).export_public(as_dict=True)
    return {name: members[name] for name in _MEMBERS if name in members}


def from_jwk(jwk: Json) -> PublicKey:
    """Return the signature key that ``jwk`` holds.

    Raises MalformedValueError when it holds a secret, is not for signing, contradicts itself, is of
    an unknown type, or is no point of its curve.
    """
    _refuse_secret(jwk)
    algorithm = _algorithm(jwk)
    _refuse_other_use(jwk, algorithm)
    members: Json = {name: jwk[name] for name in _MEMBERS if name in jwk}
    _require_coordinates(members, algorithm)
    try:
        public = JWK(**members).get_op_key("verify")
    except ValueError:  # cryptography says so of a point beside the curve
        raise MalformedValueError("key.not_on_curve", algorithm=algorithm) from None
    return public_key(algorithm, public)


def thumbprint(key: PublicKey) -> str:
    """Return the base64url SHA-256 thumbprint of the key (RFC 7638)."""
    return str(_jwk(key).thumbprint())


def _jwk(key: PublicKey) -> JWK:
    return JWK.from_pyca(load(key))


def _refuse_secret(jwk: Json) -> None:
    if not _SECRET_MEMBERS.isdisjoint(jwk):
        raise MalformedValueError("key.secret_shown")


def _algorithm(jwk: Json) -> Algorithm:
    kty, crv = a_text(jwk.get("kty"), "kty"), jwk.get("crv")
    for algorithm, expected in _KTY.items():
        if algorithm == crv and kty == expected:
            return algorithm
    raise MalformedValueError("key.type_unsupported")


def _refuse_other_use(jwk: Json, algorithm: Algorithm) -> None:
    """RFC 7517 §4.2-4.4: ``use``, ``key_ops`` and ``alg`` bind whoever uses the key."""
    operations = texts(jwk.get("key_ops"), "key_ops")
    if a_text(jwk.get("use", "sig"), "use") != "sig" or (operations and "verify" not in operations):
        raise MalformedValueError("key.not_for_signing")
    if a_text(jwk.get("alg", ALG[algorithm]), "alg") not in _SAME_ALG[algorithm]:
        raise MalformedValueError("key.alg_mismatch", algorithm=algorithm)


def _require_coordinates(members: Json, algorithm: Algorithm) -> None:
    """RFC 7518 §6.2.1.2: full length, leading zeros included; RFC 8037 §2: no ``y`` for OKP."""
    wanted = ("x", "y") if _KTY[algorithm] == "EC" else ("x",)
    if ("y" in members) != ("y" in wanted):
        raise MalformedValueError("key.coordinates", algorithm=algorithm)
    for name in wanted:
        found = len(_coordinate(a_text(members.get(name), name), algorithm))
        if found != SCALAR_BYTES[algorithm]:
            raise MalformedValueError("key.length", expected=SCALAR_BYTES[algorithm], found=found)


def _coordinate(text: str, algorithm: Algorithm) -> bytes:
    try:
        return base64url.decode(text)
    except ParsingError:
        raise MalformedValueError("key.coordinates", algorithm=algorithm) from None
