"""A public key, and what it can say: "I made this signature", or nothing."""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.signer import Algorithm
from problems import MalformedValueError, ProofVerificationError

CURVES: dict[Algorithm, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
HASHES: dict[Algorithm, hashes.HashAlgorithm] = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}
SCALAR_BYTES: dict[Algorithm, int] = {"Ed25519": 32, "P-256": 32, "P-384": 48}


@dataclass(frozen=True)
class PublicKey:
    """``raw`` is 32 bytes for Ed25519, the compressed point (33 or 49 bytes) for P-256 and P-384.

    Raises MalformedValueError when the bytes are no point of the curve.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        try:
            self._loaded()
        except ValueError:
            raise MalformedValueError("key.not_on_curve", algorithm=self.algorithm) from None

    def _loaded(self) -> Ed25519PublicKey | ec.EllipticCurvePublicKey:
        if self.algorithm == "Ed25519":
            return Ed25519PublicKey.from_public_bytes(self.raw)
        if len(self.raw) != SCALAR_BYTES[self.algorithm] + 1:
            raise ValueError("not a compressed point")
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVES[self.algorithm], self.raw)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when this key made the raw ``signature`` over ``data``; raise ProofVerificationError."""
        key, size = self._loaded(), 2 * SCALAR_BYTES[self.algorithm]
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
