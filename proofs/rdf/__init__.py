"""A document's canonical form: what a signature is made over (JSON-LD 1.1, RDFC-1.0)."""

from boundary.strict_json import Json
from contexts import Contexts
from proofs.rdf.canonical import Algorithm, Canonical, canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.rdf.first_degree import Statement, canonicalize_statements, statement
from proofs.rdf.nquads import Quad
from proofs.rdf.walk import statements

__all__ = ["Algorithm", "Canonical", "canonical_form", "require_lossless", "to_statements"]


def canonical_form(document: Json, contexts: Contexts, *, algorithm: Algorithm = "sha256") -> Canonical:
    """Return the canonical N-Quads of ``document``, of which nothing was dropped.

    Raises DataLossError, MalformedValueError, ProofTransformationError, WorkBudgetError, LimitError.
    """
    walked = statements(document, contexts)
    if walked is not None:
        return canonicalize_statements(walked, algorithm=algorithm)
    quads = _quads(document, contexts)
    return canonicalize(quads, algorithm=algorithm)


def to_statements(document: Json, contexts: Contexts) -> list[Statement]:
    """Return what ``document`` states, of which nothing was dropped; raise what ``canonical_form`` would.

    Blank nodes that the document does not name have any label.
    """
    walked = statements(document, contexts)
    if walked is None:
        return [statement(quad) for quad in _quads(document, contexts)]
    return walked


def require_lossless(document: Json, contexts: Contexts) -> None:
    """Return when JSON-LD would drop nothing of ``document``; raise what ``canonical_form`` would."""
    if statements(document, contexts) is None:
        _quads(document, contexts)


def _quads(document: Json, contexts: Contexts) -> list[Quad]:
    return to_dataset(expand(document, contexts), empty=contexts.empty)
