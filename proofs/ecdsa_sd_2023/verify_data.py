"""What a verifier checks signatures against (vc-di-ecdsa §3.5.9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofVerificationError
from proofs.ecdsa_sd_2023.proof_value import DerivedProof
from proofs.rdf import to_quads
from proofs.selective.group import hash_mandatory_nquads
from proofs.selective.labels import create_label_map_function, label_replacement_canonicalize


@dataclass(frozen=True)
class VerifyData:
    mandatory_hash: bytes
    non_mandatory: Sequence[str]
    """Statements signed one by one, in the order of the signatures."""


def create_verify_data(document: Json, derived: DerivedProof, contexts: Contexts) -> VerifyData:
    """createVerifyData (§3.5.9).

    Raises ProofVerificationError when the label map or the mandatory indexes do not fit the document,
    or when there is not one signature for each other statement.
    """
    quads = to_quads(document, contexts)
    lines = label_replacement_canonicalize(quads, create_label_map_function(derived.label_map)).lines
    chosen = set(derived.mandatory_indexes)
    if not chosen <= set(range(len(lines))):
        raise ProofVerificationError("ecdsa_sd.mandatory_indexes")
    non_mandatory = [line for index, line in enumerate(lines) if index not in chosen]
    if len(non_mandatory) != len(derived.signatures):
        raise ProofVerificationError("ecdsa_sd.signature_count")
    mandatory = (line for index, line in enumerate(lines) if index in chosen)
    return VerifyData(hash_mandatory_nquads(mandatory), non_mandatory)
