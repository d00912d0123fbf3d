"""Keys as JSON Web Keys (RFC 7517, 7518 §6.2, 8037 §2, 9964 §3). The one module that imports jwcrypto.

A holder's key is read and written once per credential, so that both stand here; jwcrypto, some eighty
microseconds a key, names them, and is the oracle of the tests.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from jwcrypto.jwk import JWK

from boundary import base64url
from boundary.shape import a_text, texts
from boundary.strict_json import Json
from keys.public import PUBLIC_BYTES, SCALAR_BYTES, PublicKey, coordinates
from keys.signer import Algorithm
from problems import MalformedValueError, ParsingError

ALG: Final[Mapping[Algorithm, str]] = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "ML-DSA-44": "ML-DSA-44",
}
"""The JOSE ``alg`` with which each kind of key signs; nothing else is ever accepted from it.

A kind that is not here (Bls12381G2) has no JSON Web Key: what the IETF drafted for it was never finished.
"""

_SAME_ALG: Final[Mapping[Algorithm, frozenset[str]]] = {
    "Ed25519": frozenset({"EdDSA", "Ed25519"}),  # RFC 9864 gives the old name a precise twin
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "ML-DSA-44": frozenset({"ML-DSA-44"}),
}
_KTY: Final[Mapping[Algorithm, str]] = {"Ed25519": "OKP", "P-256": "EC", "P-384": "EC", "ML-DSA-44": "AKP"}
_SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})


def to_jwk(key: PublicKey) -> Json:
    """Return ``kty``, ``crv``, ``x`` and, for elliptic curves, ``y``; for ML-DSA ``kty``, ``alg``, ``pub``.

    Raises MalformedValueError for a key that has no such form.
    """
    if not has_jwk(key.algorithm):
        raise MalformedValueError("key.no_jwk", algorithm=key.algorithm)
    kty = _KTY[key.algorithm]
    if kty == "AKP":
        return {"kty": kty, "alg": ALG[key.algorithm], "pub": base64url.encode(key.raw)}
    if kty == "OKP":
        return {"kty": kty, "crv": key.algorithm, "x": base64url.encode(key.raw)}
    x, y = map(base64url.encode, coordinates(key))
    return {"kty": kty, "crv": key.algorithm, "x": x, "y": y}


def from_jwk(jwk: Json) -> PublicKey:
    """Return the signature key that ``jwk`` holds.

    Raises MalformedValueError when it holds a secret, is not for signing, contradicts itself, is of
    an unknown type, or is no point of its curve.
    """
    _refuse_secret(jwk)
    algorithm = _algorithm(jwk)
    _refuse_other_use(jwk, algorithm)
    if _KTY[algorithm] == "AKP":
        return _from_algorithm_key_pair(jwk, algorithm)
    if ("y" in jwk) != (_KTY[algorithm] == "EC"):  # RFC 8037 §2: no ``y`` for OKP
        raise MalformedValueError("key.coordinates", algorithm=algorithm)
    return _key(
        algorithm, *(a_text(jwk.get(name), name) for name in ("x", "y") if name in jwk or name == "x")
    )


@lru_cache(maxsize=256)  # a holder's key is read several times on its way
def _key(algorithm: Algorithm, x: str, y: str = "") -> PublicKey:
    """RFC 7518 §6.2.1.2: coordinates have their full length, leading zeros included."""
    if not y:
        return PublicKey(algorithm, _coordinate(x, algorithm))
    point = _coordinate(x, algorithm), _coordinate(y, algorithm)
    key = PublicKey(algorithm, bytes([2 + (point[1][-1] & 1)]) + point[0])  # SEC 1 §2.3.3: x, is y odd
    if coordinates(key) != point:
        raise MalformedValueError("key.not_on_curve", algorithm=algorithm)
    return key


def has_jwk(algorithm: Algorithm) -> bool:
    """Whether keys of this kind can be JSON Web Keys."""
    return algorithm in _KTY


def _from_algorithm_key_pair(jwk: Json, algorithm: Algorithm) -> PublicKey:
    """RFC 9964 §3: one member holds the key, whatever the algorithm."""
    raw = _decoded(a_text(jwk.get("pub"), "pub"), algorithm)
    if len(raw) != PUBLIC_BYTES[algorithm]:
        raise MalformedValueError("key.length", expected=PUBLIC_BYTES[algorithm], found=len(raw))
    return PublicKey(algorithm, raw)


def thumbprint(key: PublicKey) -> str:
    """Return the base64url SHA-256 thumbprint of the key (RFC 7638)."""
    return str(JWK(**to_jwk(key)).thumbprint())


def _refuse_secret(jwk: Json) -> None:
    if not _SECRET_MEMBERS.isdisjoint(jwk):
        raise MalformedValueError("key.secret_shown")


def _algorithm(jwk: Json) -> Algorithm:
    kty = a_text(jwk.get("kty"), "kty")
    name = jwk.get("alg" if kty == "AKP" else "crv")
    for algorithm, expected in _KTY.items():
        if algorithm == name and kty == expected:
            return algorithm
    raise MalformedValueError("key.type_unsupported")


def _refuse_other_use(jwk: Json, algorithm: Algorithm) -> None:
    """RFC 7517 §4.2-4.4: ``use``, ``key_ops`` and ``alg`` bind whoever uses the key."""
    operations = texts(jwk.get("key_ops"), "key_ops")
    if a_text(jwk.get("use", "sig"), "use") != "sig" or (operations and "verify" not in operations):
        raise MalformedValueError("key.not_for_signing")
    if a_text(jwk.get("alg", ALG[algorithm]), "alg") not in _SAME_ALG[algorithm]:
        raise MalformedValueError("key.alg_mismatch", algorithm=algorithm)


def _coordinate(text: str, algorithm: Algorithm) -> bytes:
    octets = _decoded(text, algorithm)
    if len(octets) != SCALAR_BYTES[algorithm]:
        raise MalformedValueError("key.length", expected=SCALAR_BYTES[algorithm], found=len(octets))
    return octets


def _decoded(text: str, algorithm: Algorithm) -> bytes:
    try:
        return base64url.decode(text)
    except ParsingError:
        raise MalformedValueError("key.coordinates", algorithm=algorithm) from None
