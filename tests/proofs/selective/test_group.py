"""Statements grouped by pointers."""

import hashlib

import pytest

from boundary.strict_json import Json
from contexts import CONFORMANCE, PRODUCT
from problems import ProofGenerationError, ProofTransformationError
from proofs.selective.group import canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import create_hmac_id_label_map_function

FACTORY = create_hmac_id_label_map_function(bytes(32))


def test_a_group_and_its_rest_are_all(credential: Json, mandatory: list[str]) -> None:
    grouped = canonicalize_and_group(credential, FACTORY, {"mandatory": mandatory, "none": []}, PRODUCT)
    group, none = grouped.groups["mandatory"], grouped.groups["none"]
    assert {**group.matching, **group.non_matching} == dict(enumerate(grouped.lines))
    assert group.matching
    assert not group.matching.keys() & group.non_matching.keys()
    assert not none.matching
    assert list(none.non_matching.values()) == list(grouped.lines)


def test_labels_are_one_per_node_and_tell_nothing(credential: Json) -> None:
    grouped = canonicalize_and_group(credential, FACTORY, {}, PRODUCT)
    assert len(set(grouped.labels.values())) == len(grouped.labels)
    assert all(len(label) == 44 and label.startswith("u") for label in grouped.labels.values())
    assert "c14n" not in "".join(grouped.lines)


VALUES: Json = {
    "@context": {
        "@version": 1.1,
        "id": "@id",
        "type": "@type",
        "data": {"@id": "http://e.example/data", "@type": "@json"},
        "label": {"@id": "http://e.example/label"},
    },
    "id": "http://e.example/1",
    "data": {"shown": 1, "hidden": 2},
    "label": {"@value": "étiquette", "@language": "fr"},
}


@pytest.mark.parametrize(
    "pointer", ["/data/shown", "/label/@value"], ids=["JSON literal", "text without its language"]
)
def test_a_pointer_into_a_value_is_refused(pointer: str) -> None:
    """The part would be another statement, which nobody signed."""
    with pytest.raises(ProofTransformationError) as caught:
        canonicalize_and_group(VALUES, FACTORY, {"selective": [pointer]}, CONFORMANCE)
    assert caught.value.code == "selective.pointer_cuts_value"


@pytest.mark.parametrize("pointer", ["/data", "/label"])
def test_the_whole_value_may_be_named(pointer: str) -> None:
    group = canonicalize_and_group(VALUES, FACTORY, {"one": [pointer]}, CONFORMANCE).groups["one"]
    assert len(group.matching) == 1


def test_mandatory_statements_are_hashed_in_order() -> None:
    assert hash_mandatory_nquads(["a\n", "é\n"]) == hashlib.sha256("a\né\n".encode()).digest()
    assert hash_mandatory_nquads([]) == hashlib.sha256(b"").digest()


def test_a_pointer_into_an_array_of_one_is_refused(credential: Json) -> None:
    """JSON-LD compacts before it selects: an array of one is no array any more (model, trap 1)."""
    with pytest.raises(ProofGenerationError) as caught:
        canonicalize_and_group(credential, FACTORY, {"selective": ["/issuer/type/0"]}, PRODUCT)
    assert caught.value.code == "pointer.nothing_there"
    canonicalize_and_group(credential, FACTORY, {"selective": ["/issuer/type"]}, PRODUCT)
