"""A public key, and what it can say: "I made this signature", or nothing."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.edwards import require_sound
from keys.signer import Algorithm
from problems import MalformedValueError, ProofVerificationError

CURVES: dict[Algorithm, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
HASHES: dict[Algorithm, hashes.HashAlgorithm] = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}
SCALAR_BYTES: dict[Algorithm, int] = {"Ed25519": 32, "P-256": 32, "P-384": 48}
LibraryKey: TypeAlias = Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class PublicKey:
    """``raw`` is 32 bytes for Ed25519, the compressed point (33 or 49 bytes) for P-256 and P-384.

    Raises MalformedValueError when the bytes are no point of the curve.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        try:
            load(self)
        except ValueError:
            raise MalformedValueError("key.not_on_curve", algorithm=self.algorithm) from None

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when this key made the raw ``signature`` over ``data``; raise ProofVerificationError."""
        key, size = load(self), 2 * SCALAR_BYTES[self.algorithm]
        if len(signature) != size:
            raise ProofVerificationError("signature.length", expected=size, found=len(signature))
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, data)
            else:
                r, s = signature[: size // 2], signature[size // 2 :]
                der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
                key.verify(der, data, ec.ECDSA(HASHES[self.algorithm]))
        except InvalidSignature:
            raise ProofVerificationError("signature.invalid") from None


@lru_cache(maxsize=256)
def load(key: PublicKey) -> LibraryKey:
    """Return the library's form of ``key``; raise ValueError when its bytes are no honest point."""
    if key.algorithm == "Ed25519":
        require_sound(key.raw)
        return Ed25519PublicKey.from_public_bytes(key.raw)
    if len(key.raw) != SCALAR_BYTES[key.algorithm] + 1:
        raise ValueError("not a compressed point")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[key.algorithm], key.raw)


def public_key(algorithm: Algorithm, key: LibraryKey) -> PublicKey:
    """Return our form of the library's ``key``."""
    if isinstance(key, Ed25519PublicKey):
        return PublicKey(algorithm, key.public_bytes_raw())
    return PublicKey(algorithm, key.public_bytes(ser.Encoding.X962, ser.PublicFormat.CompressedPoint))
