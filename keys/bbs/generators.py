"""One point of G1 for each message and one for what surrounds them, the same for everybody (draft §4.1.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from boundary import limits
from keys.bbs.ciphersuite import EXPAND_BYTES, Ciphersuite
from keys.bbs.curve import G1Point
from problems import LimitError

_LEAST: Final = 32


@dataclass(frozen=True)
class Generators:
    """``q1`` goes with the domain, ``h`` with the messages; ``octets`` are all of them, serialized."""

    q1: G1Point
    h: Sequence[G1Point]
    octets: bytes


def create_generators(count: int, suite: Ciphersuite) -> Generators:
    """Return the generators for ``count`` messages; raise LimitError beyond ``limits.BBS_MESSAGES``."""
    if count > limits.BBS_MESSAGES:
        raise LimitError("bbs.too_many_messages", limit=limits.BBS_MESSAGES)
    return _first(count, suite)


@lru_cache(maxsize=64)
def _first(count: int, suite: Ciphersuite) -> Generators:
    rounded = max(_LEAST, 1 << count.bit_length())
    points = _points(rounded, suite)[: count + 1]
    octets = b"".join(point.to_compressed_bytes() for point in points)
    return Generators(points[0], points[1:], octets)


@lru_cache(maxsize=16)
def _points(count: int, suite: Ciphersuite) -> tuple[G1Point, ...]:
    """Each costs a hash to the curve, so they are kept; counts are rounded up, so there are few."""
    return tuple(_hash_to_generators(count, suite))


def _hash_to_generators(count: int, suite: Ciphersuite) -> Iterator[G1Point]:
    """hash_to_generators (draft §4.1.1)."""
    seed_dst = suite.api_id + b"SIG_GENERATOR_SEED_"
    generator_dst = suite.api_id + b"SIG_GENERATOR_DST_"
    seed = suite.expand(suite.api_id + b"MESSAGE_GENERATOR_SEED", seed_dst, EXPAND_BYTES)
    for number in range(1, count + 1):
        seed = suite.expand(seed + number.to_bytes(8), seed_dst, EXPAND_BYTES)
        yield suite.hash_to_curve(seed, generator_dst)
