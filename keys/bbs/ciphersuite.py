"""The two ciphersuites: how messages become scalars and points (draft §7, RFC 9380 §5.3).

bbs-2023 signs with SHA-256; SHAKE-256 is here because the two differ in one function.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from keys.bbs.curve import G1Point, Scalar, g1, hash_to_g1, map_to_g1, reduced, split

EXPAND_BYTES: Final = 48
Expand = Callable[[bytes, bytes, int], bytes]
"""expand_message: message, domain separation tag, how many octets."""


@dataclass(frozen=True)
class Ciphersuite:
    """``expand`` is the suite's expand_message, ``hash_to_curve`` hashes to G1 with it."""

    id: bytes
    p1: bytes
    expand: Expand
    hash_to_curve: Callable[[bytes, bytes], G1Point]

    @property
    def api_id(self) -> bytes:
        """The identifier of the interface that hashes messages and generators (draft §6.2)."""
        return self.id + b"H2G_HM2S_"

    @cached_property
    def base_point(self) -> G1Point:
        return g1(self.p1)

    def hash_to_scalar(self, message: bytes, dst: bytes | None = None) -> Scalar:
        """hash_to_scalar (draft §4.2.2); ``H2S_`` of the interface unless another tag is given."""
        return reduced(self.expand(message, dst or self.api_id + b"H2S_", EXPAND_BYTES))

    def messages_to_scalars(self, messages: Iterable[bytes]) -> list[Scalar]:
        """messages_to_scalars (draft §4.1.2)."""
        dst = self.api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_"
        return [self.hash_to_scalar(message, dst) for message in messages]


def expand_message_xmd(message: bytes, dst: bytes, size: int) -> bytes:
    """expand_message_xmd with SHA-256 (RFC 9380 §5.3.1), for at most 255 blocks."""
    tag = dst + bytes([len(dst)])
    first = hashlib.sha256(bytes(64) + message + size.to_bytes(2) + b"\0" + tag).digest()
    blocks = [hashlib.sha256(first + b"\1" + tag).digest()]
    for number in range(2, -(-size // 32) + 1):
        mixed = bytes(a ^ b for a, b in zip(first, blocks[-1], strict=True))
        blocks.append(hashlib.sha256(mixed + bytes([number]) + tag).digest())
    return b"".join(blocks)[:size]


def expand_message_xof(message: bytes, dst: bytes, size: int) -> bytes:
    """expand_message_xof with SHAKE-256 (RFC 9380 §5.3.2)."""
    return hashlib.shake_256(message + size.to_bytes(2) + dst + bytes([len(dst)])).digest(size)


def _hash_to_g1_xof(message: bytes, dst: bytes) -> G1Point:
    return map_to_g1(expand_message_xof(message, dst, 128))


SHA256: Final = Ciphersuite(
    id=b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_",
    p1=bytes.fromhex(
        "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"
    ),
    expand=expand_message_xmd,
    hash_to_curve=hash_to_g1,
)
SHAKE256: Final = Ciphersuite(
    id=b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_",
    p1=bytes.fromhex(
        "8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c795e106e9eada6e0bda386b414150755"
    ),
    expand=expand_message_xof,
    hash_to_curve=_hash_to_g1_xof,
)


def random_scalars(count: int, random: Callable[[int], bytes]) -> list[Scalar]:
    """calculate_random_scalars (draft §4.2.1): 48 random octets for each, so that none is likelier."""
    return [reduced(octets) for octets in split(random(EXPAND_BYTES * count), EXPAND_BYTES)]
