"""The examples of the data model, secured as their templates say, shown item by item."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundary import base64url, strict_json
from boundary.strict_json import Json, JsonValue
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from proofs import SUITES
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.suite import ProofOptions

NAMES = [
    "accreditation",
    "accreditation-delegated",
    "block",
    "certification",
    "declared-experience",
    "declared-skill",
    "diploma",
    "diploma-unbound",
    "endorsement",
    "prevention-success",
    "prevention-training",
    "rs-certification",
    "skill",
    "training",
]
SELECTIVE = [name for name in NAMES if not name.startswith(("accreditation", "declared"))]


def an_object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


@dataclass(frozen=True)
class Example:
    """``items`` are what a holder ticks, each with its pointers."""

    document: Json
    secured: Json
    suite: str
    mandatory: list[str]
    items: dict[str, list[str]]

    @classmethod
    def read(cls, folder: Path, name: str, signers: dict[str, LocalSigner]) -> "Example":
        document = json.loads((folder / f"{name}.ld.json").read_text("utf-8"))
        plan = json.loads((folder / f"{name}.plan.json").read_text("utf-8"))
        suite, mandatory = plan["securing"][0], plan.get("mandatoryPointers") or []
        signer = signers["Ed25519" if suite.startswith("eddsa") else "P-256"]
        secured = add_proof(document, SUITES[suite], ProofOptions(mandatory=mandatory), signer)
        items = {item["id"]: item["pointers"] for item in plan["items"]}
        return cls(document, secured, suite, mandatory, items)


@pytest.fixture(scope="module")
def examples(fixtures: Path, signers: dict[str, LocalSigner]) -> dict[str, Example]:
    folder = fixtures / "model" / "examples"
    return {name: Example.read(folder, name, signers) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_example_verifies_whole(name: str, examples: dict[str, Example], expect: Expectation) -> None:
    example = examples[name]
    secured = example.secured
    if example.suite == "ecdsa-sd-2023":
        secured = derive(secured, SUITES, [pointer for item in example.items.values() for pointer in item])
    assert verify(secured, SUITES, resolver(), expect).document == example.document


@pytest.mark.parametrize("name", SELECTIVE)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_items_derive_verify_and_hide_the_rest(
    name: str, examples: dict[str, Example], expect: Expectation, data: st.DataObject
) -> None:
    example = examples[name]
    chosen = data.draw(st.lists(st.sampled_from(sorted(example.items)), unique=True))
    pointers = [pointer for item in chosen for pointer in example.items[item]]
    shown = derive(example.secured, SUITES, pointers)
    document = verify(shown, SUITES, resolver(), expect).document
    allowed, hidden = _split(example.document, example.mandatory + pointers)
    assert sorted(map(str, (value for _, value in _leaves(document)))) == sorted(map(str, allowed))
    payload = strict_json.write(shown).encode() + base64url.decode(
        str(an_object(shown["proof"])["proofValue"])[1:]
    )
    seen = "\n".join(map(str, allowed))
    for value in hidden:
        if isinstance(value, str) and len(value) > 3 and value not in seen:
            assert value.encode() not in payload


# Model, "Items are atomic": three halves of items that cryptography accepts and schemas refuse.
HALVES = {
    "a reservation without the level seen": (
        "endorsement",
        ["/credentialSubject/endorsedSkill/1/name", "/credentialSubject/endorsedSkill/1/verdict"],
        "ADJUSTED",
        "observedLevel",
    ),
    "a beginning without its end": (
        "skill",
        ["/credentialSubject/experience/startDate"],
        "2026-04-13",
        "endDate",
    ),
    "a level without the part of the test": (
        "rs-certification",
        ["/credentialSubject/result/3/value", "/credentialSubject/result/3/resultScale"],
        "B1",
        "reading",
    ),
}


@pytest.mark.parametrize(("name", "pointers", "shown", "hidden"), HALVES.values(), ids=HALVES)
def test_half_of_an_item_verifies(
    name: str,
    pointers: list[str],
    shown: str,
    hidden: str,
    examples: dict[str, Example],
    expect: Expectation,
) -> None:
    """So the verifier must apply the type's schema to what was shown."""
    document = verify(derive(examples[name].secured, SUITES, pointers), SUITES, resolver(), expect).document
    text = strict_json.write(document["credentialSubject"])
    assert shown in text
    assert hidden not in text


def _leaves(value: JsonValue, at: str = "") -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{at}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{at}/{index}")
    else:
        yield at, value


def _split(document: Json, pointers: list[str]) -> tuple[list[JsonValue], list[JsonValue]]:
    """A naive oracle: below a pointer, or the id or type of a node on the way to one, or the context."""
    allowed, hidden = [], []
    for leaf, value in _leaves(document):
        node, found, _ = leaf.replace("/id", "/type").partition("/type")
        on_the_way = bool(found) and any(f"{pointer}/".startswith(f"{node}/") for pointer in pointers)
        below = any(f"{leaf}/".startswith(f"{pointer}/") for pointer in pointers)
        (allowed if on_the_way or below or leaf.startswith("/@context") else hidden).append(value)
    return allowed, hidden
