"""Keys as Multikey: a multicodec prefix and the raw key, in base58btc behind a ``z``.

Controlled Identifiers 1.0 §2.2.2 (Multikey) and §2.4 (Multibase). The prefixes are unsigned varints
of the multicodec table. ML-DSA keys, for which base58 would be slow, are in base64url behind a ``u``
(Quantum-Resistant Cryptosuites 1.0, Multikey). No key has two spellings.
"""

from collections.abc import Mapping
from typing import Final

from boundary import base58btc, base64url, limits
from keys.public import PUBLIC_BYTES, PublicKey
from keys.signer import Algorithm
from problems import MalformedValueError, ParsingError

_PUBLIC: Final[Mapping[bytes, Algorithm]] = {
    b"\xed\x01": "Ed25519",
    b"\x80\x24": "P-256",
    b"\x81\x24": "P-384",
    b"\x90\x24": "ML-DSA-44",
    b"\xeb\x01": "Bls12381G2",
}
_SECRET: Final[Mapping[bytes, Algorithm]] = {
    b"\x80\x26": "Ed25519",
    b"\x86\x26": "P-256",
    b"\x87\x26": "P-384",
    b"\x9a\x26": "ML-DSA-44",  # the seed, never the expanded key
    b"\x8a\x26": "Bls12381G2",
}
_IN_BASE64URL: Final = frozenset({"ML-DSA-44"})
SECRET_BYTES: Final[Mapping[Algorithm, int]] = {
    "Ed25519": 32,  # a seed
    "P-256": 32,  # a big-endian scalar, as the next
    "P-384": 48,
    "ML-DSA-44": 32,  # a seed (FIPS 204 §3.6.3)
    "Bls12381G2": 32,  # a big-endian scalar
}


def encode(key: PublicKey) -> str:
    """Return ``publicKeyMultibase``."""
    return _encode(_PUBLIC, key.algorithm, key.raw)


def decode(text: str) -> PublicKey:
    """Return the key of a ``publicKeyMultibase``; raise MalformedValueError."""
    algorithm, raw = _decode(_PUBLIC, text)
    _require_length(raw, PUBLIC_BYTES[algorithm])
    return PublicKey(algorithm, raw)


def encode_secret(algorithm: Algorithm, secret: bytes) -> str:
    """Return ``secretKeyMultibase`` of a secret as :data:`SECRET_BYTES` has it."""
    return _encode(_SECRET, algorithm, secret)


def decode_secret(text: str) -> tuple[Algorithm, bytes]:
    """Return the algorithm and the secret of a ``secretKeyMultibase``; raise MalformedValueError."""
    algorithm, secret = _decode(_SECRET, text)
    _require_length(secret, SECRET_BYTES[algorithm])
    return algorithm, secret


def _encode(codes: Mapping[bytes, Algorithm], algorithm: Algorithm, raw: bytes) -> str:
    prefix = next(prefix for prefix, name in codes.items() if name == algorithm)
    data = prefix + raw
    return "u" + base64url.encode(data) if algorithm in _IN_BASE64URL else base58btc.encode(data)


def _decode(codes: Mapping[bytes, Algorithm], text: str) -> tuple[Algorithm, bytes]:
    data = _bytes(text)
    algorithm = codes.get(data[:2])
    if algorithm is None:
        raise MalformedValueError("key.type_unsupported")
    if (algorithm in _IN_BASE64URL) != text.startswith("u"):
        raise MalformedValueError("key.multibase")
    return algorithm, data[2:]


def _bytes(text: str) -> bytes:
    try:
        if text.startswith("u") and len(text) <= limits.DID_CHARS:
            return base64url.decode(text[1:])
        return base58btc.decode(text)
    except ParsingError:
        raise MalformedValueError("key.multibase") from None


def _require_length(raw: bytes, expected: int) -> None:
    if len(raw) != expected:
        raise MalformedValueError("key.length", expected=expected, found=len(raw))
