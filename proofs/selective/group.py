"""Canonical statements of a document, and which of them pointers select (vc-di-ecdsa §3.4.15-3.4.17)."""

import hashlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from boundary import limits
from boundary.strict_json import Json
from contexts import Contexts
from problems import Problem, ProofTransformationError
from proofs.rdf import to_statements
from proofs.rdf.first_degree import (
    Statement,
    first_degree_labels,
    lines,
    require_reproducible,
    sorted_lines,
    statement,
)
from proofs.rdf.walk import walked
from proofs.selective.labels import LabelMap, LabelMapFactory, relabelled
from proofs.selective.outline import Outline, Outlines
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
    outlines: Outlines | None = None,
) -> Grouped:
    """canonicalizeAndGroup (§3.4.16).

    With ``outlines`` what is known of documents like this one is not worked out again. Raises
    ProofGenerationError for a pointer to nothing, and also where the specification would drop a selected
    statement in silence: when a pointer cuts through a value.
    """
    outline = outlines and outlines.of(document)
    known = outline and group_as_known(document, factory, definitions, contexts, outline)
    if known:
        return known
    grouped = group_by_compaction(document, factory, definitions, contexts)
    if outline:
        outline.sightings += 1
        if outline.sightings >= limits.OUTLINE_SIGHTINGS:
            learn(document, itertools.chain(*definitions.values()), contexts, outline)
    return grouped


def group_by_compaction(
    document: Json,
    factory: LabelMapFactory,
    definitions: Mapping[str, Sequence[Pointer]],
    contexts: Contexts,
) -> Grouped:
    """The steps of §3.4.16: name all nodes, compact, select, and compare statements."""
    skolemized = skolemize_compact_json_ld(document, contexts)
    every = [statement(quad) for quad in to_deskolemized_quads(skolemized.expanded)]
    whole = relabelled(every, factory)
    groups = {}
    for name, pointers in definitions.items():
        selected = _selected(pointers, skolemized.compact, contexts)
        if not set(selected) <= set(every):
            raise ProofTransformationError("selective.pointer_cuts_value")
        groups[name] = _grouped(whole.lines, set(sorted_lines(selected, whole.labels)), selected)
    return Grouped(whole.lines, whole.labels, groups)


def group_as_known(
    document: Json,
    factory: LabelMapFactory,
    definitions: Mapping[str, Sequence[Pointer]],
    contexts: Contexts,
    outline: Outline,
) -> Grouped | None:
    """Return what :func:`group_by_compaction` would, from what is known of documents of this outline.

    None when that is not enough, or when it might refuse the document.
    """
    chosen = {name: outline.places(pointers) for name, pointers in definitions.items()}
    stated = [] if None in chosen.values() else _stated_plainly(document, contexts)
    canonical = first_degree_labels(stated)
    if not stated or canonical is None or len(stated) != outline.statements:
        return None
    labels = factory({label[2:]: name[2:] for label, name in canonical.items()})
    written = lines(stated, {f"_:{label}": f"_:{name}" for label, name in labels.items()})
    every = require_reproducible(sorted(written))
    groups = {}
    for name, places in chosen.items():
        selected = sorted(places or ())
        quads = [stated[place] for place in selected]
        groups[name] = _grouped(every, {written[place] for place in selected}, quads)
    return Grouped(every, labels, groups)


def learn(document: Json, pointers: Iterable[Pointer], contexts: Contexts, outline: Outline) -> None:
    """Find out where the statements stand that each of ``pointers`` selects in documents of this outline."""
    stated = _stated_plainly(document, contexts)
    canonical = first_degree_labels(stated)
    if not stated or canonical is None:
        return
    try:
        each = {one: [one] for one in outline.unknown(pointers)}
        grouped = group_by_compaction(document, dict, each, contexts)
    except Problem:  # together they select a value, each of them cuts it
        return
    written = lines(stated, canonical)
    if sorted(written) == list(grouped.lines):
        selected = {one: set(group.matching.values()) for one, group in grouped.groups.items()}
        places = {
            one: frozenset(place for place, line in enumerate(written) if line in found)
            for one, found in selected.items()
        }
        outline.learn(len(stated), places)


def _stated_plainly(document: Json, contexts: Contexts) -> list[Statement]:
    """Return what a document states; nothing if it does so twice, or with names that are not for it."""
    found = walked(document, contexts)
    if found is None or found[1] or len(set(found[0])) != len(found[0]):
        return []
    unusual = any(
        graph or subject.startswith(_NAME) or value.startswith(_NAME) for subject, _, value, graph in found[0]
    )
    return [] if unusual else found[0]


def hash_mandatory_nquads(mandatory: Iterable[str]) -> bytes:
    """hashMandatoryNQuads (§3.4.17)."""
    return hashlib.sha256("".join(mandatory).encode("utf-8")).digest()


def _selected(pointers: Sequence[Pointer], compact: Json, contexts: Contexts) -> Sequence[Statement]:
    """selectCanonicalNQuads (§3.4.15), before labels are replaced."""
    selection = select_json_ld(pointers, compact)
    if selection is None:
        return []
    return _deskolemized(to_statements(selection, contexts))


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
