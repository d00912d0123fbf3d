"""What is known of an outline selects what compaction would select, or nothing at all."""

import copy
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from boundary import limits
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE, PRODUCT, Contexts
from problems import Problem
from proofs.rdf.first_degree import canonicalize_statements
from proofs.selective.group import Grouped, canonicalize_and_group, group_as_known, group_by_compaction
from proofs.selective.labels import create_hmac_id_label_map_function
from proofs.selective.outline import Outlines

FACTORY = create_hmac_id_label_map_function(bytes(range(32)))
TEXTS = ["", "a", "é’", '"\\', "\n", "\x00", "_:a", "_:b1", "urn:bnid:b0", "urn:bnid:", "urn:a", "s1", "3"]
thorough = settings(
    max_examples=2_000 if os.environ.get("PASSEPORT_FULL") else 60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def told(grouped: Grouped) -> Any:
    """Return all that a proof is made of: lines, who matches, and the labels that a verifier would map."""
    groups = {}
    for name, group in grouped.groups.items():
        canonical = canonicalize_statements(group.quads).labels
        labels = {given: grouped.labels[label] for label, given in canonical.items()}
        groups[name] = (group.matching, group.non_matching, labels)
    return grouped.lines, sorted(grouped.labels.values()), groups


def outcome(work: Any) -> Any:
    try:
        return told(work())
    except Problem as problem:
        return type(problem), problem.code


def agrees(
    document: Json, definitions: dict[str, list[str]], outlines: Outlines, contexts: Contexts = PRODUCT
) -> bool:
    """Compare the two ways; return whether the outline was known well enough."""
    before = copy.deepcopy(document)
    outline = outlines.of(document)
    known = outline and group_as_known(document, FACTORY, definitions, contexts, outline)
    assert document == before
    expected = outcome(lambda: group_by_compaction(document, FACTORY, definitions, contexts))
    assert (
        outcome(lambda: canonicalize_and_group(document, FACTORY, definitions, contexts, outlines))
        == expected
    )
    if known:
        assert told(known) == expected
    return bool(known)


def taught(
    document: Json, definitions: dict[str, list[str]], outlines: Outlines, contexts: Contexts = PRODUCT
) -> None:
    """Show the outline often enough for it to be known."""
    for _ in range(limits.OUTLINE_SIGHTINGS):
        canonicalize_and_group(document, FACTORY, definitions, contexts, outlines)


def pointers_of(value: JsonValue, at: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "@context":
            pointer = f"{at}/{key}"
            yield pointer
            yield from pointers_of(item, pointer)


def put(document: Any, pointer: str, value: JsonValue) -> None:
    *path, last = [int(key) if key.isdigit() else key for key in pointer[1:].split("/")]
    for key in path:
        document = document[key]
    document[last] = value if isinstance(document, dict) == isinstance(last, str) else document[last]


@pytest.fixture
def outlines() -> Outlines:
    """Nothing is known yet."""
    return Outlines(PRODUCT)


@cache
def examples() -> dict[str, Json]:
    files = [Path(__file__).parents[1] / "rdf/documents/diploma.json"]
    if folder := os.environ.get("PASSEPORT_FIXTURES"):
        files += sorted((Path(folder) / "model" / "examples").glob("*.ld.json"))
    return {file.name: json.loads(file.read_text("utf-8")) for file in files}


def test_the_second_time_is_known(credential: Json, mandatory: list[str], outlines: Outlines) -> None:
    definitions = {"mandatory": mandatory, "one": ["/credentialSubject/skill/1"], "none": []}
    assert not agrees(credential, definitions, outlines)
    taught(credential, definitions, outlines)
    assert agrees(credential, definitions, outlines)
    credential["credentialSubject"]["skill"][1]["name"] = "Ж’"  # type: ignore[index,call-overload]
    assert agrees(credential, definitions, outlines)
    assert agrees(credential, {"both": [*mandatory, "/credentialSubject/skill/1"]}, outlines)
    assert not agrees(credential, {"other": ["/credentialSubject/skill/2"]}, outlines)


SHARED = Outlines(PRODUCT)


@thorough
@given(seed=st.integers(0, 2**64))
def test_any_pointers_into_documents_that_were_altered(seed: int) -> None:
    random, outlines = Random(seed), SHARED
    original = examples()[random.choice(sorted(examples()))]
    original = {name: value for name, value in original.items() if name != "proof"}
    every = list(pointers_of(original))
    definitions = {name: random.sample(every, random.randrange(5)) for name in ("mandatory", "selective")}
    try:
        taught(original, definitions, outlines)
    except Problem:
        event("refused")
    taken = False
    for _ in range(4):
        document = copy.deepcopy(original)
        for pointer in random.sample(every, random.choice([0, 1, 3])):
            value = random.choice([*TEXTS, *TEXTS, None, 5, [], {}, ["a", "b"], {"id": "urn:x"}])
            with suppress(TypeError, KeyError, IndexError):  # what it was in has been replaced
                put(document, pointer, value)
        taken |= agrees(document, definitions, outlines)
    event(f"known {taken}")


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param({"id": "_:b1"}, id="a blank node's name"),
        pytest.param({"id": "urn:bnid:b0"}, id="a name of ours"),
        pytest.param({"issuer": "_:b1"}, id="a reference to a blank node"),
        pytest.param({"type": ["VerifiableCredential", "SkillCredential"]}, id="other types"),
        pytest.param({"name": ["Compétences"]}, id="a list of one"),
        pytest.param({"description": "Une de plus"}, id="another member"),
        pytest.param({"name": 5}, id="a number"),
        pytest.param({"@context": "https://www.w3.org/ns/credentials/v2"}, id="another context"),
    ],
)
def test_what_is_not_known_of_another_document(
    credential: Json, mandatory: list[str], outlines: Outlines, alter: Json
) -> None:
    taught(credential, {"mandatory": mandatory}, outlines)
    assert not agrees({**credential, **alter}, {"mandatory": mandatory}, outlines)


