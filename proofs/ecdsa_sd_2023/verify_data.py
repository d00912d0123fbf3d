"""What a verifier checks signatures against (vc-di-ecdsa §3.5.9)."""

from typing import Final

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofVerificationError
from proofs.ecdsa_sd_2023.proof_value import DerivedProof
from proofs.selective.shown import Codes, Shown, statements_shown

_CODES: Final = Codes("ecdsa_sd.label_map", "ecdsa_sd.mandatory_indexes")


def create_verify_data(document: Json, derived: DerivedProof, contexts: Contexts) -> Shown:
    """createVerifyData (§3.5.9); the statements signed one by one are in the order of the signatures.

    Raises ProofVerificationError when the label map or the mandatory indexes do not fit the document,
    or when there is not one signature for each other statement.
    """
    shown = statements_shown(document, derived.label_map, derived.mandatory_indexes, _CODES, contexts)
    if len(shown.non_mandatory) != len(derived.signatures):
        raise ProofVerificationError("ecdsa_sd.signature_count")
    return shown
