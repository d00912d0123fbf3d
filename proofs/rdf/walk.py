"""From a document to its quads in one walk (JSON-LD API 1.1 §5.1 and §8.1), on the tables of PyLD.

The walk knows what is allowed and common. At anything else it stops, without judging: ``expand`` and
``to_dataset`` then read the document, and say what is wrong or what is rare. So there is one place that
refuses, and the walk is right if whatever it states, they state too.

Here are nodes and their members; :mod:`proofs.rdf.walked_values` has what stands behind a property.
"""

from collections.abc import Mapping
from typing import Final

from boundary.strict_json import Json, JsonValue
from contexts import Contexts
from problems import Problem
from proofs.rdf.expand import refuse_size
from proofs.rdf.first_degree import Statement
from proofs.rdf.literals import quoted
from proofs.rdf.nquads import RDF
from proofs.rdf.tables import Table, initial_table
from proofs.rdf.terms import Term, Unsure
from proofs.rdf.values import items_of
from proofs.rdf.walked_values import WalkedValues

_TYPE: Final = f" <{RDF}type> "


def statements(document: Json, contexts: Contexts) -> list[Statement] | None:
    """Return what the document states, or None when it has to be read by ``expand`` and ``to_dataset``.

    Raises LimitError for a document too deep or too large.
    """
    found = walked(document, contexts)
    return None if found is None else found[0]


def walked(document: Json, contexts: Contexts) -> tuple[list[Statement], Mapping[str, str]] | None:
    """Return what :func:`statements` does, and the label of each blank node that the document names."""
    refuse_size(document)
    walk = _Walk()
    try:
        walk.document(document, initial_table(contexts))
    except (Unsure, Problem):
        return None
    return walk.statements, walk.labels


class _Walk(WalkedValues):
    """One document."""

    def document(self, document: Json, table: Table) -> None:
        if "@context" in document:
            table = self.take(table.local(document["@context"]))
        if not table.no_node.isdisjoint(document):
            raise Unsure
        members = [name for name in document if name != "@context"]
        if len(members) == 1 and table.term(members[0]).keyword == "@graph":
            self._nodes(document[members[0]], table, members[0], "")
        else:
            self._stated(document, table, None, "")

    # Nodes

    def node(self, node: Json, table: Table, at: str | None, graph: str) -> str:
        """State all of a node object, its own context applied, and return its name (§5.1.2, §8.1)."""
        names = tuple(node)
        typed = table.type_member(names)
        types: tuple[str, ...] = ()
        if typed:
            step = table.typed(node[typed])
            table, types = self.take(step), step.types
        members = table.members(names)
        if members.typed != typed:  # a context by type redefined the member itself
            raise Unsure
        subject = self.named(node[members.named], table) if members.named else self.blank()
        self.statements += [(subject, _TYPE, iri, graph) for iri in types]
        for name, term in members.properties:
            value = node[name]
            if term.plain and type(value) is str:
                # As term.written has it, without two calls for each text.
                clean = value.isprintable() and '"' not in value and "\\" not in value
                text = value if clean else quoted(value)
                self.statements.append((subject, term.predicate, f'"{text}{term.suffix}', graph))
            else:
                self._property(subject, term, table, name, value, graph)
        for name, keyword in members.keywords:
            self._keyword(subject, keyword, table, name, node[name], at, graph)
        return subject

    def only_node(
        self, item: JsonValue, table: Table, at: str | None, graph: str, *, stated: bool = False
    ) -> str:
        if not isinstance(item, dict):
            raise Unsure
        inner = self.enter(item, table, at)
        if not inner.no_node.isdisjoint(item):
            raise Unsure
        return (self._stated if stated else self.node)(item, inner, at, graph)

    def _stated(self, node: Json, table: Table, at: str | None, graph: str) -> str:
        """State a node to which nothing points: it must say something of itself."""
        before = len(self.statements)
        subject = self.node(node, table, at, graph)
        if len(self.statements) == before:
            raise Unsure
        return subject

    def _nodes(self, value: JsonValue, table: Table, at: str | None, graph: str) -> None:
        for item in items_of(value):
            self.only_node(item, table, at, graph, stated=True)

    # Members

    def _property(
        self, subject: str, term: Term, table: Table, name: str, value: JsonValue, graph: str
    ) -> None:
        inner = self.take(table.into(name)) if term.scoped else table
        if term.reverse:
            self._reversed(subject, term, inner, name, value, graph)
            return
        objects = self.values(term, inner, name, value, graph)
        if len(objects) > 1 and len(set(objects)) != len(objects):
            raise Unsure
        self.statements += [(subject, term.predicate, found, graph) for found in objects]

    def _keyword(
        self,
        subject: str,
        keyword: str,
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

    def _reverse_map(self, subject: str, table: Table, value: JsonValue, graph: str) -> None:
        """§5.1.2 step 13.4.13; a context of its own or a property reversed twice is rare."""
        if not isinstance(value, dict) or not value or "@context" in value:
            raise Unsure
        table = self.enter(value, table, "@reverse")
        for name, nodes in value.items():
            term = table.term(name)
            if not term.predicate or term.reverse:
                raise Unsure
            inner = self.take(table.into(name)) if term.scoped else table
            self._reversed(subject, term, inner, name, nodes, graph)

    def _reversed(
        self, subject: str, term: Term, table: Table, name: str, value: JsonValue, graph: str
    ) -> None:
        if term.container:
            raise Unsure
        for item in items_of(value):
            if isinstance(item, str) and term.coercion in ("@id", "@vocab"):
                other = self.text(item, term, table)
            else:
                other = self.only_node(item, table, name, graph)
            self.statements.append((other, term.predicate, subject, graph))
