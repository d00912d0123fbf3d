"""A public key, and what it can say: "I made this signature", or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.bbs import signature as bbs
from keys.bbs.curve import G2Point, g2
from keys.edwards import require_sound
from keys.signer import Algorithm
from problems import MalformedValueError, ProofVerificationError

CURVES: dict[Algorithm, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
HASHES: dict[Algorithm, hashes.HashAlgorithm] = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}
_SCHEMES = {name: ec.ECDSA(hash_) for name, hash_ in HASHES.items()}
SCALAR_BYTES: dict[Algorithm, int] = {"Ed25519": 32, "P-256": 32, "P-384": 48}
"""Of a coordinate, and of a secret."""
PUBLIC_BYTES: dict[Algorithm, int] = {
    "Ed25519": 32, "P-256": 33, "P-384": 49, "ML-DSA-44": 1_312, "Bls12381G2": 96,
}  # fmt: skip
SIGNATURE_BYTES: dict[Algorithm, int] = {
    "Ed25519": 64, "P-256": 64, "P-384": 96, "ML-DSA-44": 2_420, "Bls12381G2": bbs.SIGNATURE_BYTES,
}  # fmt: skip
LibraryKey: TypeAlias = Ed25519PublicKey | ec.EllipticCurvePublicKey | MLDSA44PublicKey | G2Point


@dataclass(frozen=True)
class PublicKey:
    """``raw`` is 32 bytes for Ed25519, the compressed point (33 or 49 bytes) for P-256 and P-384, 1,312
    bytes for ML-DSA-44, the compressed point of G2 (96 bytes) for Bls12381G2.

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
        size = SIGNATURE_BYTES[self.algorithm]
        if len(signature) != size:
            raise ProofVerificationError("signature.length", expected=size, found=len(signature))
        try:
            self._check(signature, data)
        except InvalidSignature:
            raise ProofVerificationError("signature.invalid") from None

    @cached_property
    def _check(self) -> Callable[[bytes, bytes], None]:
        match load(self):
            case Ed25519PublicKey() | MLDSA44PublicKey() as key:
                return key.verify
            case ec.EllipticCurvePublicKey() as key:
                return partial(_check_ecdsa, key.verify, _SCHEMES[self.algorithm])
            case G2Point():
                return lambda signature, data: bbs.verify(self.raw, signature, b"", [data])

    def __reduce__(self) -> tuple[type, tuple[Algorithm, bytes]]:
        return PublicKey, (self.algorithm, self.raw)  # not what was made of it


def _check_ecdsa(
    verify: Callable[[bytes, bytes, ec.EllipticCurveSignatureAlgorithm], None],
    scheme: ec.EllipticCurveSignatureAlgorithm,
    signature: bytes,
    data: bytes,
) -> None:
    """Raise InvalidSignature unless the raw signature, r‖s, is one of ``data``."""
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    verify(der, data, scheme)


@lru_cache(maxsize=256)
def load(key: PublicKey) -> LibraryKey:
    """Return the library's form of ``key``; raise ValueError when its bytes are no honest point."""
    if len(key.raw) != PUBLIC_BYTES[key.algorithm]:
        raise ValueError("too long or too short")
    if key.algorithm == "Ed25519":
        require_sound(key.raw)
        return Ed25519PublicKey.from_public_bytes(key.raw)
    if key.algorithm == "ML-DSA-44":
        return MLDSA44PublicKey.from_public_bytes(key.raw)
    if key.algorithm == "Bls12381G2":
        return g2(key.raw)
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[key.algorithm], key.raw)


def coordinates(key: PublicKey) -> tuple[bytes, bytes]:
    """Return x and y of a point of P-256 or P-384, each of the curve's size."""
    loaded, size = load(key), SCALAR_BYTES[key.algorithm]
    if not isinstance(loaded, ec.EllipticCurvePublicKey):
        raise TypeError("no point of P-256 or P-384")
    point = loaded.public_bytes(ser.Encoding.X962, ser.PublicFormat.UncompressedPoint)
    return point[1 : 1 + size], point[1 + size :]


def public_key(algorithm: Algorithm, key: LibraryKey) -> PublicKey:
    """Return our form of the library's ``key``."""
    if isinstance(key, Ed25519PublicKey | MLDSA44PublicKey):
        return PublicKey(algorithm, key.public_bytes_raw())
    if isinstance(key, G2Point):
        return PublicKey(algorithm, key.to_compressed_bytes())
    return PublicKey(algorithm, key.public_bytes(ser.Encoding.X962, ser.PublicFormat.CompressedPoint))
