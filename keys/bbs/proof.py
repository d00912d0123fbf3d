"""Prove a signature without showing it, with some of its messages (draft §3.5.3, §3.5.4).

Every part of a proof is drawn anew, so that two proofs from one signature have nothing in common but what
they show.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from boundary import limits
from keys.bbs.ciphersuite import SHA256, Ciphersuite, random_scalars
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
    split,
    sum_of,
)
from keys.bbs.generators import create_generators
from keys.bbs.signature import calculate_domain, read_signature, statement
from problems import LimitError, ProofGenerationError, ProofVerificationError

_POINTS: Final = 3
_SCALARS: Final = 4
"""Those that every proof has; each message that is not shown has one more."""
FLOOR: Final = _POINTS * G1_BYTES + _SCALARS * SCALAR_BYTES


@dataclass(frozen=True)
class _Proof:
    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    e_hat: Scalar
    r1_hat: Scalar
    r3_hat: Scalar
    hidden: Sequence[Scalar]
    """One for each message that is not shown, in their order."""
    challenge: Scalar


def proof_gen(
    public_key: bytes,
    signature: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    suite: Ciphersuite = SHA256,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """ProofGen: the proof that shows the messages at the places ``disclosed``, which increase.

    The signature is not verified. Raises ProofGenerationError for a place that there is not,
    ProofVerificationError for what is no signature, LimitError.
    """
    _require_places(disclosed, len(messages), ProofGenerationError("bbs.indexes"))
    hidden = [place for place in range(len(messages)) if place not in set(disclosed)]
    a, e = read_signature(signature)
    given = statement(public_key, header, messages, suite)
    r1, r2, e_blind, r1_blind, r3_blind, *blinds = random_scalars(5 + len(hidden), random)
    d = given.point() * r2
    a_bar = a * (r1 * r2)
    b_bar = d * r1 - a_bar * e
    t1 = sum_of([a_bar, d], [e_blind, r1_blind])
    t2 = sum_of([d, *(given.generators.h[place] for place in hidden)], [r3_blind, *blinds])
    shown = [(place, given.scalars[place]) for place in disclosed]
    c = _challenge(shown, [a_bar, b_bar, d, t1, t2], given.domain, presentation_header, suite)
    answers = [blind + given.scalars[place] * c for blind, place in zip(blinds, hidden, strict=True)]
    ends = (e_blind + e * c, r1_blind - r1 * c, r3_blind - r2.inverse() * c)
    return serialize(a_bar, b_bar, d, *ends, *answers, c)


def proof_verify(
    public_key: bytes,
    proof: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    suite: Ciphersuite = SHA256,
) -> None:
    """ProofVerify: return when the proof holds for ``messages`` at the places ``disclosed``.

    Raises ProofVerificationError, LimitError for a proof about too many messages.
    """
    found = _read(proof)
    count = len(found.hidden) + len(disclosed)
    _require_places(disclosed, count, ProofVerificationError("bbs.indexes"))
    if len(messages) != len(disclosed):
        raise ProofVerificationError("bbs.indexes")
    generators = create_generators(count, suite)
    domain = calculate_domain(public_key, generators, header, suite)
    scalars, places = suite.messages_to_scalars(messages), set(disclosed)
    hidden = [point for place, point in enumerate(generators.h) if place not in places]
    shown = [generators.h[place] for place in disclosed]
    t1 = sum_of([found.b_bar, found.a_bar, found.d], [found.challenge, found.e_hat, found.r1_hat])
    b = suite.base_point + sum_of([generators.q1, *shown], [domain, *scalars])
    t2 = sum_of([b, found.d, *hidden], [found.challenge, found.r3_hat, *found.hidden])
    points = [found.a_bar, found.b_bar, found.d, t1, t2]
    stated = list(zip(disclosed, scalars, strict=True))
    if _challenge(stated, points, domain, presentation_header, suite) != found.challenge:
        raise ProofVerificationError("signature.invalid")
    if not pairs_to_one((found.a_bar, g2(public_key)), (found.b_bar, -BP2)):
        raise ProofVerificationError("signature.invalid")


def _challenge(
    shown: Sequence[tuple[int, Scalar]],
    points: Sequence[G1Point],
    domain: Scalar,
    presentation_header: bytes,
    suite: Ciphersuite,
) -> Scalar:
    """ProofChallengeCalculate (draft §3.7.4)."""
    stated = [part for pair in shown for part in pair]
    octets = serialize(len(shown), *stated, *points, domain)
    return suite.hash_to_scalar(octets + len(presentation_header).to_bytes(8) + presentation_header)


def _require_places(
    places: Sequence[int], count: int, problem: ProofGenerationError | ProofVerificationError
) -> None:
    """There is one spelling per choice: places increase, and each is that of a message."""
    if list(places) != sorted(set(places)) or (places and not 0 <= places[0] <= places[-1] < count):
        raise problem


def _read(proof: bytes) -> _Proof:
    """octets_to_proof (draft §4.2.4.5)."""
    if len(proof) > FLOOR + limits.BBS_MESSAGES * SCALAR_BYTES:
        raise LimitError("bbs.too_many_messages", limit=limits.BBS_MESSAGES)
    if len(proof) < FLOOR:
        raise ProofVerificationError("bbs.proof")
    head, tail = proof[: _POINTS * G1_BYTES], proof[_POINTS * G1_BYTES :]
    try:
        points = [g1(octets) for octets in split(head, G1_BYTES)]
        e_hat, r1_hat, r3_hat, *hidden, challenge = (scalar(octets) for octets in split(tail, SCALAR_BYTES))
    except ValueError:
        raise ProofVerificationError("bbs.proof") from None
    return _Proof(points[0], points[1], points[2], e_hat, r1_hat, r3_hat, hidden, challenge)
