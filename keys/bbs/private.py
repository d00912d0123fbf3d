"""A secret key that signs many messages at once. Its octets leave it only to be sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from keys.bbs import signature
from keys.bbs.curve import G2Point, g2


@dataclass(frozen=True)
class BbsPrivateKey:
    """Raises ValueError when the octets are no scalar."""

    _octets: bytes = field(repr=False)
    _public: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_public", signature.public_key_of(self._octets))

    def public_key(self) -> G2Point:
        return g2(self._public)

    def sign(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """Return a signature that was verified, for a faulty one can give the key away."""
        made = signature.sign(self._octets, header, messages)
        signature.verify(self._public, made, header, messages)
        return made

    def private_bytes_raw(self) -> bytes:
        return self._octets
