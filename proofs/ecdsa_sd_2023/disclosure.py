"""From the issuer's base proof to what the holder shows (vc-di-ecdsa §3.5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofGenerationError, ProofTransformationError
from proofs.ecdsa_sd_2023.proof_value import BaseProof, DerivedProof
from proofs.selective.group import Group, canonicalize_and_group
from proofs.selective.labels import create_hmac_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.selective.select import select_json_ld
from proofs.selective.shown import verifier_label_map
from proofs.suite import Pointer


@dataclass(frozen=True)
class Disclosure:
    reveal_document: Json
    proof: DerivedProof


def create_disclosure_data(
    document: Json,
    base: BaseProof,
    selective: Sequence[Pointer],
    contexts: Contexts,
    outlines: Outlines | None = None,
) -> Disclosure:
    """createDisclosureData (§3.5.4).

    What the mandatory pointers of the base proof select is always shown. Raises ProofGenerationError
    for a pointer to nothing or when nothing at all is selected, ProofTransformationError when the
    document does not agree with its proof.
    """
    combined = [*base.mandatory_pointers, *selective]
    reveal_document = select_json_ld(combined, document)
    if reveal_document is None:
        raise ProofGenerationError("ecdsa_sd.nothing_selected")
    grouped = canonicalize_and_group(
        document,
        create_hmac_id_label_map_function(base.hmac_key),
        {"mandatory": base.mandatory_pointers, "combined": combined},
        contexts,
        outlines,
    )
    mandatory, shown = grouped.groups["mandatory"], grouped.groups["combined"]
    signatures = _signature_of_each(base, mandatory)
    return Disclosure(
        reveal_document,
        DerivedProof(
            base.base_signature,
            base.public_key,
            [signatures[index] for index in shown.matching if index in signatures],
            verifier_label_map(reveal_document, shown, grouped.labels, contexts),
            [place for place, index in enumerate(shown.matching) if index in mandatory.matching],
        ),
    )


def _signature_of_each(base: BaseProof, mandatory: Group) -> Mapping[int, bytes]:
    """Return the signature of each statement that is not mandatory, by its place (§3.5.4 step 10)."""
    if len(base.signatures) != len(mandatory.non_matching):
        raise ProofTransformationError("ecdsa_sd.signature_count")
    return dict(zip(mandatory.non_matching, base.signatures, strict=True))
