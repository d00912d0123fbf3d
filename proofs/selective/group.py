"""Canonical statements of a document, and which of them pointers select (vc-di-ecdsa §3.4.15-3.4.17)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json
from contexts import Contexts
from problems import ProofTransformationError
from proofs.rdf import to_quads
from proofs.rdf.nquads import Quad
from proofs.selective.labels import (
    LabelMap,
    LabelMapFactory,
    label_replacement_canonicalize,
    relabel_blank_nodes,
)
from proofs.selective.select import select_json_ld
from proofs.selective.skolemize import (
    deskolemize,
    skolemize_compact_json_ld,
    to_deskolemized_quads,
)
from proofs.suite import Pointer


@dataclass(frozen=True)
class Group:
    """The statements that some pointers select, by their place among all, and those they leave."""

    matching: Mapping[int, str]
    non_matching: Mapping[int, str]
    quads: Sequence[Quad]
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
    skolemized = skolemize_compact_json_ld(document, contexts)
    all_quads = to_deskolemized_quads(skolemized.expanded)
    whole = label_replacement_canonicalize(all_quads, factory)
    groups = {}
    for name, pointers in definitions.items():
        quads = _selected_quads(pointers, skolemized.compact, contexts)
        if not set(quads) <= set(all_quads):
            raise ProofTransformationError("selective.pointer_cuts_value")
        groups[name] = _grouped(whole.lines, relabel_blank_nodes(quads, whole.labels), quads)
    return Grouped(whole.lines, whole.labels, groups)


def hash_mandatory_nquads(mandatory: Iterable[str]) -> bytes:
    """hashMandatoryNQuads (§3.4.17)."""
    return hashlib.sha256("".join(mandatory).encode("utf-8")).digest()


def _selected_quads(pointers: Sequence[Pointer], skolemized: Json, contexts: Contexts) -> list[Quad]:
    """selectCanonicalNQuads (§3.4.15), before labels are replaced."""
    selection = select_json_ld(pointers, skolemized)
    return [] if selection is None else deskolemize(to_quads(selection, contexts))


def _grouped(lines: Sequence[str], selected: set[str], quads: Sequence[Quad]) -> Group:
    matching = {index: line for index, line in enumerate(lines) if line in selected}
    others = {index: line for index, line in enumerate(lines) if line not in selected}
    return Group(matching, others, quads)
