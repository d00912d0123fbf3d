"""Compiled shapes write what the algorithm writes, byte for byte, or leave the document to it."""

import copy
import json
import os
from collections.abc import Callable, Iterator
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import Problem
from proofs.rdf import Algorithm, canonical_form
from proofs.rdf.shapes import Shape, Shapes, compile_shape

thorough = settings(
    max_examples=5_000 if os.environ.get("PASSEPORT_FULL") else 60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
RandomDocument = Callable[[int, float], Json]

# Texts that could become more than a text: quotes, line ends, what Python takes for one, controls, characters
# that are none, marks of direction, names, prefixes, terms, marks of our own.
NASTY = [
    *("", " ", "a", "é’", "\U0001f600", "%s", "%%", "{0}", "ok\u200b", "\u202eevil\u202c", "مرحبا", "שלום"),
    *('"', "\\", 'a" .\n<urn:s> <urn:p> "b', "\n", "\r\n", "\t", "\x00", "\x1f", "\x7f", "\x85", "\u2028"),
    *(
        "\ufdd0",
        "\uffff",
        "\U0010ffff",
        "\ue000",
        "\ue000\x30\ue001",
        "\ue0000\ue001",
        "_:h0",
        "_:b1",
        "_:c14n0",
    ),
    *("urn:a", "did:key:z1", "https://a.example/", "https:a", "did://a", "urn:a b", "urn:a\nurn:b", "urn:a>"),
    *(
        "schema:name",
        "xsd:date",
        "ex:a",
        "cred:a",
        "sec://a",
        "name",
        "type",
        "@type",
        "@id",
        "fr",
        "1.0E0",
        "rtl",
    ),
    *(
        "2026-01-01T00:00:00Z",
        "relative",
        "#a",
        ":a",
        "http://é.example/",
        "https://a.example/\x7f",
        "urn:\u200b",
    ),
]


def outcome(work: Callable[[], str]) -> str:
    try:
        return work()
    except Problem as problem:
        return f"{type(problem).__name__} {problem.code}"


def agrees(shape: Shape, document: Json, contexts: Contexts, algorithm: Algorithm = "sha256") -> bool:
    """Compare the two; return whether the shape took the document."""
    before = copy.deepcopy(document)
    found = shape.canonical_text(document, algorithm)
    assert document == before
    if found is not None:
        assert found == canonical_form(document, contexts, algorithm=algorithm).text
    return found is not None


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value stands that is neither object nor list, but for contexts."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "@context":
            yield from places(item, (*at, key))
    if not isinstance(value, dict | list):
        yield at


def put(document: Any, at: tuple[str | int, ...], value: JsonValue) -> None:
    for key in at[:-1]:
        document = document[key]
    document[at[-1]] = value


def look_up(document: Any, at: tuple[str | int, ...]) -> Any:
    for key in at:
        document = document[key]
    return document


def altered(document: Json, random: Random, values: list[JsonValue]) -> Json:
    """Exchange some values: for any others, for another's, for one that is nearly the same."""
    document = copy.deepcopy(document)
    every = list(places(document))
    for _ in range(random.choice([1, 1, 2, 5, 20]) if every else 0):
        at = random.choice(every)
        old = look_up(document, at)
        near = [f"{old}x", f"{old}"[:-1], f"{old}".swapcase()] if isinstance(old, str) else [old]
        kind = random.randrange(4)
        new = [random.choice(values), look_up(document, random.choice(every)), random.choice(near), old][kind]
        put(document, at, copy.deepcopy(new))
    return document


def shuffled(value: Any, random: Random) -> Any:
    """Return the value with its members in another order, which means nothing in JSON."""
    if isinstance(value, dict):
        members = list(value.items())
        random.shuffle(members)
        return {name: shuffled(member, random) for name, member in members}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value


def compiled(document: Json, contexts: Contexts) -> Shape:
    shape = compile_shape(document, contexts)
    assert shape is not None
    return shape


def test_every_real_document_has_a_shape(documents: dict[str, Json]) -> None:
    for document in documents.values():
        assert agrees(compiled(document, PRODUCT), document, PRODUCT)


@thorough
@given(seed=st.integers(0, 2**64))
def test_real_documents_with_other_values(
    documents: dict[str, Json], odd_values: list[JsonValue], shapes_of: dict[str, Shape], seed: int
) -> None:
    random = Random(seed)
    name = random.choice(sorted(documents))
    values: list[JsonValue] = [*NASTY, *(odd_values if random.random() < 0.3 else [])]
    document = shuffled(altered(documents[name], random, values), random)
    algorithm: Algorithm = random.choice(["sha256", "sha384"])
    event("taken" if agrees(shapes_of[name], document, PRODUCT, algorithm) else "left")


@thorough
@given(seed=st.integers(0, 2**64), values=st.lists(st.text(max_size=12), min_size=1))
def test_real_documents_with_any_texts(
    documents: dict[str, Json], shapes_of: dict[str, Shape], seed: int, values: list[JsonValue]
) -> None:
    random = Random(seed)
    name = random.choice(sorted(documents))
    agrees(shapes_of[name], altered(documents[name], random, values), PRODUCT)


@thorough
@given(seed=st.integers(0, 2**64))
def test_random_documents_and_their_like(random_document: RandomDocument, seed: int) -> None:
    """Of every construct, with contexts of their own and blank nodes in circles."""
    random = Random(seed)
    document = random_document(seed, 0)
    shape = None
    try:
        shape = compile_shape(document, CONFORMANCE)
    except Problem:
        event("refused")
    if shape is not None:
        taken = sum(agrees(shape, altered(document, random, [*NASTY]), CONFORMANCE) for _ in range(8))
        event(f"taken {bool(taken)}")


@pytest.fixture(scope="session")
def shapes_of(documents: dict[str, Json]) -> dict[str, Shape]:
    return {name: compiled(document, PRODUCT) for name, document in documents.items()}


# What a shape takes, and what it leaves.

PERSON: Json = {
    "@context": {
        "id": "@id",
        "name": "urn:name",
        "title": {"@id": "urn:title", "@container": "@language"},
        "mood": {"@id": "urn:mood", "@type": "@vocab"},
        "page": {"@id": "urn:page", "@type": "@id"},
        "size": {"@id": "urn:size", "@type": "http://www.w3.org/2001/XMLSchema#double"},
        "born": {"@id": "urn:born", "@type": "http://www.w3.org/2001/XMLSchema#date"},
        "data": {"@id": "urn:data", "@type": "@json"},
        "count": "urn:count",
        "knows": "urn:knows",
        "ex": {"@id": "urn:ex:", "@prefix": True},
        "happy": "urn:happy",
        "sad": "urn:sad",
    },
    "id": "urn:person:1",
    "name": ["A", "B"],
    "title": {"fr": "Madame", "en": "Mrs"},
    "mood": "happy",
    "page": ["https://a.example/", "ex:a", "urn:other"],
    "size": "1.5E0",
    "born": "2000-01-01",
    "data": {"any": "thing"},
    "count": 1,
    "knows": [{"name": "C"}, {"name": "D", "knows": {"id": "urn:person:2", "name": "E"}}],
}

TAKEN: dict[str, Json] = {
    "other texts": {"name": ["Ж", "’"], "born": "tomorrow"},
    "texts to be escaped": {"name": ['"', "\\\n\u2028\x85"[:3]]},
    "other names": {"id": "urn:x", "page": ["https://b.example/é", "ex:a", "urn:y"]},
    "a language map": {"title": {"fr": "Ж", "en": '"'}},
    "members in another order": {"title": {"en": "Mrs", "fr": "Madame"}},
    "the same text in two places": {"name": ["A", "C"]},
}
LEFT: dict[str, Json] = {
    "a member more": {"happy": "a"},
    "a list longer": {"name": ["A", "B", "C"]},
    "a list for a text": {"born": ["2000-01-01"]},
    "an object for a text": {"born": {"@value": "2000-01-01"}},
    "a text for an object": {"title": "Madame"},
    "a text for a list": {"name": "A"},
    "a number for a text": {"born": 2000},
    "truth for a number": {"count": True},
    "a fraction for a number": {"count": 1.0},
    "a text for a number": {"count": "1"},
    "an object for a number": {"count": {"@value": 1}},
    "null": {"born": None},
    "the same value twice": {"name": ["A", "A"]},
    "the same name twice": {"page": ["urn:other", "ex:a", "urn:other"]},
    "two nodes of one name": {"id": "urn:person:2"},
    "two nodes without names that look alike": {"knows": [{"name": "C"}, {"name": "C"}]},
    "another language": {"title": {"de": "Frau", "en": "Mrs"}},
    "no text of a language": {"title": {"fr": "", "en": "Mrs"}},
    "another word": {"mood": "sad"},
    "a word that is none": {"mood": "https://a.example/"},
    "another number as a text": {"size": "2.5E0"},
    "a number that is none": {"size": "x"},
    "another part of a JSON literal": {"data": {"any": "other"}},
    "another prefixed name": {"page": ["https://a.example/", "ex:b", "urn:other"]},
    "a name that a prefix changes": {"page": ["ex:b", "ex:a", "urn:other"]},
    "a scheme as an authority": {"id": "urn://person:1"},
    "a relative name": {"id": "person"},
    "a blank node's name": {"id": "_:b"},
    "two names in one": {"id": "urn:a urn:b"},
    "two names on two lines": {"id": "urn:a\nurn:b"},
    "a name that ends early": {"id": "urn:a> <urn:b"},
    "a name with an invisible character": {"id": "urn:\u200b"},
    "a control character": {"born": "\x00"},
    "a noncharacter": {"born": "\ufffe"},
    "a lone surrogate": {"born": "\ud800"},
    "another context": {"@context": PERSON["@context"] | {"more": "urn:more"}},  # type: ignore[operator]
}


@pytest.fixture(scope="module")
def person() -> Shape:
    return compiled(PERSON, CONFORMANCE)


@pytest.mark.parametrize("name", TAKEN)
def test_what_a_shape_takes(person: Shape, name: str) -> None:
    assert agrees(person, {**PERSON, **TAKEN[name]}, CONFORMANCE)


@pytest.mark.parametrize("name", LEFT)
def test_what_a_shape_leaves(person: Shape, name: str) -> None:
    assert not agrees(person, {**PERSON, **LEFT[name]}, CONFORMANCE)


def test_a_list_is_no_object(person: Shape) -> None:
    members: Any = list(PERSON.items())
    assert person.canonical_text(members, "sha256") is None


@pytest.mark.parametrize("name", [*TAKEN, *LEFT])
def test_who_asks_cannot_tell_which_way_was_taken(name: str) -> None:
    """The same text, or the same problem."""
    shapes = Shapes(CONFORMANCE, sightings=1)
    shapes.canonical_text(PERSON)
    document = {**PERSON, **(TAKEN | LEFT)[name]}
    for _ in range(3):
        expected = outcome(lambda: canonical_form(document, CONFORMANCE).text)
        assert outcome(lambda: shapes.canonical_text(document)) == expected


def test_what_cannot_be_walked_has_no_shape() -> None:
    for document in (
        {"@context": {"name": "urn:n", "same": "urn:n"}, "name": "a", "same": "b"},  # left to PyLD
        {"@context": {"name": "urn:n"}, "@id": "urn:a", "name": "\ue0000\ue001"},  # our own mark
        {
            "@context": {"name": "urn:n"},
            "@id": "urn:a",
            "name": [str(n) for n in range(limits.SHAPE_TEXTS + 1)],
        },
    ):
        assert compile_shape(document, CONFORMANCE) is None


def test_blank_nodes_that_look_alike_have_no_shape() -> None:
    clique: Json = {
        "@context": {"knows": {"@id": "urn:k", "@type": "@id"}},
        "@graph": [{"@id": "_:a", "knows": "_:b"}, {"@id": "_:b", "knows": "_:a"}],
    }
    assert compile_shape(clique, CONFORMANCE) is None


# Learning, and forgetting.


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Collect the documents that go the way of the algorithm."""
    gone: list[Json] = []

    def canonical(document: Json, *rest: Any, **named: Any) -> Any:
        gone.append(document)
        return canonical_form(document, *rest, **named)

    monkeypatch.setattr("proofs.rdf.shapes.canonical_form", canonical)
    return gone


def numbered(number: int) -> Json:
    return {"@context": {"name": "urn:n", "id": "@id"}, "id": f"urn:{number}", "name": f"a{number}"}


def test_a_shape_is_compiled_once_its_outline_was_met_often_enough(ways: list[Json]) -> None:
    shapes = Shapes(CONFORMANCE, sightings=3)
    for number in range(9):
        assert shapes.canonical_text(numbered(number)) == f'<urn:{number}> <urn:n> "a{number}" .\n'
    assert [document for document in ways if document == numbered(3)] == []
    assert len({json.dumps(document) for document in ways}) == 3


def test_a_document_that_was_refused_is_not_learnt_from(ways: list[Json]) -> None:
    shapes = Shapes(CONFORMANCE, sightings=1)
    for _ in range(3):
        with pytest.raises(Problem):
            shapes.canonical_text({**numbered(1), "unknown": "a"})
    assert len(ways) == 3


def test_what_is_learnt_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHAPES", 2)
    monkeypatch.setattr(limits, "SHAPES_ALIKE", 2)
    monkeypatch.setattr(limits, "SHAPE_COST", 0)
    shapes = Shapes(CONFORMANCE, sightings=1)
    for names in ("one", "two", "three"):
        context: Json = {name: f"urn:{name}" for name in ("one", "two", "three")}
        for language in ("fr", "en", "de"):
            document: Json = {
                "@context": context,
                "@id": "urn:a",
                names: {"@value": "a", "@language": language},
            }
            assert shapes.canonical_text(document) == canonical_form(document, CONFORMANCE).text
    assert len(shapes._known) == 2
    assert {len(alike) for alike in shapes._known.values()} == {2}


def test_what_is_met_once_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHAPES", 2)
    shapes = Shapes(CONFORMANCE)
    for number in range(5):
        shapes.canonical_text({f"urn:{number}": "a"})
    assert len(shapes._met) == 2
    assert not shapes._known


def test_ever_new_shapes_are_not_all_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shape costs as much as many documents: whoever sends new ones all the time makes no more of them."""
    made = []

    def compile_one(document: Json, contexts: Contexts) -> Shape | None:
        made.append(document)
        return compile_shape(document, contexts)

    monkeypatch.setattr("proofs.rdf.shapes.compile_shape", compile_one)
    shapes = Shapes(CONFORMANCE, sightings=1)
    for number in range(300):
        document = {"@context": {f"n{number}": "urn:n"}, "@id": "urn:a", f"n{number}": "a"}
        assert shapes.canonical_text(document) == '<urn:a> <urn:n> "a" .\n'
    assert 4 <= len(made) <= 4 + 300 // limits.SHAPE_COST


def test_large_documents_are_neither_compiled_nor_remembered() -> None:
    shapes = Shapes(CONFORMANCE, sightings=1)
    large: Json = {"@id": "urn:a", "urn:n": "a" * (limits.SHAPE_CHARS + 1)}
    names: Json = {"@id": "urn:a", f"urn:{'n' * limits.CONTEXT_KEY_CHARS}": "a"}
    for document in (large, names):
        for _ in range(2):
            assert shapes.canonical_text(document) == canonical_form(document, CONFORMANCE).text
        assert compile_shape(large, CONFORMANCE) is None
    assert shapes._known.keys() == {("@id", "urn:n", None, None)}
    assert not shapes._known["@id", "urn:n", None, None]
    assert not shapes._met


def test_threads_do_not_disturb_each_other(
    documents: dict[str, Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHAPES", 2)
    expected = {name: canonical_form(document, PRODUCT).text for name, document in documents.items()}
    shapes, wrong = Shapes(PRODUCT, sightings=1), []

    def work(seed: int) -> None:
        names = sorted(documents) * 5
        Random(seed).shuffle(names)
        wrong.extend(name for name in names if shapes.canonical_text(documents[name]) != expected[name])

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_contexts_of_one_set_do_not_serve_another() -> None:
    """Shapes belong to the contexts that they were learnt with."""
    shapes = Shapes(PRODUCT, sightings=1)
    for _ in range(2):
        with pytest.raises(Problem, match=r"context\.inline"):
            shapes.canonical_text(numbered(1))
