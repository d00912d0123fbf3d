"""Cutting a document: what pointers name is there, its surroundings are typed, the rest is not."""

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary.strict_json import Json, JsonValue
from problems import ProofGenerationError
from proofs.selective.select import create_initial_selection, select_json_ld

DOCUMENT: Json = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:example:1",
    "type": ["VerifiableCredential"],
    "name": "Titre",
    "credentialSubject": {
        "id": "did:example:holder",
        "type": "Person",
        "birthDate": "2000-02-29",
        "skills": [
            {"type": "Skill", "name": "un", "level": 1},
            {"type": "Skill", "name": "deux", "level": 2},
            {"type": "Skill", "name": "trois", "level": 3},
        ],
        "tags": ["a", "b", "c"],
    },
}
HEAD: Json = {name: DOCUMENT[name] for name in ("@context", "id", "type")}


def test_no_pointer_selects_nothing() -> None:
    assert select_json_ld([], DOCUMENT) is None


def test_one_member_comes_with_the_types_on_the_way() -> None:
    assert select_json_ld(["/credentialSubject/birthDate"], DOCUMENT) == {
        **HEAD,
        "credentialSubject": {"id": "did:example:holder", "type": "Person", "birthDate": "2000-02-29"},
    }


def test_one_element_does_not_bring_its_siblings() -> None:
    """SL-011"""
    selected = select_json_ld(["/credentialSubject/skills/2"], DOCUMENT)
    assert selected == {
        **HEAD,
        "credentialSubject": {
            "id": "did:example:holder",
            "type": "Person",
            "skills": [{"type": "Skill", "name": "trois", "level": 3}],
        },
    }
    assert "deux" not in json.dumps(selected)


def test_arrays_are_dense_and_in_their_order() -> None:
    selected = select_json_ld(["/credentialSubject/tags/2", "/credentialSubject/tags/0"], DOCUMENT)
    assert selected is not None
    assert selected["credentialSubject"] == {
        "id": "did:example:holder",
        "type": "Person",
        "tags": ["a", "c"],
    }


def test_many_elements_keep_the_order_of_numbers_not_of_digits() -> None:
    document: Json = {"tags": [str(number) for number in range(12)]}
    assert select_json_ld(["/tags/10", "/tags/9", "/tags/2"], document) == {"tags": ["2", "9", "10"]}


@pytest.mark.parametrize("turned", [False, True], ids=["part first", "whole first"])
def test_asking_for_the_whole_swallows_asking_for_a_part(turned: bool) -> None:
    pointers = ["/credentialSubject/skills/0/name", "/credentialSubject/skills/0"]
    selected = select_json_ld(pointers[::-1] if turned else pointers, DOCUMENT)
    assert selected == select_json_ld(["/credentialSubject/skills/0"], DOCUMENT)


def test_a_pointer_to_nothing_is_refused_even_inside_what_is_shown_whole() -> None:
    with pytest.raises(ProofGenerationError):
        select_json_ld(["/credentialSubject", "/credentialSubject/nothing"], DOCUMENT)


def test_blank_node_identifiers_are_not_carried_along() -> None:
    """createInitialSelection, step 2"""
    assert create_initial_selection({"id": "_:b0", "type": "T", "name": "x"}) == {"type": "T"}
    assert create_initial_selection({"id": "urn:x", "name": "x"}) == {"id": "urn:x"}
    assert create_initial_selection({"name": "x"}) == {}


def _leaves(value: JsonValue, at: str = "") -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{at}/{name}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{at}/{index}")
    else:
        yield at, value


_LEAVES = dict(_leaves({name: value for name, value in DOCUMENT.items() if name != "@context"}))
_PLACES = sorted(
    {"/".join(leaf.split("/")[:end]) for leaf in _LEAVES for end in range(2, leaf.count("/") + 2)}
)


def _below(place: str, pointer: str) -> bool:
    return f"{place}/".startswith(f"{pointer}/")


def _may_show(leaf: str, pointers: list[str]) -> bool:
    """A naive oracle: what is below a pointer, and the id and types of nodes on the way to one."""
    node, found, _ = leaf.replace("/id", "/type").partition("/type")
    on_the_way = bool(found) and any(_below(pointer, node) for pointer in pointers)
    return on_the_way or any(_below(leaf, pointer) for pointer in pointers)


@given(st.lists(st.sampled_from(_PLACES), min_size=1, max_size=6))
def test_what_is_selected_is_what_was_asked_and_what_types_it(pointers: list[str]) -> None:
    before = copy.deepcopy(DOCUMENT)
    selected = select_json_ld(pointers, DOCUMENT)
    assert before == DOCUMENT
    assert selected is not None
    assert selected.pop("@context") == DOCUMENT["@context"]
    expected = [str(value) for leaf, value in _LEAVES.items() if _may_show(leaf, pointers)]
    assert sorted(str(value) for _, value in _leaves(selected)) == sorted(expected)
