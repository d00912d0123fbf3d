"""From a document to its quads in one walk (JSON-LD API 1.1 §5.1 and §8.1), on the tables of PyLD.

The walk knows what is allowed and common. At anything else it stops, without judging: ``expand`` and
``to_dataset`` then read the document, and say what is wrong or what is rare. So there is one place that
refuses, and the walk is right if whatever it states, they state too.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import Problem
from proofs.rdf.dataset import BLANK_NAME
from proofs.rdf.expand import refuse_size
from proofs.rdf.first_degree import Statement
from proofs.rdf.literals import literal
from proofs.rdf.nquads import RDF
from proofs.rdf.tables import Step, Table, initial_table
from proofs.rdf.terms import Term, Unsure
from proofs.rdf.values import escaped, is_clean, items_of, json_literal, language_map, value_object

_TYPE: Final = f" <{RDF}type> "
_FIRST: Final = f" <{RDF}first> "
_REST: Final = f" <{RDF}rest> "
_NIL: Final = f"<{RDF}nil>"


def statements(document: Json, contexts: Contexts) -> list[Statement] | None:
    """Return what the document states, or None when it has to be read by ``expand`` and ``to_dataset``.

    Raises LimitError for a document too deep or too large.
    """
    refuse_size(document)
    walk = _Walk()
    try:
        walk.document(document, initial_table(contexts))
    except (Unsure, Problem):
        return None
    return walk.statements


class _Walk:
    """One document. A graph is written as it ends a line: nothing, or a space and its name."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self._labels: dict[str, str] = {}
        self._blanks = 0
        self._definitions = 0

    def document(self, document: Json, table: Table) -> None:
        if "@context" in document:
            table = self._take(table.local(document["@context"]))
        if not table.no_node.isdisjoint(document):
            raise Unsure
        members = [name for name in document if name != "@context"]
        if len(members) == 1 and table.term(members[0]).keyword == "@graph":
            self._nodes(document[members[0]], table, members[0], "")
        else:
            self._stated(document, table, None, "")

    # Nodes

    def _node(self, node: Json, table: Table, at: str | None, graph: str) -> str:
        """State all of a node object, its own context applied, and return its name (§5.1.2, §8.1)."""
        typed = _types(node, table)
        step = table.typed(typed[1]) if typed else Step(table)
        table = self._take(step)
        if typed and typed[0] not in table.type_names:
            raise Unsure
        subject = self._subject(node, table)
        self.statements += [(subject, _TYPE, iri, graph) for iri in step.types]
        said = set()
        for name, value in node.items():
            term = table.terms.get(name) or table.term(name)
            if term.predicate:
                if term.predicate in said:
                    raise Unsure
                if not term.reverse:
                    said.add(term.predicate)
                if term.plain and type(value) is str:
                    text = value if is_clean(value) else escaped(value)
                    self.statements.append((subject, term.predicate, f'"{text}{term.suffix}', graph))
                else:
                    self._property(subject, term, table, name, value, graph)
            elif term.keyword == "@type":
                if not typed or name != typed[0]:
                    raise Unsure
            elif term.keyword not in ("@id", "@context"):
                self._keyword(subject, term.keyword, table, name, value, at, graph)
        return subject

    def _subject(self, node: Json, table: Table) -> str:
        names = [name for name in table.id_names if name in node]
        if not names:
            return self._blank()
        if len(names) > 1:
            raise Unsure
        return self._named(node[names[0]], table)

    def _named(self, value: JsonValue, table: Table) -> str:
        if not isinstance(value, str):
            raise Unsure
        iri = table.iri(value)
        if iri.startswith("_:"):
            return self._labels.get(iri) or self._labels.setdefault(_label(iri), self._blank())
        return f"<{iri}>"

    def _blank(self) -> str:
        self._blanks += 1
        return f"_:b{self._blanks}"

    def _keyword(
        self,
        subject: str,
        keyword: str | None,
        table: Table,
        name: str,
        value: JsonValue,
        at: str | None,
        graph: str,
    ) -> None:
        if keyword == "@graph":
            self._nodes(value, table, name, f" {subject}")
        elif keyword == "@included":
            self._nodes(value, table, at, graph)
        elif keyword == "@reverse":
            self._reverse_map(subject, table, value, graph)
        else:
            raise Unsure

    def _nodes(self, value: JsonValue, table: Table, at: str | None, graph: str) -> None:
        for item in items_of(value):
            self._only_node(item, table, at, graph, stated=True)

    def _only_node(
        self, item: JsonValue, table: Table, at: str | None, graph: str, *, stated: bool = False
    ) -> str:
        """State what must be a node object, no value, list or set."""
        if not isinstance(item, dict):
            raise Unsure
        inner = self._enter(item, table, at)
        if not inner.no_node.isdisjoint(item):
            raise Unsure
        return (self._stated if stated else self._node)(item, inner, at, graph)

    def _stated(self, node: Json, table: Table, at: str | None, graph: str) -> str:
        """State a node to which nothing points: it must say something of itself."""
        before = len(self.statements)
        subject = self._node(node, table, at, graph)
        if len(self.statements) == before:
            raise Unsure
        return subject

    def _enter(self, item: Json, table: Table, at: str | None) -> Table:
        """Return the table for an object that is the value of ``at``."""
        if table.previous is not None or at in table.scoped:
            table = self._take(table.node(at, item))
        if "@context" in item:
            table = self._take(table.local(item["@context"]))
        return table

    def _take(self, step: Step) -> Table:
        """PyLD would define the terms again at each use; its budget holds here, too."""
        self._definitions += step.cost
        if self._definitions > limits.TERM_DEFINITIONS:
            raise Unsure
        return step.table

    # Properties

    def _property(
        self, subject: str, term: Term, table: Table, name: str, value: JsonValue, graph: str
    ) -> None:
        inner = self._take(table.into(name)) if term.scoped else table
        if term.reverse:
            self._reversed(subject, term, inner, name, value, graph)
            return
        objects = self._values(term, inner, name, value, graph)
        if len(objects) > 1 and len(set(objects)) != len(objects):
            raise Unsure
        self.statements += [(subject, term.predicate, found, graph) for found in objects]

    def _values(self, term: Term, table: Table, name: str, value: JsonValue, graph: str) -> Sequence[str]:
        if term.coercion == "@json":
            return [json_literal(term, value)]
        if term.container == "@language" and isinstance(value, dict):
            return language_map(term, value)
        if term.container == "@list":
            return [self._contained_list(value, table, name, graph)]
        if term.container == "@graph":
            return [self._graph(item, table, name) for item in items_of(value)]
        return self._objects(items_of(value), table, name, graph)

    def _objects(self, items: Iterable[JsonValue], table: Table, at: str, graph: str) -> list[str]:
        """State what values say of themselves, and return each as N-Quads writes it."""
        objects: list[str] = []
        for item in items:
            if not isinstance(item, dict):
                objects.append(self._scalar(item, table, at))
                continue
            inner = self._enter(item, table, at)
            if inner.no_node.isdisjoint(item):
                objects.append(self._node(item, inner, at, graph))
            elif inner.value_names.isdisjoint(item):
                objects += self._list_or_set(item, inner, at, graph)
            else:
                objects.append(value_object(item, inner))
        return objects

    def _scalar(self, value: JsonValue, table: Table, at: str) -> str:
        """§5.3 Value Expansion."""
        term = table.term(at)
        if not term.predicate or term.coercion == "@json":
            raise Unsure
        if isinstance(value, str):
            return self._text(value, term, table)
        if not isinstance(value, bool | int | float):
            raise Unsure
        named = term.coercion in (None, "@id", "@vocab", "@none")
        return str(literal({"@value": value} if named else {"@value": value, "@type": term.coercion}))

    def _text(self, text: str, term: Term, table: Table) -> str:
        if term.coercion == "@id":
            return self._named(text, table)
        if term.coercion == "@vocab":
            return f"<{table.word(text)}>"
        if term.suffix is None:
            if term.coercion in (None, "@none"):
                raise Unsure
            return str(literal({"@value": text, "@type": term.coercion}))
        return f'"{text if is_clean(text) else escaped(text)}{term.suffix}'

    def _graph(self, item: JsonValue, table: Table, at: str) -> str:
        """§5.1.2 step 13.12: each value of a graph container is a graph of its own."""
        name = self._blank()
        self._only_node(item, table, at, f" {name}", stated=True)
        return name

    # Reverse properties

    def _reverse_map(self, subject: str, table: Table, value: JsonValue, graph: str) -> None:
        """§5.1.2 step 13.4.13; a context of its own or a property reversed twice is rare."""
        if not isinstance(value, dict) or not value or "@context" in value:
            raise Unsure
        table = self._enter(value, table, "@reverse")
        for name, nodes in value.items():
            term = table.term(name)
            if not term.predicate or term.reverse:
                raise Unsure
            inner = self._take(table.into(name)) if term.scoped else table
            self._reversed(subject, term, inner, name, nodes, graph)

    def _reversed(
        self, subject: str, term: Term, table: Table, name: str, value: JsonValue, graph: str
    ) -> None:
        if term.container:
            raise Unsure
        for item in items_of(value):
            if isinstance(item, str) and term.coercion in ("@id", "@vocab"):
                other = self._text(item, term, table)
            else:
                other = self._only_node(item, table, name, graph)
            self.statements.append((other, term.predicate, subject, graph))

    # Lists

    def _list_or_set(self, item: Json, table: Table, at: str, graph: str) -> list[str]:
        members = [name for name in item if name != "@context"]
        if len(members) != 1:
            raise Unsure
        if members[0] in table.set_names:
            return self._objects(items_of(item[members[0]]), table, at, graph)
        value = item[members[0]]
        return [self._list(value if isinstance(value, list) else [value], table, at, graph)]

    def _contained_list(self, value: JsonValue, table: Table, at: str, graph: str) -> str:
        if isinstance(value, list):
            return self._list(value, table, at, graph)
        if isinstance(value, dict):
            inner = self._enter(value, table, at)
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
                [value] = self._objects([_no_set(item, table, at, self)], table, at, graph)
            cell = self._blank()
            self.statements += [(cell, _FIRST, value, graph), (cell, _REST, head, graph)]
            head = cell
        return head


def _types(node: Json, table: Table) -> tuple[str, tuple[str, ...]] | None:
    """Return the member that holds a node's types, and the types; None when it has none."""
    names = [name for name in table.type_names if name in node]
    if not names:
        return None
    value = node[names[0]]
    stated = value if isinstance(value, list) else [value]
    types = tuple(name for name in stated if isinstance(name, str))
    if len(names) > 1 or not types or len(types) < len(stated):
        raise Unsure
    return names[0], types


def _no_set(item: JsonValue, table: Table, at: str, walk: _Walk) -> JsonValue:
    """Refuse a set among the items of a list, which PyLD makes a list of its own."""
    if isinstance(item, dict) and not walk._enter(item, table, at).set_names.isdisjoint(item):
        raise Unsure
    return item


def _label(name: str) -> str:
    if not BLANK_NAME.fullmatch(name):
        raise Unsure
    return name
