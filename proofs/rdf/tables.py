"""Active contexts as tables: what each name means, worked out by PyLD once and then looked up.

A table stands for one active context (JSON-LD API 1.1 §4.1). From it the walk steps to others: into the
value of a term, by types, by a context that a node carries. Each step is taken by PyLD and remembered.
Whatever is unusual raises :class:`Unsure`; the document then goes the way of :mod:`proofs.rdf.expand`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from pyld.jsonld import JsonLdProcessor

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from proofs.rdf.admission import admit
from proofs.rdf.expand import meaning_of, process_context
from proofs.rdf.terms import Members, Term, Unsure, checked, members_of, term_of

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Step:
    """Where a step leads, and how many term definitions PyLD made for it (they have a budget)."""

    table: Table
    cost: int = 0
    types: tuple[str, ...] = ()
    """For a step by types: their IRIs as N-Quads writes them."""


class Table:
    """One active context. Its steps, words and sets of names are remembered, up to a limit."""

    def __init__(self, family: _Family, active: Any, previous: Table | None) -> None:
        family.size += 1
        self._family, self._active = family, active
        self.previous = previous
        """What holds again inside the next node: type-scoped contexts do not propagate (§4.1.1)."""
        self.terms: dict[str, Term] = {}
        self._words: dict[str, str] = {}
        self._into: dict[Hashable, Step] = {}
        self._nodes: dict[Hashable, Step] = {}
        self._locals: dict[Hashable, Step] = {}
        self._by_types: dict[Hashable, Step] = {}
        self._type_members: dict[tuple[str, ...], str] = {}
        self._members: dict[tuple[str, ...], Members] = {}
        definitions = {name: found for name, found in active["mappings"].items() if found}
        self._prefixes = {name: found["@id"] for name, found in definitions.items() if found["_prefix"]}
        self.scoped = frozenset(
            name for name, found in definitions.items() if found.get("@context") is not None
        )
        self.id_names = _names(definitions, "@id")
        self.type_names = _names(definitions, "@type")
        self.value_names = _names(definitions, "@value")
        self.list_names = _names(definitions, "@list")
        self.set_names = _names(definitions, "@set")
        self.no_node = self.value_names | self.list_names | self.set_names

    def term(self, name: str) -> Term:
        """Return what a member's name means (§5.1.2 step 13.2)."""
        found = self.terms.get(name)
        return found or _remember(self.terms, name, term_of(self._active, name))

    def iri(self, text: str) -> str:
        """Return the IRI that an ``@id`` stands for, base null, or a blank node's name (§5.2.2)."""
        prefix, colon, rest = text.partition(":")
        if prefix == "_":
            return text
        if prefix in self._prefixes and not rest.startswith("//") and colon:
            text = self._prefixes[prefix] + rest
        return checked(text)

    def word(self, text: str) -> str:
        """Return the IRI that a type or a word of a vocabulary stands for."""
        found = self._words.get(text)
        return found or _remember(self._words, text, checked(meaning_of(self._active, text)))

    def members(self, names: tuple[str, ...]) -> Members:
        """Return what the members of a node object are; raise Unsure for a set of names that is unusual."""
        found = self._members.get(names)
        return found or _remember(
            self._members, names, members_of([(name, self.term(name)) for name in names])
        )

    def type_member(self, names: tuple[str, ...]) -> str:
        """Return the name, of ``names``, that holds the types of a node; empty for none (§5.1.2 step 11)."""
        found = self._type_members.get(names)
        if found is None:
            typed = [name for name in names if name in self.type_names]
            if len(typed) > 1:
                raise Unsure
            found = _remember(self._type_members, names, typed[0] if typed else "")
        return found

    def into(self, name: str) -> Step:
        """Step into the value of a term with a scoped context (§5.1.2 step 13.3, PyLD's term_ctx)."""
        found = self._into.get(name)
        return found or _remember(self._into, name, self._step_into(name))

    def node(self, name: str | None, node: Json) -> Step:
        """Step into a node object, out of type-scoped contexts (§5.1.2 steps 7 and 8)."""
        revert = self.previous is not None and not self._keeps(node)
        found = self._nodes.get((revert, name))
        return found or _remember(self._nodes, (revert, name), self._step_to_node(name, revert))

    def local(self, context: JsonValue) -> Step:
        """Step by the ``@context`` of a node (§5.1.2 step 9); an unusual one is not admitted."""
        key = _key(context)
        found = self._locals.get(key)
        return found or _remember(self._locals, key, self._step_by_context(context))

    def typed(self, types: JsonValue) -> Step:
        """Step by the types of a node, one or a list, in their order (§5.1.2 step 11)."""
        key = tuple(types) if isinstance(types, list) else (types,)
        try:
            found = self._by_types.get(key)
        except TypeError:  # an object among them
            raise Unsure from None
        return found or _remember(self._by_types, key, self._step_by_types(key))

    def scopes(self, name: str) -> bool:
        return self._context_of(name) not in (None, False)

    def _keeps(self, node: Json) -> bool:
        """Whether type-scoped contexts hold on: for a value and a mere reference."""
        if len(node) > 2 or "@context" in node:
            return False
        return not self.value_names.isdisjoint(node) or (
            len(node) == 1 and not self.id_names.isdisjoint(node)
        )

    def _step_into(self, name: str) -> Step:
        step = self._process(self._context_of(name), override_protected=True)
        outer, inner = self._definition(name), step.table._definition(name)
        same = bool(outer.get("reverse")) == bool(inner.get("reverse")) and _is_list(outer) == _is_list(inner)
        # The scoped context may redefine its own term, of which PyLD then reads a part here, a part there.
        if not same or inner.get("@id", "")[:1] == "@":
            raise Unsure
        return step

    def _definition(self, name: str) -> Any:
        return self._active["mappings"].get(name) or {}

    def _step_to_node(self, name: str | None, revert: bool) -> Step:
        base = self.previous if revert and self.previous else self
        context = self._context_of(name)
        return Step(base) if context is None else base._process(context, override_protected=True)

    def _step_by_context(self, context: JsonValue) -> Step:
        if any(isinstance(entry, dict) and "@context" in entry for entry in many(context)):
            raise Unsure
        admit(context, self._family.contexts)
        return self._process(copy.deepcopy(context))

    def _step_by_types(self, stated: tuple[JsonValue, ...]) -> Step:
        types = [name for name in stated if isinstance(name, str)]
        if not types or len(types) < len(stated):
            raise Unsure
        table, cost = self, 0
        for name in sorted(types):
            if self.scopes(name):
                step = table._process(self._context_of(name), propagate=False)
                table, cost = step.table, cost + step.cost
        iris = tuple(f"<{self.word(name)}>" for name in types)
        if len(set(iris)) != len(iris):
            raise Unsure
        return Step(table, cost, iris)

    def _context_of(self, name: str | None) -> Any:
        return JsonLdProcessor.get_context_value(self._active, name, "@context")

    def _process(self, context: Any, **how: bool) -> Step:
        try:
            active, cost = process_context(self._family.contexts, self._active, context, **how)
        except Exception as error:  # expand says what is wrong
            raise Unsure from error
        previous = (self.previous or self) if "previousContext" in active else None
        return Step(Table(self._family, active, previous), cost)


