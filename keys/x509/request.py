"""A request for a certificate (PKCS #10, RFC 2986): what an authority is asked to certify."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.x509.oid import NameOID


def build(
    organisation: str, *, hosts: Sequence[str] = (), uris: Sequence[str] = ()
) -> x509.CertificateSigningRequestBuilder:
    """Return the unsigned request of ``organisation`` for a key that signs under these names."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    names = [*map(x509.DNSName, hosts), *map(x509.UniformResourceIdentifier, uris)]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder
