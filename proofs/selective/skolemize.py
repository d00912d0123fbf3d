"""Names for the nodes without one, so that parts of a document can be told apart (vc-di-ecdsa §3.4.5-3.4.9).

A name is ``urn:bnid:`` and a label; it never leaves this package. Two things have no name that would
survive being selected, and are refused rather than shown wrongly: ordered lists, and blank node
identifiers that the document gives itself (VCDM 2.0 has neither).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import ProofTransformationError
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import compact, expand
from proofs.rdf.nquads import Blank, Iri, Quad, Resource

SCHEME: Final = "urn:bnid:"


@dataclass(frozen=True)
class Skolemized:
    expanded: list[JsonValue]
    compact: Json


def skolemize_compact_json_ld(document: Json, contexts: Contexts) -> Skolemized:
    """skolemizeCompactJsonLd (§3.4.8)."""
    expanded = skolemize_expanded_json_ld(expand(document, contexts))
    return Skolemized(expanded, compact(expanded, document.get("@context"), contexts))


def skolemize_expanded_json_ld(expanded: list[JsonValue]) -> list[JsonValue]:
    """skolemizeExpandedJsonLd (§3.4.7); raise ProofTransformationError for what cannot be named."""
    numbers = count()
    return [_skolemized(element, numbers) for element in expanded]


def to_deskolemized_quads(expanded: list[JsonValue]) -> list[Quad]:
    """toDeskolemizedNQuads (§3.4.9), from skolemized expanded JSON-LD."""
    return deskolemize(to_dataset(expanded))


def deskolemize(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads with blank nodes again where names of ours stand."""
    return [_deskolemized(quad) for quad in quads]


def _skolemized(element: JsonValue, numbers: "count[int]") -> JsonValue:
    if isinstance(element, list):
        return [_skolemized(item, numbers) for item in element]
    if not isinstance(element, dict) or "@value" in element:
        return element
    _refuse_what_cannot_be_named(element)
    node = {name: _inside(name, value, numbers) for name, value in element.items()}
    return node if "@id" in node else {"@id": f"{SCHEME}b{next(numbers)}", **node}


def _inside(name: str, value: JsonValue, numbers: "count[int]") -> JsonValue:
    if name == "@reverse" and isinstance(value, dict):  # a map of properties, no node
        return {key: _skolemized(nodes, numbers) for key, nodes in value.items()}
    return _skolemized(value, numbers)


def _refuse_what_cannot_be_named(element: Json) -> None:
    if "@list" in element:
        raise ProofTransformationError("selective.list")
    types = element.get("@type")
    for name in (element.get("@id"), *(types if isinstance(types, list) else [])):
        if isinstance(name, str) and name.startswith(("_:", SCHEME)):
            raise ProofTransformationError("selective.blank_node_identifier")


def _deskolemized(quad: Quad) -> Quad:
    def blank(term: Resource) -> Resource:
        if isinstance(term, Iri) and term.value.startswith(SCHEME):
            return Blank(term.value.removeprefix(SCHEME))
        return term

    value = blank(quad.object) if isinstance(quad.object, Iri) else quad.object
    graph = None if quad.graph is None else blank(quad.graph)
    return Quad(blank(quad.subject), quad.predicate, value, graph)
