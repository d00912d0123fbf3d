"""Canonical statements of a document, and which of them pointers select (vc-di-ecdsa §3.4.15-3.4.17)."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofTransformationError
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.rdf.first_degree import Statement, sorted_lines, statement
from proofs.rdf.walk import statements
from proofs.selective.labels import LabelMap, LabelMapFactory, relabelled
from proofs.selective.named import named_compact
from proofs.selective.select import select_json_ld
from proofs.selective.skolemize import SCHEME, skolemize_compact_json_ld, to_deskolemized_quads
from proofs.suite import Pointer

_NAME: Final = f"<{SCHEME}"


@dataclass(frozen=True)
class Group:
    """The statements that some pointers select, by their place among all, and those they leave."""

    matching: Mapping[int, str]
    non_matching: Mapping[int, str]
    quads: Sequence[Statement]
    """The selection with the labels of the input, which the label map knows."""


@dataclass(frozen=True)
class Grouped:
    lines: Sequence[str]
    labels: LabelMap
    groups: Mapping[str, Group]


def canonicalize_and_group(
    document: Json,
    factory: LabelMapFactory,
    definitions: Mapping[str, Sequence[Pointer]],
    contexts: Contexts,
) -> Grouped:
    """canonicalizeAndGroup (§3.4.16).

    Raises ProofGenerationError for a pointer to nothing, and also where the specification would drop a
    selected statement in silence: when a pointer cuts through a value.
    """
    compact, every = _skolemized(document, contexts)
    whole = relabelled(every, factory)
    groups = {}
    for name, pointers in definitions.items():
        selected = _selected(pointers, compact, contexts)
        if not set(selected) <= set(every):
            raise ProofTransformationError("selective.pointer_cuts_value")
        groups[name] = _grouped(whole.lines, set(sorted_lines(selected, whole.labels)), selected)
    return Grouped(whole.lines, whole.labels, groups)


def hash_mandatory_nquads(mandatory: Iterable[str]) -> bytes:
    """hashMandatoryNQuads (§3.4.17)."""
    return hashlib.sha256("".join(mandatory).encode("utf-8")).digest()


def _skolemized(document: Json, contexts: Contexts) -> tuple[Json, Sequence[Statement]]:
    """Return the compact document with names for all nodes, and what it states, without those names."""
    known = named_compact(document, contexts)
    stated = None if known is None else statements(known.document, contexts)
    if known is not None and stated is not None:
        found = Counter(value for _, _, value, _ in stated if value.startswith(_NAME))
        # Each name that we gave is read once, where its node stands. Else the document knows one, too.
        if found == dict.fromkeys((f"<{name}>" for name in known.names), 1) and _plain(stated):
            return known.document, _deskolemized(stated)
    skolemized = skolemize_compact_json_ld(document, contexts)
    return skolemized.compact, [statement(quad) for quad in to_deskolemized_quads(skolemized.expanded)]


def _plain(stated: Sequence[Statement]) -> bool:
    """Whether there is neither a graph nor a blank node, which a document may not name itself."""
    return not any(graph or subject[0] == "_" or value[0] == "_" for subject, _, value, graph in stated)


def _selected(pointers: Sequence[Pointer], compact: Json, contexts: Contexts) -> Sequence[Statement]:
    """selectCanonicalNQuads (§3.4.15), before labels are replaced."""
    selection = select_json_ld(pointers, compact)
    if selection is None:
        return []
    stated = statements(selection, contexts)
    if stated is None:
        stated = [statement(quad) for quad in to_dataset(expand(selection, contexts))]
    return _deskolemized(stated)


def _deskolemized(stated: Iterable[Statement]) -> list[Statement]:
    """toDeskolemizedNQuads (§3.4.9), of quads as they are written; each once."""

    def blank(term: str) -> str:
        return f"_:{term[len(_NAME) : -1]}" if term.startswith(_NAME) else term

    return [
        (blank(subject), predicate, blank(value), f" {blank(graph[1:])}" if graph else "")
        for subject, predicate, value, graph in dict.fromkeys(stated)
    ]


def _grouped(lines: Sequence[str], selected: set[str], stated: Sequence[Statement]) -> Group:
    matching = {index: line for index, line in enumerate(lines) if line in selected}
    others = {index: line for index, line in enumerate(lines) if line not in selected}
    return Group(matching, others, stated)
