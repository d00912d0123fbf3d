"""The walk states what expansion by PyLD states, or leaves the document to it: nothing else, ever."""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread

import pyoxigraph
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import LimitError, Problem
from proofs.rdf import canonical_form, require_lossless, to_quads
from proofs.rdf.canonical import Canonical, canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.rdf.first_degree import _labels as told_apart
from proofs.rdf.first_degree import canonicalize_statements
from proofs.rdf.tables import initial_table
from proofs.rdf.walk import statements

V2 = "https://www.w3.org/ns/credentials/v2"
OURS = "https://w3id.org/passeport/v1"
FULL = bool(os.environ.get("PASSEPORT_FULL"))
thorough = settings(
    max_examples=20_000 if FULL else 400, deadline=None, suppress_health_check=list(HealthCheck)
)


def agrees(document: Json, contexts: Contexts) -> bool:
    """Compare the two ways; return whether the walk went to the end."""
    before = copy.deepcopy(document)
    stated = statements(document, contexts)
    assert document == before
    expected: Canonical | Problem
    try:
        expected = canonicalize(to_dataset(expand(document, contexts)))
    except Problem as problem:
        expected = problem
    if stated is None:
        return False
    if isinstance(expected, Problem):
        with pytest.raises(type(expected), match=expected.code):  # only what is found once all is stated
            canonicalize_statements(stated)
        return False
    found = canonicalize_statements(stated)
    assert found.lines == expected.lines, document
    if told_apart(list(dict.fromkeys(stated)), "sha256") is not None:
        _pyoxigraph_agrees(found)
    return True


