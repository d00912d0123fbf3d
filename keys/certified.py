"""A signer whose key an authority certified: what it signs can carry the chain."""

from dataclasses import dataclass, field

from keys.delegated import DelegatedSigner
from keys.x509.chain import Chain


@dataclass(frozen=True)
class CertifiedSigner(DelegatedSigner):
    """:class:`keys.signer.Signer` with the ``chain`` of its key."""

    chain: Chain = field(repr=False)
