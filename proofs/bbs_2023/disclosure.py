"""From the issuer's base proof to what the holder shows (vc-di-bbs §3.4.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from keys.bbs.proof import proof_gen
from problems import ProofTransformationError
from proofs.bbs_2023.proof_value import BaseProof, DerivedProof
from proofs.selective.group import hash_mandatory_nquads
from proofs.selective.labels import create_shuffled_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.selective.reveal import Revealed, reveal
from proofs.suite import Pointer


@dataclass(frozen=True)
class Disclosure:
    reveal_document: Json
    proof: DerivedProof


@dataclass(frozen=True)
class Presentation:
    """What one presentation has of its own: the bytes that it is bound to, and its randomness."""

    header: bytes
    random: Callable[[int], bytes]


def create_disclosure_data(
    document: Json,
    base: BaseProof,
    proof_hash: bytes,
    selective: Sequence[Pointer],
    presentation: Presentation,
    contexts: Contexts,
    outlines: Outlines | None = None,
) -> Disclosure:
    """createDisclosureData (§3.4.3), feature option ``baseline``.

    What the mandatory pointers of the base proof select is always shown. Raises ProofGenerationError
    for a pointer to nothing or when nothing at all is selected, ProofTransformationError when the
    document does not agree with its proof.
    """
    factory = create_shuffled_id_label_map_function(base.hmac_key)
    revealed = reveal(document, base.mandatory_pointers, selective, factory, contexts, outlines)
    if proof_hash + hash_mandatory_nquads(revealed.mandatory.matching.values()) != base.bbs_header:
        raise ProofTransformationError("bbs.other_document")
    return Disclosure(revealed.document, _derived(base, revealed, presentation))


def _derived(base: BaseProof, revealed: Revealed, presentation: Presentation) -> DerivedProof:
    """§3.4.3 steps 7-10: where each statement stands among those that a verifier will see."""
    hidden, shown = revealed.mandatory.non_matching, revealed.shown.matching
    selective = [place for place, index in enumerate(hidden) if index in shown]
    proof = proof_gen(
        base.public_key,
        base.bbs_signature,
        base.bbs_header,
        presentation.header,
        [line.encode("utf-8") for line in hidden.values()],
        selective,
        random=presentation.random,
    )
    return DerivedProof(
        proof,
        revealed.labels,
        revealed.mandatory_indexes,
        selective,
        presentation.header,
    )
