"""Keys as Multikey: a multicodec prefix and the raw key, in base58btc behind a ``z``.

Controlled Identifiers 1.0 §2.2.2 (Multikey) and §2.4 (Multibase). The prefixes are unsigned varints
of the multicodec table.
"""

from collections.abc import Mapping
from typing import Final

from boundary import base58btc
from keys.public import SCALAR_BYTES, PublicKey
from keys.signer import Algorithm
from problems import MalformedValueError, ParsingError

_PUBLIC: Final[Mapping[bytes, Algorithm]] = {
    b"\xed\x01": "Ed25519",
    b"\x80\x24": "P-256",
    b"\x81\x24": "P-384",
}
_SECRET: Final[Mapping[bytes, Algorithm]] = {
    b"\x80\x26": "Ed25519",
    b"\x86\x26": "P-256",
    b"\x87\x26": "P-384",
}


def encode(key: PublicKey) -> str:
    """Return ``publicKeyMultibase``."""
    return _encode(_PUBLIC, key.algorithm, key.raw)


def decode(text: str) -> PublicKey:
    """Return the key of a ``publicKeyMultibase``; raise MalformedValueError."""
    algorithm, raw = _decode(_PUBLIC, text)
    _require_length(raw, SCALAR_BYTES[algorithm] + (algorithm != "Ed25519"))
    return PublicKey(algorithm, raw)


def encode_secret(algorithm: Algorithm, secret: bytes) -> str:
    """Return ``secretKeyMultibase`` of a 32-byte seed or a big-endian scalar of the curve's size."""
    return _encode(_SECRET, algorithm, secret)


def decode_secret(text: str) -> tuple[Algorithm, bytes]:
    """Return the algorithm and the secret of a ``secretKeyMultibase``; raise MalformedValueError."""
    algorithm, secret = _decode(_SECRET, text)
    _require_length(secret, SCALAR_BYTES[algorithm])
    return algorithm, secret


def _encode(codes: Mapping[bytes, Algorithm], algorithm: Algorithm, raw: bytes) -> str:
    prefix = next(prefix for prefix, name in codes.items() if name == algorithm)
    return base58btc.encode(prefix + raw)


def _decode(codes: Mapping[bytes, Algorithm], text: str) -> tuple[Algorithm, bytes]:
    try:
        data = base58btc.decode(text)
    except ParsingError:
        raise MalformedValueError("key.multibase") from None
    algorithm = codes.get(data[:2])
    if algorithm is None:
        raise MalformedValueError("key.type_unsupported")
    return algorithm, data[2:]


def _require_length(raw: bytes, expected: int) -> None:
    if len(raw) != expected:
        raise MalformedValueError("key.length", expected=expected, found=len(raw))
