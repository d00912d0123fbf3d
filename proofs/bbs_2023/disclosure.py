"""From the issuer's base proof to what the holder shows (vc-di-bbs §3.4.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from keys.bbs.proof import proof_gen
from problems import ProofGenerationError, ProofTransformationError
from proofs.bbs_2023.proof_value import BaseProof, DerivedProof
from proofs.selective.group import Grouped, canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import LabelMap, create_shuffled_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.selective.select import select_json_ld
from proofs.selective.shown import verifier_label_map
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
    combined = [*base.mandatory_pointers, *selective]
    reveal_document = select_json_ld(combined, document)
    if reveal_document is None:
        raise ProofGenerationError("bbs.nothing_selected")
    grouped = canonicalize_and_group(
        document,
        create_shuffled_id_label_map_function(base.hmac_key),
        {"mandatory": base.mandatory_pointers, "combined": combined},
        contexts,
        outlines,
    )
    mandatory, shown = grouped.groups["mandatory"], grouped.groups["combined"]
    if proof_hash + hash_mandatory_nquads(mandatory.matching.values()) != base.bbs_header:
        raise ProofTransformationError("bbs.other_document")
    labels = verifier_label_map(reveal_document, shown, grouped.labels, contexts)
    return Disclosure(reveal_document, _derived(base, grouped, labels, presentation))


def _derived(base: BaseProof, grouped: Grouped, labels: LabelMap, presentation: Presentation) -> DerivedProof:
    """§3.4.3 steps 7-10: where each statement stands among those that a verifier will see."""
    mandatory, shown = grouped.groups["mandatory"], grouped.groups["combined"]
    selective = [place for place, index in enumerate(mandatory.non_matching) if index in shown.matching]
    proof = proof_gen(
        base.public_key,
        base.bbs_signature,
        base.bbs_header,
        presentation.header,
        [line.encode("utf-8") for line in mandatory.non_matching.values()],
        selective,
        random=presentation.random,
    )
    return DerivedProof(
        proof,
        labels,
        [place for place, index in enumerate(shown.matching) if index in mandatory.matching],
        selective,
        presentation.header,
    )
