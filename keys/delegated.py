"""A signer that leaves signing to another, for those that do something beside it."""

from dataclasses import dataclass

from keys.signer import Algorithm, Signer


@dataclass(frozen=True)
class DelegatedSigner:
    """:class:`keys.signer.Signer` in the place of ``signer``."""

    signer: Signer

    @property
    def algorithm(self) -> Algorithm:
        return self.signer.algorithm

    @property
    def verification_method(self) -> str:
        return self.signer.verification_method

    def sign(self, data: bytes) -> bytes:
        return self.signer.sign(data)