class _Family:
    """All tables of one set of contexts."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.size = 0
        self.initial = self._fresh()

    def first(self) -> Table:
        """Return the initial context; forget all that was remembered once it is very much."""
        if self.size > limits.CONTEXT_TABLES:
            self.size, self.initial = 0, self._fresh()
        return self.initial

    def _fresh(self) -> Table:
        return Table(self, process_context(self.contexts, None, [])[0], None)


@lru_cache(maxsize=8)
def _family(contexts: Contexts) -> _Family:
    return _Family(contexts)


def initial_table(contexts: Contexts) -> Table:
    """Return the table that each document starts from: no name means anything yet."""
    return _family(contexts).first()


def _is_list(definition: Any) -> bool:
    return "@list" in many(definition.get("@container"))


def _names(definitions: dict[str, Any], keyword: str) -> frozenset[str]:
    return frozenset([keyword, *(name for name, found in definitions.items() if found["@id"] == keyword)])


def _key(context: JsonValue) -> Hashable:
    if isinstance(context, list) and all(isinstance(entry, str) for entry in context):
        return tuple(map(str, context))
    return json.dumps(context)


def _remember(memory: dict[Any, _T], key: Any, value: _T) -> _T:
    if sum(map(len, map(str, key))) > limits.CONTEXT_KEY_CHARS:
        return value
    if len(memory) >= limits.CONTEXT_MEMORIES:
        memory.clear()
    memory[key] = value
    return value