def test_nodes_that_look_alike_are_left_to_compaction(
    credential: Json, mandatory: list[str], outlines: Outlines
) -> None:
    """Which of the two a pointer selects shows in no statement; two ways could choose otherwise."""
    pointers = [*mandatory, "/credentialSubject/skill/1"]
    twins = copy.deepcopy(credential)
    twins["credentialSubject"]["skill"][1] = twins["credentialSubject"]["skill"][0]  # type: ignore[index,call-overload]
    taught(twins, {"mandatory": pointers}, outlines)
    assert not agrees(twins, {"mandatory": pointers}, outlines)
    assert not agrees(credential, {"mandatory": pointers}, outlines)
    taught(credential, {"mandatory": pointers}, outlines)
    assert agrees(credential, {"mandatory": pointers}, outlines)
    assert not agrees(twins, {"mandatory": pointers}, outlines)


def test_a_node_of_which_one_type_is_named_is_left_to_compaction(
    credential: Json, outlines: Outlines
) -> None:
    """It shows that type only, whatever another pointer shows of the node."""
    definitions = {"one": ["/credentialSubject/type/1"], "two": ["/credentialSubject/givenName"]}
    definitions["both"] = [*definitions["one"], *definitions["two"]]
    taught(credential, definitions, outlines)
    assert not agrees(credential, definitions, outlines)
    assert agrees(credential, {"two": definitions["two"]}, outlines)


def test_pointers_that_each_cut_a_value_are_left_to_compaction(credential: Json, outlines: Outlines) -> None:
    """Together they select it whole."""
    credential["name"] = {"@value": "Compétences", "@language": "fr"}
    definitions = {"name": ["/name/@value", "/name/@language"]}
    taught(credential, definitions, outlines)
    assert not agrees(credential, definitions, outlines)


def test_a_pointer_to_nothing_is_refused_each_time(credential: Json, outlines: Outlines) -> None:
    for _ in range(4):
        assert not agrees(credential, {"mandatory": ["/nothing"]}, outlines)
    for _ in range(4):
        assert not agrees(credential, {"mandatory": ["/name"] * (limits.POINTERS + 1)}, outlines)


def test_contexts_that_documents_carry_are_not_remembered() -> None:
    document: Json = {"@context": {"name": "urn:name", "id": "@id"}, "id": "urn:a", "name": "a"}
    outlines = Outlines(CONFORMANCE)
    taught(document, {"one": ["/name"]}, outlines, CONFORMANCE)
    assert outlines.of(document) is None
    assert not agrees(document, {"one": ["/name"]}, outlines, CONFORMANCE)


def test_what_is_remembered_has_an_end(
    credential: Json, outlines: Outlines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHAPES", 2)
    first = outlines.of(credential)
    assert outlines.of(credential) is first
    for name in ("one", "two"):
        outlines.of({**credential, name: "a"})
    assert outlines.of(credential) is not first
    assert outlines.of({**credential, "a" * limits.SHAPE_CHARS: "a"}) is None
    monkeypatch.setattr(limits, "OUTLINE_VALUES", 10)
    assert outlines.of({**credential, "three": "a"}) is None


def test_the_number_of_pointers_known_has_an_end(
    credential: Json, outlines: Outlines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POINTERS", 2)
    for pointer in ("/name", "/issuer", "/validFrom"):
        taught(credential, {"one": [pointer]}, outlines)
        assert agrees(credential, {"one": [pointer]}, outlines)
    assert not agrees(credential, {"one": ["/name"]}, outlines)
