"""What stands behind a property: texts, values, lists, graphs and nodes (JSON-LD API 1.1 §5.3, §8.1-8.3)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final

from boundary import limits
from boundary.strict_json import Json, JsonValue
from proofs.rdf.dataset import BLANK_NAME
from proofs.rdf.first_degree import Statement
from proofs.rdf.literals import literal
from proofs.rdf.nquads import RDF
from proofs.rdf.tables import Step, Table
from proofs.rdf.terms import Term, Unsure
from proofs.rdf.values import items_of, json_literal, language_map, value_object

_FIRST: Final = f" <{RDF}first> "
_REST: Final = f" <{RDF}rest> "
_NIL: Final = f"<{RDF}nil>"


class WalkedValues(ABC):
    """The values of one document. A graph is written as it ends a line: nothing, or a space and its name."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.labels: dict[str, str] = {}
        self._blanks = 0
        self._definitions = 0

    @abstractmethod
    def node(self, node: Json, table: Table, at: str | None, graph: str) -> str:
        """State all of a node object and return its name."""

    @abstractmethod
    def only_node(
        self, item: JsonValue, table: Table, at: str | None, graph: str, *, stated: bool = False
    ) -> str:
        """State what must be a node object, no value, list or set; ``stated`` when nothing points to it."""

    def values(self, term: Term, table: Table, name: str, value: JsonValue, graph: str) -> Sequence[str]:
        """State what the values of a property say of themselves, and return each as N-Quads writes it."""
        if term.coercion == "@json":
            return [json_literal(term, value)]
        if not term.container:
            return self._objects(value if isinstance(value, list) else (value,), table, name, graph)
        if term.container == "@language" and isinstance(value, dict):
            return language_map(term, value)
        if term.container == "@list":
            return [self._contained_list(value, table, name, graph)]
        if term.container == "@graph":
            return [self._graph(item, table, name) for item in items_of(value)]
        return self._objects(items_of(value), table, name, graph)

    def text(self, text: str, term: Term, table: Table) -> str:
        """Return what a text means that stands behind ``term``: a literal, a name or a word."""
        if term.suffix is not None:
            return term.written(text)
        if term.coercion == "@id":
            return self.named(text, table)
        if term.coercion == "@vocab":
            return f"<{table.word(text)}>"
        if term.coercion in (None, "@none"):
            raise Unsure
        return str(literal({"@value": text, "@type": term.coercion}))

    # Names and tables

    def named(self, value: JsonValue, table: Table) -> str:
        if not isinstance(value, str):
            raise Unsure
        iri = table.iri(value)
        if iri.startswith("_:"):
            return self.labels.get(iri) or self.labels.setdefault(_label(iri), self.blank())
        return f"<{iri}>"

    def blank(self) -> str:
        self._blanks += 1
        return f"_:b{self._blanks}"

    def enter(self, item: Json, table: Table, at: str | None) -> Table:
        """Return the table for an object that is the value of ``at``."""
        if table.previous is not None or at in table.scoped:
            table = self.take(table.node(at, item))
        if "@context" in item:
            table = self.take(table.local(item["@context"]))
        return table

    def take(self, step: Step) -> Table:
        """PyLD would define the terms again at each use; its budget holds here, too."""
        self._definitions += step.cost
        if self._definitions > limits.TERM_DEFINITIONS:
            raise Unsure
        return step.table

    # Values

    def _objects(self, items: Iterable[JsonValue], table: Table, at: str, graph: str) -> list[str]:
        objects: list[str] = []
        for item in items:
            if not isinstance(item, dict):
                objects.append(self._scalar(item, table, at))
                continue
            inner = self.enter(item, table, at)
            if inner.no_node.isdisjoint(item):
                objects.append(self.node(item, inner, at, graph))
            elif inner.value_names.isdisjoint(item):
                objects += self._list_or_set(item, inner, at, graph)
            else:
                objects.append(value_object(item, inner))
        if not objects:
            raise Unsure
        return objects

    def _scalar(self, value: JsonValue, table: Table, at: str) -> str:
        """§5.3 Value Expansion."""
        term = table.terms.get(at) or table.term(at)
        if not term.predicate or term.coercion == "@json":
            raise Unsure
        if isinstance(value, str):
            return self.text(value, term, table)
        if not isinstance(value, bool | int | float):
            raise Unsure
        named = term.coercion in (None, "@id", "@vocab", "@none")
        return str(literal({"@value": value} if named else {"@value": value, "@type": term.coercion}))

    def _graph(self, item: JsonValue, table: Table, at: str) -> str:
        """§5.1.2 step 13.12: each value of a graph container is a graph of its own."""
        name = self.blank()
        self.only_node(item, table, at, f" {name}", stated=True)
        return name

    # Lists

    def _list_or_set(self, item: Json, table: Table, at: str, graph: str) -> list[str]:
        members = [name for name in item if name != "@context"]
        if len(members) != 1:
            raise Unsure
        value = item[members[0]]
        if members[0] in table.set_names:
            return self._objects(items_of(value), table, at, graph)
        return [self._list(value if isinstance(value, list) else [value], table, at, graph)]

    def _contained_list(self, value: JsonValue, table: Table, at: str, graph: str) -> str:
        if isinstance(value, list):
            return self._list(value, table, at, graph)
        if isinstance(value, dict):
            inner = self.enter(value, table, at)
            if not inner.list_names.isdisjoint(value):
                return self._list_or_set(value, inner, at, graph)[0]
        return self._list([value], table, at, graph)

    def _list(self, items: list[JsonValue], table: Table, at: str, graph: str) -> str:
        """Return the head of a linked list (§8.3); a list in a list is one more list."""
        head = _NIL
        for item in reversed(items):
            if isinstance(item, list):
                value = self._list(item, table, at, graph)
            else:
                [value] = self._objects([self._no_set(item, table, at)], table, at, graph)
            cell = self.blank()
            self.statements += [(cell, _FIRST, value, graph), (cell, _REST, head, graph)]
            head = cell
        return head

    def _no_set(self, item: JsonValue, table: Table, at: str) -> JsonValue:
        """Refuse a set among the items of a list, which PyLD makes a list of its own."""
        if isinstance(item, dict) and not self.enter(item, table, at).set_names.isdisjoint(item):
            raise Unsure
        return item


def _label(name: str) -> str:
    if not BLANK_NAME.fullmatch(name):
        raise Unsure
    return name
