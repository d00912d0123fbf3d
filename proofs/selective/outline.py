"""Which statements pointers select in documents of one outline, seen once and then known.

Selection is defined on the compact form of a document, with names for all its nodes; to make that form
costs a hundred times as much as to read the document. But it depends on nothing except the document's
outline: the names of its members, the lengths of its lists, its types. So :mod:`proofs.selective.group`
does it for one document, and for the next the statements at the same places are the ones selected.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from proofs.suite import Pointer

Places = frozenset[int]
"""Places among the statements of a document, in the order in which the walk states them."""


@dataclass
class Outline:
    """What is known of documents of one outline. ``statements`` is how many they make, when that is known."""

    statements: int = 0
    selected: dict[Pointer, Places] = field(default_factory=dict)
    sightings: int = 0

    def learn(self, statements: int, selected: dict[Pointer, Places]) -> None:
        if len(self.selected) + len(selected) > limits.POINTERS:
            self.selected = {}
        self.statements = statements
        self.selected = self.selected | selected

    def unknown(self, pointers: Iterable[Pointer]) -> list[Pointer]:
        """Return the pointers that can be learnt of and have not been.

        Whoever names one of a node's types shows no others of it, though other pointers would: that is
        no sum of what each pointer selects.
        """
        return [one for one in pointers if one not in self.selected and "type" not in one.split("/")[:-1]]

    def places(self, pointers: Sequence[Pointer]) -> Places | None:
        """Return what ``pointers`` select together; None when it is not known of each."""
        selected = self.selected
        if len(pointers) > limits.POINTERS or any(pointer not in selected for pointer in pointers):
            return None
        return frozenset().union(*(selected[pointer] for pointer in pointers))


class Outlines:
    """What is known of the outlines of documents with one set of contexts; bounded, and then forgotten.

    It may be shared by threads.
    """

    def __init__(self, contexts: Contexts) -> None:
        # A context that a document carries may give any name any meaning: nothing is known of such a one.
        self._remembers = not contexts.inline
        self._known: dict[Hashable, Outline] = {}

    def of(self, document: Json) -> Outline | None:
        """Return what is known of documents like this one; None for one that is not to be remembered."""
        key = tuple(_outline(document)) if self._remembers else ()
        if not 0 < len(key) <= limits.OUTLINE_VALUES:
            return None
        known = self._known.get(key)
        if known is None and len(repr(key)) > limits.SHAPE_CHARS:
            return None
        if known is None:
            if len(self._known) >= limits.SHAPES:
                self._known.clear()
            known = self._known.setdefault(key, Outline())
        return known


_WORDS: Final = ("type", "@context")


def _outline(document: Json) -> list[Hashable]:
    """Return all of a document but its texts; types, and texts beside a keyword, are no mere texts."""
    found: list[Hashable] = []
    _add_object(document, found, False)
    return found


def _add_object(value: Json, found: list[Hashable], words: bool) -> None:
    found += (tuple(value), tuple(map(type, value.values())))
    words = words or any(name[:1] == "@" and name != "@context" for name in value)
    for name, member in value.items():
        if isinstance(member, str):
            if words or name == "type":
                found.append(member)
        elif isinstance(member, dict):
            _add_object(member, found, words)
        elif isinstance(member, list):
            _add_list(member, found, words or name in _WORDS)


def _add_list(value: list[JsonValue], found: list[Hashable], words: bool) -> None:
    found.append(tuple(map(type, value)))
    for item in value:
        if isinstance(item, dict):
            _add_object(item, found, words)
        elif isinstance(item, list):
            _add_list(item, found, words)
        elif words and isinstance(item, str):
            found.append(item)
