"""Signers whose private key stands in this process's memory."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from keys.bbs.private import BbsPrivateKey
from keys.dids import key as did_key
from keys.multikey import SECRET_BYTES
from keys.public import CURVES, HASHES, SCALAR_BYTES, PublicKey, public_key
from keys.signer import Algorithm
from problems import InputError, MalformedValueError

_SCHEMES = {name: ec.ECDSA(hash_, deterministic_signing=True) for name, hash_ in HASHES.items()}
_REQUEST_HASHES: dict[Algorithm, hashes.SHA256 | hashes.SHA384] = {
    "P-256": hashes.SHA256(),
    "P-384": hashes.SHA384(),
}
_PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | MLDSA44PrivateKey | BbsPrivateKey


@dataclass(frozen=True)
class LocalSigner:
    """Signs with a private key in memory; what it returns has been verified with the public key.

    ECDSA signatures are deterministic (RFC 6979): no weak random number ever gives the key away.
    """

    algorithm: Algorithm
    verification_method: str
    _key: _PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(
        cls,
        algorithm: Algorithm,
        verification_method: str | None = None,
        *,
        random: Callable[[int], bytes] = os.urandom,
    ) -> "LocalSigner":
        """Return a signer with a new key, named by its did:key URL unless another name is given."""
        while True:
            try:
                return cls.from_secret(algorithm, random(SECRET_BYTES[algorithm]), verification_method)
            except MalformedValueError:  # zero or beyond the curve's order: drawn again
                continue

    @classmethod
    def from_secret(
        cls, algorithm: Algorithm, secret: bytes, verification_method: str | None = None
    ) -> "LocalSigner":
        """Return the signer of a seed (Ed25519, ML-DSA-44: 32 bytes) or a big-endian scalar (32 or 48 bytes).

        With a Bls12381G2 secret it is a :class:`LocalMessagesSigner`. Raises MalformedValueError when the
        secret is none of this algorithm.
        """
        key = _private_key(algorithm, secret)
        name = verification_method or did_key.verification_method(public_key(algorithm, key.public_key()))
        made = LocalMessagesSigner if isinstance(key, BbsPrivateKey) else LocalSigner
        return made(algorithm, name, key)

    @classmethod
    def one_time(cls, algorithm: Literal["P-256", "P-384"]) -> "LocalSigner":
        """Return a signer with a new key, which has no name: for :meth:`sign_each`, and then forgotten."""
        return cls(algorithm, "", ec.generate_private_key(CURVES[algorithm]))

    @cached_property
    def public_key(self) -> PublicKey:
        return public_key(self.algorithm, self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        signature = self._sign(data)
        self.public_key.verify(signature, data)  # a faulty signature can give the key away
        return signature

    def sign_request(self, request: x509.CertificateSigningRequestBuilder) -> bytes:
        """Return a request for a certificate of this key (PEM); raise InputError for a kind that has none."""
        match self._key:
            case Ed25519PrivateKey() as key:
                return request.sign(key, None).public_bytes(Encoding.PEM)
            case ec.EllipticCurvePrivateKey() as curve:
                return request.sign(curve, _REQUEST_HASHES[self.algorithm]).public_bytes(Encoding.PEM)
            case _:
                raise InputError("x509.no_request", algorithm=self.algorithm)

    def sign_each(self, messages: Iterable[bytes]) -> list[bytes]:
        """Return the signature of each message, none of them verified: for a one-time key only.

        What gives a key away is a faulty signature beside a right one of the same message, and a one-time
        key signs each message once.
        """
        return [self._sign(message) for message in messages]

    def _sign(self, data: bytes) -> bytes:
        scheme = _SCHEMES.get(self.algorithm)
        if scheme is not None:
            size = SCALAR_BYTES[self.algorithm]
            r, s = decode_dss_signature(cast(ec.EllipticCurvePrivateKey, self._key).sign(data, scheme))
            return r.to_bytes(size) + s.to_bytes(size)
        if isinstance(self._key, BbsPrivateKey):
            return self._key.sign(b"", [data])
        return cast(Ed25519PrivateKey | MLDSA44PrivateKey, self._key).sign(data)


@dataclass(frozen=True)
class LocalMessagesSigner(LocalSigner):
    """Signs many messages at once (BBS), as :class:`keys.signer.MessagesSigner` says."""

    @property
    def public_bytes(self) -> bytes:
        return self.public_key.raw

    def sign_messages(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """Raises LimitError for too many messages."""
        return cast(BbsPrivateKey, self._key).sign(header, messages)


def secret_of(signer: LocalSigner) -> bytes:
    """Return the seed or scalar, for those who seal it: key files and the wallet's vault."""
    if isinstance(signer._key, ec.EllipticCurvePrivateKey):
        return signer._key.private_numbers().private_value.to_bytes(SCALAR_BYTES[signer.algorithm])
    return signer._key.private_bytes_raw()


def _private_key(algorithm: Algorithm, secret: bytes) -> _PrivateKey:
    expected = SECRET_BYTES[algorithm]
    if len(secret) != expected:
        raise MalformedValueError("key.length", expected=expected, found=len(secret))
    try:
        if algorithm == "Ed25519":
            return Ed25519PrivateKey.from_private_bytes(secret)
        if algorithm == "ML-DSA-44":
            return MLDSA44PrivateKey.from_seed_bytes(secret)
        if algorithm == "Bls12381G2":
            return BbsPrivateKey(secret)
        return ec.derive_private_key(int.from_bytes(secret), CURVES[algorithm])
    except ValueError:
        raise MalformedValueError("key.not_on_curve", algorithm=algorithm) from None
