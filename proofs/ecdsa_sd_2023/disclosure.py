"""From the issuer's base proof to what the holder shows (vc-di-ecdsa §3.5.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofTransformationError
from proofs.ecdsa_sd_2023.proof_value import BaseProof, DerivedProof
from proofs.selective.group import Group
from proofs.selective.labels import create_hmac_id_label_map_function
from proofs.selective.outline import Outlines
from proofs.selective.reveal import reveal
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
    factory = create_hmac_id_label_map_function(base.hmac_key)
    revealed = reveal(document, base.mandatory_pointers, selective, factory, contexts, outlines)
    signatures = _signature_of_each(base, revealed.mandatory)
    return Disclosure(
        revealed.document,
        DerivedProof(
            base.base_signature,
            base.public_key,
            [signatures[index] for index in revealed.shown.matching if index in signatures],
            revealed.labels,
            revealed.mandatory_indexes,
        ),
    )


def _signature_of_each(base: BaseProof, mandatory: Group) -> Mapping[int, bytes]:
    """Return the signature of each statement that is not mandatory, by its place (§3.5.4 step 10)."""
    if len(base.signatures) != len(mandatory.non_matching):
        raise ProofTransformationError("ecdsa_sd.signature_count")
    return dict(zip(mandatory.non_matching, base.signatures, strict=True))
