"""A certificate authority for development: on one machine, for its own keys and host names.

Nobody else trusts it, and nobody should: it vouches for whatever its owner tells it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from keys.public import PublicKey, load
from keys.x509.chain import Chain
from problems import MalformedValueError

_YEARS = dt.timedelta(days=3_650)
_LEAF = dt.timedelta(days=365)
_BEFORE = dt.timedelta(hours=1)  # clocks differ


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, name: str, now: dt.datetime) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(subject, subject, key.public_key(), now, _YEARS)
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def read(cls, pem: bytes) -> "Authority":
        """Return the authority that :meth:`pem` wrote; raise MalformedValueError ``x509.malformed``."""
        try:
            key = load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate(pem)
        except ValueError:
            raise MalformedValueError("x509.malformed") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise MalformedValueError("x509.malformed")
        return cls(certificate, key)

    @property
    def pem(self) -> bytes:
        """Return the secret key and the certificate, to be kept where only their owner reads."""
        key = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate.public_bytes(Encoding.PEM)

    def certify(
        self,
        key: PublicKey,
        organisation: str,
        now: dt.datetime,
        *,
        hosts: Sequence[str] = (),
        uris: Sequence[str] = (),
    ) -> Chain:
        """Return a chain of one certificate for ``key``, which the anchor is not part of."""
        loaded = load(key)
        if not isinstance(loaded, ec.EllipticCurvePublicKey | Ed25519PublicKey):
            raise MalformedValueError("x509.key")
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            ]
        )
        names = [*map(x509.DNSName, hosts), *map(x509.UniformResourceIdentifier, uris)]
        builder = _builder(subject, self.certificate.subject, loaded, now, _LEAF)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(authority=False), critical=True)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(loaded), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Chain((certificate,))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey | Ed25519PublicKey,
    now: dt.datetime,
    lasts: dt.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + lasts)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
