"""What is shown of a document, from the holder's side and from the verifier's.

Shared by the suites: vc-di-ecdsa §3.5.4 and §3.5.9, vc-di-bbs §3.4.3 and §3.4.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofTransformationError, ProofVerificationError
from proofs.rdf import canonical_form, to_statements
from proofs.rdf.first_degree import canonicalize_statements
from proofs.selective.group import Group, hash_mandatory_nquads
from proofs.selective.labels import LabelMap, create_label_map_function, relabelled


@dataclass(frozen=True)
class Codes:
    """The codes with which a suite refuses labels and indexes that do not fit the document."""

    label_map: str
    mandatory_indexes: str


@dataclass(frozen=True)
class Shown:
    """The hash of the mandatory statements, and the others in their order."""

    mandatory_hash: bytes
    non_mandatory: Sequence[str]


def verifier_label_map(reveal_document: Json, shown: Group, signed: LabelMap, contexts: Contexts) -> LabelMap:
    """Return the map from the labels that a verifier will give to those signed, having looked as one does.

    Groups are cut from the document as JSON-LD compacts it, what is shown from the document as it
    stands. Where the two differ the derived proof would not verify: better not to hand it out. Raises
    ProofTransformationError.
    """
    canonical = canonicalize_statements(shown.quads)
    if canonical.lines != canonical_form(reveal_document, contexts).lines:
        raise ProofTransformationError("selective.document_not_compact")
    return {name: signed[label] for label, name in canonical.labels.items()}


def statements_shown(
    document: Json, labels: LabelMap, mandatory: Sequence[int], codes: Codes, contexts: Contexts
) -> Shown:
    """Return the statements of ``document`` under the labels that were signed.

    Raises ProofVerificationError when the labels or the mandatory indexes do not fit the document.
    """
    factory = create_label_map_function(labels, ProofVerificationError(codes.label_map))
    lines = relabelled(to_statements(document, contexts), factory).lines
    chosen = set(mandatory)
    if not chosen <= set(range(len(lines))):
        raise ProofVerificationError(codes.mandatory_indexes)
    return Shown(
        hash_mandatory_nquads(line for index, line in enumerate(lines) if index in chosen),
        [line for index, line in enumerate(lines) if index not in chosen],
    )
