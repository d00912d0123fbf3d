"""Sign and verify (draft §3.5.1, §3.5.2): 80 octets, a point A and a scalar e."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keys.bbs.ciphersuite import SHA256, Ciphersuite
from keys.bbs.curve import (
    BP2,
    G1_BYTES,
    SCALAR_BYTES,
    G1Point,
    Scalar,
    g1,
    g2,
    pairs_to_one,
    scalar,
    serialize,
    sum_of,
)
from keys.bbs.generators import Generators, create_generators
from problems import ProofVerificationError

SIGNATURE_BYTES: Final = G1_BYTES + SCALAR_BYTES


@dataclass(frozen=True)
class Statement:
    """What a signature is over, as the scheme sees it: a scalar per message, and one for all around them."""

    suite: Ciphersuite
    generators: Generators
    domain: Scalar
    scalars: Sequence[Scalar]

    def point(self) -> G1Point:
        """Return B, which commits to all of it."""
        points = [self.generators.q1, *self.generators.h]
        return self.suite.base_point + sum_of(points, [self.domain, *self.scalars])


def statement(public_key: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite) -> Statement:
    """Raises LimitError for too many messages."""
    generators = create_generators(len(messages), suite)
    domain = calculate_domain(public_key, generators, header, suite)
    return Statement(suite, generators, domain, suite.messages_to_scalars(messages))


def calculate_domain(public_key: bytes, generators: Generators, header: bytes, suite: Ciphersuite) -> Scalar:
    """calculate_domain (draft §4.2.3)."""
    around = public_key + len(generators.h).to_bytes(8) + generators.octets + suite.api_id
    return suite.hash_to_scalar(around + len(header).to_bytes(8) + header)


def public_key_of(secret: bytes) -> bytes:
    """SkToPk (draft §3.4.2); raise ValueError for what is no scalar."""
    return (BP2 * scalar(secret)).to_compressed_bytes()


def sign(secret: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite = SHA256) -> bytes:
    """Return the signature, the same each time. Raises LimitError; ValueError for what is no secret."""
    key = scalar(secret)
    given = statement(public_key_of(secret), header, messages, suite)
    e = suite.hash_to_scalar(serialize(key, *given.scalars, given.domain))
    return serialize(given.point() * (key + e).inverse(), e)


def verify(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    messages: Sequence[bytes],
    suite: Ciphersuite = SHA256,
) -> None:
    """Return when the signature holds; raise ProofVerificationError, or LimitError for too many messages."""
    a, e = read_signature(signature)
    given = statement(public_key, header, messages, suite)
    if not pairs_to_one((a, g2(public_key) + BP2 * e), (given.point(), -BP2)):
        raise ProofVerificationError("signature.invalid")


def read_signature(signature: bytes) -> tuple[G1Point, Scalar]:
    """octets_to_signature (draft §4.2.4.3); raise ProofVerificationError."""
    if len(signature) != SIGNATURE_BYTES:
        raise ProofVerificationError("signature.length", expected=SIGNATURE_BYTES, found=len(signature))
    try:
        return g1(signature[:G1_BYTES]), scalar(signature[G1_BYTES:])
    except ValueError:
        raise ProofVerificationError("signature.invalid") from None
