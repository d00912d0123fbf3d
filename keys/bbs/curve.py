"""Points of BLS12-381 and their octets. The one module that imports the curve's library.

Octets from elsewhere are a point only if they are its one encoding, it lies in the group of prime order,
and it is not the identity; a scalar is neither zero nor beyond the order (draft §4.2.4). The library
holds the first, not the others. It claims no constant time: sign where nobody measures.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

__all__ = ["BP2", "G1_BYTES", "G2_BYTES", "SCALAR_BYTES", "G1Point", "G2Point", "Scalar"]

SCALAR_BYTES: Final = 32
G1_BYTES: Final = 48
G2_BYTES: Final = 96
BP2: Final = G2Point()
"""The base point of G2, in whose multiples public keys are."""

_FIELD: Final = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)


def g1(octets: bytes) -> G1Point:
    """Return the point of 48 octets; raise ValueError."""
    point = G1Point.from_compressed_bytes(octets)
    if point == G1Point.identity() or point.to_compressed_bytes() != octets:
        raise ValueError("no honest point")
    return point


@lru_cache(maxsize=256)
def g2(octets: bytes) -> G2Point:
    """Return the point of 96 octets; raise ValueError. Remembered, for public keys come again."""
    point = G2Point.from_compressed_bytes(octets)
    if point == G2Point.identity() or point.to_compressed_bytes() != octets:
        raise ValueError("no honest point")
    return point


def scalar(octets: bytes) -> Scalar:
    """Return the scalar of 32 octets, big-endian; raise ValueError."""
    found = Scalar.from_be_bytes(octets)
    if found.is_zero():
        raise ValueError("zero")
    return found


def reduced(octets: bytes) -> Scalar:
    """Return the scalar that ``octets``, an integer of any length, is modulo the order."""
    return Scalar.from_be_bytes_mod_order(octets)


def split(octets: bytes, size: int) -> Iterator[bytes]:
    """Yield the pieces of ``size`` octets; the last one may be shorter."""
    return (octets[start : start + size] for start in range(0, len(octets), size))


def hash_to_g1(message: bytes, dst: bytes) -> G1Point:
    """hash_to_curve with SHA-256 (RFC 9380 §8.8.1)."""
    return G1Point.hash_to_curve(message, dst)


def map_to_g1(uniform: bytes) -> G1Point:
    """Return the point of 128 uniform octets (RFC 9380 §3, from ``u`` on)."""
    first, second = (_field_element(octets) for octets in split(uniform, 64))
    return G1Point.map_from_fp_be(first) + G1Point.map_from_fp_be(second)


def _field_element(octets: bytes) -> bytes:
    return (int.from_bytes(octets) % _FIELD).to_bytes(G1_BYTES)


def sum_of(points: Sequence[G1Point], scalars: Sequence[Scalar]) -> G1Point:
    """Return the sum of the points, each times its scalar; raise ValueError unless they are as many."""
    if len(points) != len(scalars):
        raise ValueError("one scalar for each point")
    return G1Point.multiexp_unchecked(list(points), list(scalars))


def pairs_to_one(left: tuple[G1Point, G2Point], right: tuple[G1Point, G2Point]) -> bool:
    """Whether the product of the two pairings is the identity."""
    return GT.pairing_check([left[0], right[0]], [left[1], right[1]])


def octets_of(value: "G1Point | Scalar | int") -> bytes:
    """Return the octets of one value, as ``serialize`` writes it (draft §4.2.4.1)."""
    if isinstance(value, int):
        return value.to_bytes(8)
    return value.to_be_bytes() if isinstance(value, Scalar) else value.to_compressed_bytes()


def serialize(*values: "G1Point | Scalar | int") -> bytes:
    """serialize (draft §4.2.4.1)."""
    return b"".join(map(octets_of, values))
