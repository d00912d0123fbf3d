"""The compact form of a document whose nodes all have names, without compaction (vc-di-ecdsa §3.4.8).

A document as people write it is compact already, but for lists of one and the like. Where JSON-LD
compaction changes it follows from its outline: the names of its members, the lengths of its lists, its
types. So :mod:`proofs.selective.skolemize` compacts one document of an outline; what that changed is
learnt, and done to the next. Where compaction made something else of the document, it always has to.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from boundary import limits
from boundary.shape import a_list, an_object
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from proofs.selective.skolemize import SCHEME, skolemize_compact_json_ld

_Namer: TypeAlias = Callable[[], str]
_Change: TypeAlias = Callable[[JsonValue, _Namer], JsonValue]
"""From a value as it was given to the value as it would be compacted."""


class _Other(Exception):
    """Compaction makes something else of the document, or the document cannot be named."""


@dataclass(frozen=True)
class NamedDocument:
    """``names`` are those given to nodes without one, but for the document's own."""

    document: Json
    names: frozenset[str]


def named_compact(document: Json, contexts: Contexts) -> NamedDocument | None:
    """Return the document with names for all nodes, in the form that compaction would give it.

    None when that is not known; then :func:`skolemize_compact_json_ld` tells. Values may be spelled
    otherwise than compaction would, and mean the same. Raises what skolemize_compact_json_ld raises.
    """
    change = None if contexts.inline else _change_of(document, contexts)
    if change is None:
        return None
    names: list[str] = []

    def name() -> str:
        names.append(f"{SCHEME}b{len(names)}")
        return names[-1]

    try:
        named = an_object(change(document, name), "")
    except _Other:
        return None
    return NamedDocument(named, frozenset(names) - {str(named["id"])})


def _change_of(document: Json, contexts: Contexts) -> _Change | None:
    outline: list[Hashable] = []
    _outline(document, outline)
    memory, key = _memory(contexts), tuple(outline)
    if len(key) > limits.SHAPE_VALUES:
        return None
    if key not in memory:
        learnt = _learnt(document, contexts)
        if len(memory) >= limits.SHAPES:
            memory.clear()
        memory[key] = learnt
    return memory.get(key)


@lru_cache(maxsize=8)
def _memory(contexts: Contexts) -> dict[Hashable, _Change | None]:
    del contexts
    return {}


def _outline(value: JsonValue, found: list[Hashable], at: str = "") -> None:
    """Add all of a value but its texts; types and what stands in a value object are no mere texts."""
    if isinstance(value, dict):
        found.append(tuple(value))
        words = any(name[:1] == "@" and name != "@context" for name in value)
        for name, member in value.items():
            _outline(member, found, "@" if words or name in _WORDS else name)
    elif isinstance(value, list):
        found.append(len(value))
        for item in value:
            _outline(item, found, at)
    elif isinstance(value, str):
        found.append(value if at == "@" else None)
    else:
        found.append(type(value).__name__)


_WORDS: Final = ("type", "@context")


def _learnt(document: Json, contexts: Contexts) -> _Change | None:
    """Return what compaction changes in documents of this outline; None when that is hard to say.

    Raises what :func:`skolemize_compact_json_ld` raises.
    """
    try:
        return _change(document, skolemize_compact_json_ld(document, contexts).compact)
    except _Other:
        return None


def _change(given: JsonValue, compact: JsonValue) -> _Change:
    if isinstance(given, list):
        if isinstance(compact, list) and len(given) == len(compact):
            return _each([_change(*pair) for pair in zip(given, compact, strict=True)])
        if len(given) == 1:
            return _only(_change(given[0], compact))
        raise _Other
    if isinstance(compact, list):
        if len(compact) == 1:
            return _alone(_change(given, compact[0]))
        raise _Other
    if isinstance(given, dict):
        return _object_change(given, compact)
    if isinstance(compact, dict):
        raise _Other
    return _as_given


def _object_change(given: Json, compact: JsonValue) -> _Change:
    if isinstance(compact, str) and list(given) == ["id"]:
        return _reference
    if not isinstance(compact, dict):
        raise _Other
    if given == compact and "id" not in given:  # a value object, a map of languages, a JSON literal
        return _as_given
    if compact.keys() != given.keys() | {"id"}:
        raise _Other
    inner = [(name, _change(value, compact[name])) for name, value in given.items()]
    return _node([(name, change) for name, change in inner if change is not _as_given], named="id" in given)


def _as_given(value: JsonValue, _name: _Namer) -> JsonValue:
    return value


def _each(changes: list[_Change]) -> _Change:
    if all(change is _as_given for change in changes):
        return _as_given
    return lambda value, name: [
        change(item, name) for change, item in zip(changes, a_list(value, "[]"), strict=True)
    ]


def _only(change: _Change) -> _Change:
    return lambda value, name: change(a_list(value, "[]")[0], name)


def _alone(change: _Change) -> _Change:
    return lambda value, name: [change(value, name)]


def _reference(value: JsonValue, _name: _Namer) -> JsonValue:
    return an_object(value, "id")["id"]


def _node(inner: list[tuple[str, _Change]], *, named: bool) -> _Change:
    def changed(value: JsonValue, name: _Namer) -> JsonValue:
        given = an_object(value, "id")
        if named and str(given["id"]).startswith(("_:", SCHEME)):
            raise _Other
        node: Json = {**given} if named else {"id": name(), **given}
        for member, change in inner:
            node[member] = change(given[member], name)
        return node

    return changed
