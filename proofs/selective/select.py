"""Cut from a compact JSON-LD document the parts that pointers name (vc-di-ecdsa §3.4.11-3.4.13)."""

from __future__ import annotations

from collections.abc import Sequence

from boundary.strict_json import Json, JsonValue
from proofs.selective.pointers import Paths, parse_pointers, value_at
from proofs.suite import Pointer


class _Tree(dict[str, "_Tree"]):
    """What is asked for below a place; empty means all of it."""


def select_json_ld(pointers: Sequence[Pointer], document: Json) -> Json | None:
    """selectJsonLd: the parts of ``document`` that ``pointers`` name, with the types on the way to them.

    None when there is no pointer. Arrays are made dense. The specification grows the selection pointer
    by pointer; here the pointers are first merged, which gives the same. Raises ProofGenerationError
    for a pointer to nothing.
    """
    every = parse_pointers(pointers)
    for paths in every:
        value_at(document, paths)
    if not every:
        return None
    context: Json = {name: document[name] for name in ("@context",) if name in document}
    return context | _select_object(document, _merged(every))


def create_initial_selection(source: Json) -> Json:
    """createInitialSelection: what a node shows as soon as anything below it is shown."""
    selection: Json = {}
    identifier = source.get("id")
    if isinstance(identifier, str) and not identifier.startswith("_:"):
        selection["id"] = identifier
    if "type" in source:
        selection["type"] = source["type"]
    return selection


def _merged(every: Sequence[Paths]) -> _Tree:
    """Return one tree; a place that is asked for whole swallows what is asked for below it."""
    root = _Tree()
    for paths in sorted(every, key=len, reverse=True):
        node = root
        for path in paths:
            node = node.setdefault(path, _Tree())
        node.clear()
    return root


def _select(value: JsonValue, wanted: _Tree) -> JsonValue:
    if wanted and isinstance(value, dict):
        return _select_object(value, wanted)
    if wanted and isinstance(value, list):
        return [_select(value[index], wanted[str(index)]) for index in sorted(map(int, wanted))]
    return value


def _select_object(source: Json, wanted: _Tree) -> Json:
    below = {name: _select(source[name], tree) for name, tree in wanted.items()}
    return {**create_initial_selection(source), **below}
