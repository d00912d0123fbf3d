"""Expanded JSON-LD to an RDF dataset (JSON-LD API 1.1 §8.1), where whatever RDF cannot hold raises.

The algorithm of the specification drops what is no RDF (relative IRIs, blank predicates, indexes) without
a word; a signature over the rest would not cover what people read.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Final

from boundary.shape import a_list, an_object
from boundary.strict_json import Json, JsonValue
from problems import DataLossError, MalformedValueError
from proofs.rdf.literals import literal, shown, usual
from proofs.rdf.nquads import ABSOLUTE_IRI, RDF, Blank, Iri, Quad, Resource, Term

_TYPE: Final = Iri(RDF + "type")
_FIRST: Final = Iri(RDF + "first")
_REST: Final = Iri(RDF + "rest")
_NIL: Final = Iri(RDF + "nil")

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
BLANK_NAME: Final = re.compile(r"_:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")


def to_dataset(expanded: Sequence[JsonValue], *, empty: bool = False) -> list[Quad]:
    """Return the quads that expanded JSON-LD states, blank nodes labelled in order of appearance.

    With ``empty`` a member without values says nothing, as in the specification; else it is refused.
    Raises DataLossError for what RDF would drop, MalformedValueError for an IRI, language tag, number or
    text that cannot be written without doubt.
    """
    writer = _Writer(empty)
    for node in expanded:
        writer.node(an_object(node, "@graph"), None, "@id", alone=True)
    return list(dict.fromkeys(writer.quads))


class _Writer:
    def __init__(self, empty: bool) -> None:
        self.quads: list[Quad] = []
        self._empty = empty
        self._labels: dict[str, Blank] = {}
        self._numbers = count()

    def node(self, node: Json, graph: Resource | None, at: str, *, alone: bool = False) -> Resource:
        """Write all that a node object says and return its name; ``alone`` when nothing points to it."""
        subject = self._resource(node["@id"], "rdf.relative_iri", at) if "@id" in node else self._fresh()
        before = len(self.quads)
        for key, value in node.items():
            if key == "@type":
                self._objects(subject, _TYPE, [self._type(name) for name in a_list(value, key)], graph)
            elif key in ("@graph", "@included"):
                self._nodes(value, subject if key == "@graph" else graph, key)
            elif key == "@reverse":
                self._reverse(subject, an_object(value, key), graph)
            elif key != "@id":
                values = [self._object(an_object(item, key), graph, key) for item in a_list(value, key)]
                self._objects(subject, _predicate(key), values, graph)
        if alone and len(self.quads) == before:
            raise DataLossError("rdf.empty_node")
        return subject

    def _type(self, name: JsonValue) -> Resource:
        return self._resource(name, "rdf.undefined_type", name if isinstance(name, str) else "@type")

    def _resource(self, name: JsonValue, otherwise: str, at: str) -> Resource:
        if isinstance(name, str) and name.startswith("_:"):
            return self._blank(name)
        return _iri(name, otherwise, at)

    def _blank(self, name: str) -> Blank:
        if not BLANK_NAME.fullmatch(name):
            raise MalformedValueError("rdf.blank_label")
        if name not in self._labels:
            self._labels[name] = self._fresh()
        return self._labels[name]

    def _fresh(self) -> Blank:
        return Blank(f"b{next(self._numbers)}")

    def _nodes(self, value: JsonValue, graph: Resource | None, at: str) -> None:
        nodes = a_list(value, at)
        if not nodes:
            raise DataLossError("rdf.empty_array", term=at)
        for node in nodes:
            self.node(an_object(node, at), graph, at, alone=True)

    def _reverse(self, subject: Resource, properties: Json, graph: Resource | None) -> None:
        for key, nodes in properties.items():
            predicate = _predicate(key)
            for node in a_list(nodes, key):
                other = self.node(an_object(node, key), graph, key)
                self.quads.append(Quad(other, predicate, subject, graph))

    def _objects(
        self, subject: Resource, predicate: Iri, objects: Sequence[Term], graph: Resource | None
    ) -> None:
        term = shown(predicate.value)
        if not objects and not self._empty:
            raise DataLossError("rdf.empty_array", term=term)
        # A set has no twice: the second of two equal values would not be covered by the signature.
        if len(set(objects)) != len(objects):
            raise DataLossError("rdf.duplicate_value", term=term)
        self.quads.extend(Quad(subject, predicate, value, graph) for value in objects)

    def _object(self, value: Json, graph: Resource | None, at: str) -> Term:
        if "@value" in value:
            return literal(value)
        if "@list" in value:
            _refuse_other_members(value, "@list")
            return self._list(a_list(value["@list"], at), graph, at)
        return self.node(value, graph, at)

    def _list(self, items: list[JsonValue], graph: Resource | None, at: str) -> Resource:
        """Return the head of a linked list (JSON-LD API 1.1 §8.3)."""
        cells: list[Resource] = [*(self._fresh() for _ in items), _NIL]
        for cell, rest, item in zip(cells, cells[1:], items, strict=False):
            value = self._object(an_object(item, at), graph, at)
            self.quads += [Quad(cell, _FIRST, value, graph), Quad(cell, _REST, rest, graph)]
        return cells[0]


def _predicate(key: str) -> Iri:
    if key.startswith("@"):
        raise DataLossError("rdf.keyword", term=shown(key))
    if key.startswith("_:"):
        raise DataLossError("rdf.blank_predicate")
    return _iri(key, "rdf.undefined_term", key)


def _iri(value: JsonValue, otherwise: str, at: str) -> Iri:
    """Return an absolute IRI; ``otherwise`` is the code for what is none, ``at`` what to call it then."""
    if not isinstance(value, str) or not _SCHEME.match(value):
        raise DataLossError(otherwise, term=shown(at))
    if not ABSOLUTE_IRI.fullmatch(value):
        raise MalformedValueError("rdf.iri")
    return Iri(usual(value))


def _refuse_other_members(value: Json, member: str) -> None:
    for key in value:
        if key != member:
            raise DataLossError("rdf.keyword", term=shown(key))
