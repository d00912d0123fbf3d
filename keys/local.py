"""Signers whose private key stands in this process's memory."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from keys.dids import key as did_key
from keys.public import CURVES, HASHES, SCALAR_BYTES, PublicKey, public_key
from keys.signer import Algorithm
from problems import MalformedValueError

_PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


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
                return cls.from_secret(algorithm, random(SCALAR_BYTES[algorithm]), verification_method)
            except MalformedValueError:  # zero or beyond the curve's order: one draw in 2^32 or rarer
                continue

    @classmethod
    def from_secret(
        cls, algorithm: Algorithm, secret: bytes, verification_method: str | None = None
    ) -> "LocalSigner":
        """Return the signer of a 32-byte seed (Ed25519) or a big-endian scalar (32 or 48 bytes).

        Raises MalformedValueError when the secret is none of this algorithm.
        """
        key = _private_key(algorithm, secret)
        name = verification_method or did_key.verification_method(public_key(algorithm, key.public_key()))
        return cls(algorithm, name, key)

    @cached_property
    def public_key(self) -> PublicKey:
        return public_key(self.algorithm, self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        signature = self._sign(data)
        self.public_key.verify(signature, data)  # a faulty signature can give the key away
        return signature

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        scheme = ec.ECDSA(HASHES[self.algorithm], deterministic_signing=True)
        r, s = decode_dss_signature(self._key.sign(data, scheme))
        size = SCALAR_BYTES[self.algorithm]
        return r.to_bytes(size) + s.to_bytes(size)


def secret_of(signer: LocalSigner) -> bytes:
    """Return the seed or scalar, for those who seal it: key files and the wallet's vault."""
    if isinstance(signer._key, Ed25519PrivateKey):
        return signer._key.private_bytes_raw()
    return signer._key.private_numbers().private_value.to_bytes(SCALAR_BYTES[signer.algorithm])


def _private_key(algorithm: Algorithm, secret: bytes) -> _PrivateKey:
    expected = SCALAR_BYTES[algorithm]
    if len(secret) != expected:
        raise MalformedValueError("key.length", expected=expected, found=len(secret))
    if algorithm == "Ed25519":
        return Ed25519PrivateKey.from_private_bytes(secret)
    try:
        return ec.derive_private_key(int.from_bytes(secret), CURVES[algorithm])
    except ValueError:
        raise MalformedValueError("key.not_on_curve", algorithm=algorithm) from None
