"""The walk states what expansion by PyLD states, or leaves the document to it: nothing else, ever."""

import copy
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread

import pyoxigraph
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import LimitError, Problem
from proofs.rdf import canonical_form, require_lossless, to_statements
from proofs.rdf.canonical import Canonical, canonicalize
from proofs.rdf.dataset import to_dataset
from proofs.rdf.expand import expand
from proofs.rdf.first_degree import canonicalize_statements
from proofs.rdf.first_degree import first_degree_labels as told_apart
from proofs.rdf.tables import initial_table
from proofs.rdf.walk import statements

V2 = "https://www.w3.org/ns/credentials/v2"
OURS = "https://w3id.org/passeport/v1"
FULL = bool(os.environ.get("PASSEPORT_FULL"))
thorough = settings(
    max_examples=20_000 if FULL else 150, deadline=None, suppress_health_check=list(HealthCheck)
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


XSD = "http://www.w3.org/2001/XMLSchema#"
RandomDocument = Callable[[int, float], Json]


@thorough
@given(seed=st.integers(0, 2**64), odd=st.sampled_from([0, 0, 0.02, 0.3]))
def test_any_document_with_contexts_of_its_own(
    random_document: RandomDocument, seed: int, odd: float
) -> None:
    walked = agrees(random_document(seed, odd), CONFORMANCE)
    event("walked" if walked else "left")


def test_most_random_documents_in_order_are_walked(random_document: RandomDocument) -> None:
    """Else the comparison above would compare nothing."""
    walked = accepted = 0
    for seed in range(300):
        document = random_document(seed, 0)
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


def test_types_are_not_taken_for_steps() -> None:
    """What is remembered of types and of terms must not meet, whatever their names."""
    scoped: Json = {"@id": "urn:place", "@context": {"detail": "urn:detail"}}
    context: Json = {"@vocab": "urn:v#", "place": scoped, "knows": "urn:knows"}
    for types in (["into", "place"], ["local", "place"], ["place"]):
        node: Json = {"@id": "urn:b", "@type": list(types), "place": {"detail": "a"}}
        assert agrees({"@context": context, "place": {"detail": "b"}, "knows": node}, CONFORMANCE)


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
def test_real_documents_that_were_altered(
    documents: dict[str, Json], odd_values: list[JsonValue], data: st.DataObject
) -> None:
    """One member exchanged, added, moved or taken away, anywhere."""
    document = copy.deepcopy(documents[data.draw(st.sampled_from(sorted(documents)))])
    random = Random(data.draw(st.integers(0, 2**64)))
    places = list(_places(document))
    for _ in range(random.choice([1, 1, 2, 3])):
        container, key = random.choice(places)
        other, place = random.choice(places)
        value = random.choice([*odd_values, "did:example:a", other[place], [container[key]] * 2])
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
    assert canonicalize_statements(to_statements(whole, CONFORMANCE)).lines == expected.lines
    assert canonical_form(whole, CONFORMANCE).lines == expected.lines
    require_lossless(whole, CONFORMANCE)