def _pyoxigraph_agrees(found: Canonical) -> None:
    """Where blank nodes look alike, in graphs above all, it labels some otherwise than rdf-canonize does."""
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(found.text, pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode("utf-8")
    assert found.lines == tuple(sorted(line + "\n" for line in text.split("\n")[:-1]))


# Documents of every construct, with contexts of their own: mostly in order, now and then with something odd.

XSD = "http://www.w3.org/2001/XMLSchema#"
ALIASES: Json = {
    "id": "@id",
    "type": "@type",
    "text": "@value",
    "list": "@list",
    "set": "@set",
    "in": "@graph",
}
TERMS = [f"t{number}" for number in range(8)]
TYPES = [f"C{number}" for number in range(4)]
IDS = ["_:a", "_:b", "_:c", "_:d", "urn:s", "urn:t", "ex:u"]
ODD_CONTEXTS: list[JsonValue] = [None, [], [V2], V2, {"@import": V2}, {"t0": {}}, 5]
ODD: list[JsonValue] = [
    *(
        None,
        [],
        {},
        "",
        "relative",
        "_:a b",
        "@type",
        "a\x00",
        5e-324,
        1e400,
        [[]],
        [None],
        [["a"]],
        {"@set": []},
    ),
    *({"@id": 5}, {"@value": None}, {"@value": "a", "@language": "x y"}, {"@value": ["a"]}, {"@nest": {}}),
    *({"@list": ["a"], "@index": "i"}, {"@type": "C0", "@value": "a"}, {"unknown": "a"}, {"@context": None}),
    *(
        {"@set": ["a"], "@type": "C0"},
        {"@language": "fr"},
        {"@id": "urn:a"},
        {"@graph": ["a"]},
        {"@list": None},
    ),
    *({"@value": 1, "@language": "fr"}, {"@id": "urn:a", "id": "urn:b"}, {"@type": ["C0"], "type": "C1"}),
    *(
        {"@reverse": {"t0": "a"}},
        {"@reverse": {"@id": "urn:a"}},
        {"@included": "a"},
        {"@set": {"@list": ["a"]}},
    ),
]


class Maker:
    """Makes documents; ``odd`` is the likelihood of each value to be out of order."""

    def __init__(self, seed: int, odd: float) -> None:
        self.random = Random(seed)
        self.odd = odd
        self.left = 25

    def chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def document(self) -> Json:
        context = {"ex": {"@id": "urn:ex:", "@prefix": True}, **self.context(2, first=True)}
        if self.chance(0.1):
            nodes = [self.node(context, 0) for _ in range(2)]
            return {"@context": context, "@graph": nodes}
        return {"@context": context, **self.node(context, 0)}

    def context(self, depth: int, *, first: bool = False) -> Json:
        share = 0.9 if first else 0.3
        found: Json = {name: means for name, means in ALIASES.items() if self.chance(share)}
        found |= {name: self.term(depth) for name in TERMS if self.chance(share)}
        found |= {name: self.type_term(name, depth) for name in TYPES if self.chance(share)}
        for key, value in (("@language", "en-GB"), ("@vocab", "urn:vocab#"), ("@protected", True)):
            if self.chance(0.02 if key == "@protected" else 0.07):
                found[key] = value
        if self.chance(0.02):
            found[self.random.choice(sorted(ALIASES))] = "urn:no-alias"
        return found

    def type_term(self, name: str, depth: int) -> JsonValue:
        iri = f"urn:{name}{self.random.randrange(2)}"
        return {"@id": iri, "@context": self.context(depth - 1)} if depth and self.chance(0.5) else iri

    def term(self, depth: int) -> JsonValue:
        iri = self.random.choice(["urn:p", "ex:q"]) + str(self.random.randrange(200))
        kind = self.random.choice(
            [
                "",
                "",
                "",
                "@id",
                "@id",
                "@vocab",
                "@json",
                "@none",
                XSD + "date",
                XSD + "double",
                XSD + "string",
            ]
        )
        container = self.random.choice(
            ["", "", "", "", "@set", "@list", "@list", "@language", "@graph", "@graph"]
        )
        if self.chance(0.01):
            container = self.random.choice(["@index", "@id"])
        term: Json = {"@id": iri}
        if self.chance(0.1) and kind in ("", "@id"):
            return {"@reverse": iri} | ({"@type": kind} if kind else {})
        if container:
            term["@container"] = (
                [container, "@set"] if self.chance(0.2) and container != "@list" else container
            )
        if kind and container != "@language":
            term["@type"] = kind
        elif self.chance(0.2):
            term["@language"] = self.random.choice(["FR", None])
        elif self.chance(0.1):
            term["@direction"] = "rtl"
        if depth and self.chance(0.25):
            term["@context"] = self.context(depth - 1)
        return term

    def node(self, scope: Json, depth: int) -> Json:
        node: Json = {}
        if depth > 4:
            return {"urn:any": self.text()}
        if self.chance(0.5):
            node["id" if "id" in scope else "@id"] = self.random.choice(IDS)
        if self.chance(0.08):
            local = self.odd_or(self.context(1), ODD_CONTEXTS)
            node["@context"] = local
            scope = {**scope, **local} if isinstance(local, dict) else scope
        inner = scope
        if self.chance(0.4):
            types = [name for name in TYPES if name in scope and self.chance(0.5)] or ["urn:T"]
            node["type" if "type" in scope else "@type"] = types[0] if len(types) == 1 else types
            for name in types:
                inner = {**inner, **_scoped(scope.get(name))}
        known = [name for name in TERMS if name in inner]
        for name in self.random.sample(known, min(len(known), self.random.randrange(1, 4))):
            node[name] = self.value(inner, scope, name, depth)
        for name in ("@included", "@graph", "@reverse"):
            if self.chance(0.05) and depth < 4:
                below = self.node({**scope}, depth + 1)
                node[name] = {"ex:r": [below]} if name == "@reverse" else [below]
        return {**node, "urn:any": self.text()} if self.chance(0.3) else node

    def value(self, scope: Json, outer: Json, name: str, depth: int) -> JsonValue:
        definition = scope[name]
        if not isinstance(definition, dict):
            return self.text()
        container = many(definition.get("@container"))
        if "@language" in container:
            return self.odd_or({"fr": [self.text()], "EN": self.text(), "@none": self.text()}, ODD)
        # Types of the node do not propagate, the context of the term does.
        below, scope = ({**names, **_scoped(definition), name: definition} for names in (outer, scope))
        count = self.random.choice([0, 1, 2]) if "@list" in container else self.random.choice([1, 1, 2, 3])
        items = [self.item(below, scope, name, depth) for _ in range(count)]
        if "@list" in container and self.chance(0.2):
            items.append([self.text(), [self.text()]])
        if "@list" not in container:
            items = list({json.dumps(item): item for item in items}.values())
        return items[0] if len(items) == 1 and self.chance(0.5) else list(items)

    def item(self, below: Json, scope: Json, name: str, depth: int) -> JsonValue:
        definition = scope.get(name)
        kind = definition.get("@type") if isinstance(definition, dict) else None
        graph = isinstance(definition, dict) and "@graph" in many(definition.get("@container"))
        self.left -= 1
        reverse = isinstance(definition, dict) and "@reverse" in definition
        if graph or (self.left > 0 and depth < 4 and (reverse or self.chance(0.4))):
            return self.odd_or(self.node(below, depth + 1), ODD)
        if kind == "@id" or reverse:
            identifier = self.random.choice(IDS)
            return self.odd_or(identifier if kind == "@id" else {"@id": identifier}, ODD)
        if kind == "@vocab":
            return self.odd_or(self.random.choice(["C0", "t1", "urn:w", "ex:w"]), ODD)
        if kind == XSD + "double":
            return self.odd_or(self.random.choice([1.5, 7, "1.5E0"]), ODD)
        return self.odd_or(self.scalar(scope), ODD)

    def scalar(self, scope: Json) -> JsonValue:
        text = self.text()
        value = "text" if "text" in scope else "@value"
        return self.random.choice(
            [
                *(text, text, text, self.random.randrange(99), 1.5, True),
                {value: text},
                {value: text, "@language": "fr-CA"},
                {value: text, "@language": "ar", "@direction": "rtl"},
                {value: text, "type" if "type" in scope else "@type": "ex:datatype"},
                {"@value": {"b": [text], "a": None}, "@type": "@json"},
                {"list" if "list" in scope else "@list": [text, [], {"@id": "_:a"}]},
                {"set" if "set" in scope else "@set": [text, {"@value": text + "x"}]},
            ]
        )

    def text(self) -> str:
        return self.random.choice(["a", 'q"\\', "é\n", "\u2028", "\U0001f600", "z"]) + str(
            self.random.randrange(999)
        )

    def odd_or(self, value: JsonValue, odd: list[JsonValue]) -> JsonValue:
        return copy.deepcopy(self.random.choice(odd)) if self.chance(self.odd) else value


def _scoped(definition: JsonValue) -> Json:
    context = definition.get("@context") if isinstance(definition, dict) else None
    return context if isinstance(context, dict) else {}


@thorough
@given(st.integers(0, 2**64), st.sampled_from([0, 0, 0.02, 0.3]))
def test_any_document_with_contexts_of_its_own(seed: int, odd: float) -> None:
    walked = agrees(Maker(seed, odd).document(), CONFORMANCE)
    event("walked" if walked else "left")


def test_most_random_documents_in_order_are_walked() -> None:
    """Else the comparison above would compare nothing."""
    walked = accepted = 0
    for seed in range(300):
        document = Maker(seed, 0).document()
        walked += agrees(document, CONFORMANCE)
        with suppress(Problem):
            accepted += bool(canonicalize(to_dataset(expand(document, CONFORMANCE))))
    assert accepted > 100
    assert walked > 0.6 * accepted  # the others redefine terms in odd ways


# What is walked, construct by construct; the others are left to PyLD.

OWN: Json = {
    "id": "@id",
    "list": "@list",
    "name": "urn:name",
    "same": "urn:name",
    "nick": {"@id": "urn:nick", "@language": "fr"},
    "knows": {"@id": "urn:knows", "@type": "@id"},
    "mood": {"@id": "urn:mood", "@type": "@vocab"},
    "size": {"@id": "urn:size", "@type": XSD + "double"},
    "xhtml": {"@id": "urn:xhtml", "@type": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"},
    "steps": {"@id": "urn:steps", "@container": "@list"},
    "title": {"@id": "urn:title", "@container": "@language", "@direction": "rtl"},
    "graph": {"@id": "urn:graph", "@container": "@graph"},
    "data": {"@id": "urn:data", "@type": "@json"},
    "datas": {"@id": "urn:data", "@type": "@json", "@container": "@list"},
    "partOf": {"@reverse": "urn:part", "@type": "@id"},
    "byId": {"@id": "urn:j", "@container": "@id"},
    "byGraph": {"@id": "urn:j", "@container": ["@graph", "@id"]},
    "Thing": "urn:Thing",
    "kind": {"@id": "@type", "@container": "@set"},
    "inside": {"@id": "@graph", "@context": {"name": "urn:inside"}},
    "Case": {"@id": "urn:Case", "@context": {"detail": "urn:detail", "sort": "@type", "worth": "@value"}},
    "Case2": {"@id": "urn:Case2", "@context": {"detail": "urn:other", "kind": "urn:kind"}},
    "place": {"@id": "urn:place", "@context": {"street": "urn:street", "knows": "urn:neighbour"}},
    "turn": {"@id": "urn:turn", "@context": {"turn": {"@id": "urn:turned", "@container": "@list"}}},
    "spin": {"@id": "urn:spin", "@context": {"spin": "urn:spun"}},
}
A_NODE: Json = {"name": "a"}
WALKED: dict[str, Json] = {
    "text": {"name": 'a"\\\n'},
    "numbers": {"name": [1, 1.5, True], "size": [2, "1.5E0"]},
    "no term": {"urn:name": "a"},
    "language of the term": {"nick": "a"},
    "value objects": {"name": [{"@value": "a", "@language": "FR"}, {"@value": "a", "@type": "urn:t"}]},
    "value object with a context": {"name": {"@context": {"text": "@value"}, "text": "a"}},
    "JSON value object": {"name": {"@value": [{}], "@type": "@json"}},
    "JSON": {"data": [None, {"b": 1, "a": {}}]},
    "names": {"id": "_:x", "knows": ["_:x", "_:y", "urn:a"], "mood": "Thing"},
    "types": {"@type": ["Thing", "urn:T"], "name": "a"},
    "alias with a container": {"kind": "Thing", "name": "a"},
    "type-scoped context": {"@type": "Case", "detail": "a", "knows": {"@id": "urn:x"}},
    "value in a type-scoped context": {"@type": "Case", "name": {"worth": "a"}},
    "longer value in a type-scoped context": {"@type": "Case", "name": {"@value": "a", "@language": "fr"}},
    "types that do not propagate": {"@type": "Case", "knows": [{"@type": "Case2", "detail": "b"}]},
    "two scoped types": {"@type": ["Case2", "Case"], "detail": "a"},
    "property-scoped context": {"place": {"street": "a", "knows": [{"street": "b"}]}},
    "term redefined by its own context": {"spin": ["a", {"spin": "b"}]},
    "property-scoped reference": {"place": "a"},
    "set": {"name": {"@set": ["a", {"@value": "b"}]}},
    "list": {"steps": ["a", "a", ["b", []], A_NODE]},
    "list of one": {"steps": "a"},
    "list object": {"name": {"list": "a"}, "steps": {"@list": ["a"]}},
    "node in a list of its own": {"steps": A_NODE},
    "empty list": {"steps": []},
    "language map": {"title": {"fr": ["a", "b"], "@none": "c"}},
    "language map as a text": {"title": "a"},
    "graph container": {"graph": [A_NODE, {"@graph": [A_NODE], "name": "b"}]},
    "graph": {"id": "urn:g", "@graph": [A_NODE]},
    "included": {"name": "a", "@included": [A_NODE]},
    "included in a type-scoped context": {"@type": "Case", "@included": [A_NODE]},
    "reverse": {"@reverse": {"knows": ["urn:a", A_NODE], "place": {"street": "b"}}},
    "reverse property": {"partOf": ["urn:a", A_NODE]},
    "node with a context": {"knows": {"@context": [{"more": "urn:more"}, V2], "more": "a"}},
    "only a graph": {"@graph": [A_NODE, {"name": "b"}]},
}
LEFT: dict[str, Json] = {
    "undefined term": {"unknown": "a"},
    "null": {"name": None},
    "null among texts": {"name": ["a", None]},
    "empty array": {"name": []},
    "array in an array": {"name": [["a"]]},
    "value twice": {"name": ["a", "a"]},
    "one property by two names": {"name": "a", "same": "b"},
    "only a name": {"id": "urn:a"},
    "only a name in a graph": {"graph": {"id": "urn:a"}},
    "text in a graph": {"graph": "a"},
    "value in a graph": {"graph": {"@value": "a"}},
    "top-level value": {"@value": "a"},
    "two names": {"id": "urn:a", "@id": "urn:b", "name": "a"},
    "number as a name": {"id": 5, "name": "a"},
    "relative name": {"id": "a", "name": "a"},
    "malformed blank name": {"id": "_:a b", "name": "a"},
    "name with a rare character": {"id": "urn:\u200d", "name": "a"},
    "two members with types": {"@type": "Thing", "kind": "Thing"},
    "number as a type": {"@type": 5},
    "no type": {"@type": []},
    "type twice": {"@type": ["Thing", "urn:Thing"]},
    "undefined type": {"@type": "Unknown"},
    "member that a type makes a type": {"@type": "Case", "sort": "Thing"},
    "member that a type makes a value": {"@type": "Case", "worth": "a"},
    "type member that its type redefines": {"kind": "Case2", "detail": "a"},
    "graph with a scoped context": {"inside": [A_NODE]},
    "term that its own context makes a list": {"turn": "a"},
    "index": {"name": "a", "@index": "i"},
    "language without a value": {"name": {"@language": "fr"}},
    "id map": {"byId": {"urn:a": A_NODE}},
    "graph id map": {"byGraph": {"urn:a": A_NODE}},
    "JSON in a list": {"datas": [1]},
    "no JSON": {"data": None},
    "control character": {"name": "\x00"},
    "reserved datatype": {"xhtml": "a"},
    "number that needs 17 digits": {"name": 0.1 + 0.2},
    "set with a type": {"name": {"@set": ["a"], "@type": "Thing"}},
    "set in a list": {"steps": [{"@set": ["a"]}]},
    "set as a list": {"steps": {"@set": ["a"]}},
    "null in a list": {"name": {"@list": None}},
    "list of nothing in a top-level set": {"@set": ["a"]},
    "text in a list in a graph": {"id": "urn:a", "@graph": [{"@list": ["a"]}]},
    "set without a property": {"name": "a", "@included": [{"@set": ["b"]}]},
    "text included": {"name": "a", "@included": "b"},
    "empty language map": {"title": {}},
    "no text of a language": {"title": {"fr": ""}},
    "object of a language": {"title": {"fr": {}}},
    "malformed language": {"title": {"f r": "a"}},
    "null in a value": {"name": {"@value": "a", "@language": None}},
    "undefined member of a value": {"name": {"@value": "a", "name": "b"}},
    "type and language of a value": {"name": {"@value": "a", "@type": "urn:t", "@language": "fr"}},
    "number as the type of a value": {"name": {"@value": "a", "@type": 5}},
    "scoped type of a value": {"name": {"@value": "a", "@type": "Case"}},
    "reverse of nothing": {"@reverse": {}},
    "reverse with a context": {"@reverse": {"@context": {}, "knows": A_NODE}},
    "reverse of a reverse": {"@reverse": {"partOf": A_NODE}},
    "reverse of a list": {"@reverse": {"steps": A_NODE}},
    "reverse of a text": {"@reverse": {"name": "a"}},
    "malformed context": {"knows": {"@context": 5}},
    "context in a context": {"knows": {"@context": {"@context": {}}, "name": "a"}},
    "protected term": {"@context": [V2, {"type": "urn:t"}], "name": "a"},
}


@pytest.mark.parametrize("name", WALKED)
def test_what_is_walked(name: str) -> None:
    assert agrees({"@context": OWN, **WALKED[name]}, CONFORMANCE)


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_pyld(name: str) -> None:
    document = {"@context": OWN, **LEFT[name]}
    assert statements(document, CONFORMANCE) is None
    agrees(document, CONFORMANCE)


def test_without_a_context_only_iris_have_meaning() -> None:
    assert agrees({"@id": "urn:a", "urn:b": "c"}, PRODUCT)
    assert statements({"name": "a"}, PRODUCT) is None


def test_a_default_language_that_is_none_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """No context that is admitted can set one; were one to, texts would not be written as untagged."""
    monkeypatch.setattr("proofs.rdf.tables.admit", lambda *_: None)
    assert statements({"@context": {"@language": "f r", "name": "urn:n"}, "name": "a"}, CONFORMANCE) is None


# Real documents.


def test_real_documents_are_walked(documents: dict[str, Json]) -> None:
    for document in documents.values():
        assert agrees(document, PRODUCT)


def test_the_official_documents_are_walked(fixtures: Path) -> None:
    walked = 0
    for file in sorted((fixtures / "vectors").glob("vc-di-*/**/*.json")):
        document = json.loads(file.read_text("utf-8"))
        if isinstance(document, dict) and "@context" in document:
            walked += agrees(document, CONFORMANCE)
    assert walked > 40


@thorough
@given(data=st.data())
def test_real_documents_that_were_altered(documents: dict[str, Json], data: st.DataObject) -> None:
    """One member exchanged, added, moved or taken away, anywhere."""
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    random = Random(data.draw(st.integers(0, 2**64)))
    places = list(_places(document))
    for _ in range(random.choice([1, 1, 2, 3])):
        container, key = random.choice(places)
        other, place = random.choice(places)
        value = random.choice([*ODD, "did:example:a", other[place], [container[key]] * 2])
        value = copy.deepcopy(value)
        container[key if random.random() < 0.7 else random.choice(["name", "id", "@type", "unknown"])] = value
        places = list(_places(document))
    event("walked" if agrees(document, random.choice([PRODUCT, CONFORMANCE])) else "left")


def _places(value: JsonValue) -> Iterator[tuple[Json, str]]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _places(item)
    if isinstance(value, dict):
        yield from ((value, key) for key in value)


# Limits, memories, threads.


def test_depth_and_size_have_an_end() -> None:
    deep: Json = {}
    for _ in range(limits.JSON_DEPTH):
        deep = {"knows": deep}
    assert statements(deep, PRODUCT) is None
    deep = {"knows": deep}
    for document in (deep, {"name": ["a"] * limits.JSON_LD_VALUES}):
        with pytest.raises(LimitError):
            statements(document, PRODUCT)


def test_definitions_are_counted_as_pyld_would_make_them() -> None:
    subjects: list[JsonValue] = [{"type": "VerifiableCredential", "id": f"urn:{n}"} for n in range(3_000)]
    document: Json = {"@context": V2, "type": "VerifiableCredential", "credentialSubject": subjects}
    assert statements(document, PRODUCT) is None
    assert agrees({**document, "credentialSubject": subjects[:3]}, PRODUCT)


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch, documents: dict[str, Json]) -> None:
    monkeypatch.setattr(limits, "CONTEXT_TABLES", 3)
    monkeypatch.setattr(limits, "CONTEXT_MEMORIES", 2)
    contexts = Contexts(PRODUCT.pins)
    first = initial_table(contexts)
    for document in documents.values():
        assert agrees(document, contexts)
    assert initial_table(contexts) is not first


def test_a_context_is_remembered_as_it_was() -> None:
    """A caller that changes its own context afterwards changes nothing for others."""
    scoped: Json = {"detail": "urn:detail"}
    document: Json = {"@context": {"place": {"@id": "urn:p", "@context": scoped}}}
    again = copy.deepcopy(document) | {"place": {"detail": "a"}}
    assert statements(document | {"place": "a"}, CONFORMANCE)
    scoped["detail"] = "urn:other"
    assert agrees(again, CONFORMANCE)


def test_threads_do_not_disturb_each_other(documents: dict[str, Json]) -> None:
    contexts = Contexts(PRODUCT.pins)
    expected = {name: statements(document, PRODUCT) for name, document in documents.items()}
    wrong: list[str] = []

    def work() -> None:
        for name, document in documents.items():
            if statements(document, contexts) != expected[name]:
                wrong.append(name)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("document", [WALKED["list"], LEFT["one property by two names"]])
def test_quads_are_the_same_either_way(document: Json) -> None:
    whole = {"@context": OWN, **document}
    expected = canonicalize(to_dataset(expand(whole, CONFORMANCE)))
    assert canonicalize(to_quads(whole, CONFORMANCE)).lines == expected.lines
    assert canonical_form(whole, CONFORMANCE).lines == expected.lines
    require_lossless(whole, CONFORMANCE)
