"""A signer whose key an authority certified: what it signs can carry the chain."""

from dataclasses import dataclass, field

from keys.signer import Algorithm, Signer
from keys.x509.chain import Chain


@dataclass(frozen=True)
class CertifiedSigner:
    """:class:`keys.signer.Signer` with the ``chain`` of its key."""

    signer: Signer
    chain: Chain = field(repr=False)

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm

    @property
    def verification_method(self) -> str:
        return self.signer.verification_method

    def sign(self, data: bytes) -> bytes:
        return self.signer.sign(data)
