"""Proofs that build on others: proof chains (VC Data Integrity 1.0 §2.1.2, §4.3 and §4.5).

A proof names those that were there before it, by their ``id``, in ``previousProof``; it signs the document
with them inside. So none of them can be removed or exchanged. Whatever nobody builds on can be, unseen, as
in any set: the end of a chain, and what was added to it.
"""

from collections.abc import Sequence

from boundary.shape import many
from boundary.strict_json import Json
from problems import Problem, ProofVerificationError


def previous(proof: Json) -> tuple[str, ...]:
    """Return the ids of the proofs that this one builds on, none unless it says so.

    Raises ProofVerificationError when it says so and names nothing, or anything twice.
    """
    names = [name for name in many(proof.get("previousProof")) if isinstance(name, str) and name]
    stated = len(many(proof.get("previousProof")))
    if "previousProof" in proof and not 0 < stated == len(set(names)):
        raise ProofVerificationError("proof.previous_malformed")
    return tuple(names)


def require_ids(proofs: Sequence[Json]) -> None:
    """Return when every ``id`` is text and names one proof alone; raise ProofVerificationError."""
    ids = [proof["id"] for proof in proofs if "id" in proof]
    if not all(isinstance(name, str) and name for name in ids):
        raise ProofVerificationError("proof.id_malformed")
    if any(ids.count(name) > 1 for name in ids):
        raise ProofVerificationError("proof.id_twice")


def require_order(proofs: Sequence[Json]) -> None:
    """Return when the proofs can have been made one after another; raise ProofVerificationError.

    Every proof that another names must be there (§4.5). Nobody can sign in a circle, and nobody may try.
    """
    waiting = {index: set(previous(proof)) for index, proof in enumerate(proofs)}
    if not set().union(*waiting.values()) <= {proof.get("id") for proof in proofs}:
        raise ProofVerificationError("proof.previous_missing")
    while waiting:
        made = [index for index, names in waiting.items() if not names]
        if not made:
            raise ProofVerificationError("proof.chain_cycle")
        ids = {proofs[index].get("id") for index in made}
        waiting = {index: names - ids for index, names in waiting.items() if index not in made}


def named(proofs: Sequence[Json], names: Sequence[str], otherwise: Problem) -> list[Json]:
    """Return the proofs that ``names`` name, in their own order; raise ``otherwise`` if one is missing."""
    found = [proof for proof in proofs if proof.get("id") in names]
    if len(found) != len(set(names)):
        raise otherwise
    return found


def with_previous(document: Json, found: list[Json]) -> Json:
    """Return the document that a proof signs which builds on ``found`` (§4.3 and §4.5, inputDocument)."""
    return {**document, "proof": [*found]} if found else document
