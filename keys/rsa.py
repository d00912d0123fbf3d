"""RSA keys of badge issuers: read and verified with, never made (Open Badges 3.0 §8.2 demands RS256)."""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from boundary import base64url
from boundary.shape import a_text
from boundary.strict_json import Json
from problems import MalformedValueError, ParsingError, ProofVerificationError

_BITS: Final = range(
    2_048, 8_193
)  # RFC 7518 §3.3 asks for 2,048; larger ones cost who verifies, not who signs
_EXPONENT: Final = 65_537
_SECRET_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


@dataclass(frozen=True)
class RsaKey:
    """``modulus`` has 2,048 to 8,192 bits; the exponent is 65537, as with every honest key."""

    modulus: int

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when this key made ``signature`` over ``data`` with RS256 (RFC 7518 §3.3).

        Raises ProofVerificationError.
        """
        key = RSAPublicNumbers(_EXPONENT, self.modulus).public_key()
        try:
            key.verify(signature, data, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise ProofVerificationError("signature.invalid") from None


def from_rsa_jwk(jwk: Json) -> RsaKey:
    """Return the key of a JWK of type RSA (RFC 7518 §6.3.1).

    Raises MalformedValueError when it holds a secret, is not for RS256 signatures, or is of a size or
    exponent that no honest key has.
    """
    if not _SECRET_MEMBERS.isdisjoint(jwk):
        raise MalformedValueError("key.secret_shown")
    if a_text(jwk.get("use", "sig"), "use") != "sig" or a_text(jwk.get("alg", "RS256"), "alg") != "RS256":
        raise MalformedValueError("key.not_for_signing")
    modulus, exponent = _number(jwk, "n"), _number(jwk, "e")
    if modulus.bit_length() not in _BITS or modulus % 2 == 0 or exponent != _EXPONENT:
        raise MalformedValueError("key.rsa_weak")
    return RsaKey(modulus)


def _number(jwk: Json, name: str) -> int:
    try:
        return int.from_bytes(base64url.decode(a_text(jwk.get(name), name)))
    except ParsingError:
        raise MalformedValueError("key.coordinates", algorithm="RSA") from None
