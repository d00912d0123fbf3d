"""Digests and disclosures become the processed payload, or are refused (RFC 9901 §7.1)."""

from typing import Any

import pytest

from boundary import limits
from problems import LimitError, Problem
from proofs.sd_jwt.disclosure import Disclosure, digest, disclose
from proofs.sd_jwt.process import process


def hidden(name: str | None, value: Any, salt: str = "salt") -> tuple[Disclosure, str]:
    disclosure = disclose(salt, name, value)
    return disclosure, digest(disclosure.encoded)


def processed(payload: Any, *disclosures: Disclosure) -> Any:
    return process(payload, [disclosure.encoded for disclosure in disclosures]).payload


def refused(payload: Any, *disclosures: Disclosure) -> str:
    with pytest.raises(Problem) as caught:
        processed(payload, *disclosures)
    return caught.value.code


def test_claims_and_elements_appear_in_their_place() -> None:
    (name, name_digest), (element, element_digest) = hidden("name", "Doe"), hidden(None, "FR")
    payload = {"_sd": [name_digest], "list": ["DE", {"...": element_digest}, "US"], "_sd_alg": "sha-256"}
    assert processed(payload, name, element) == {"list": ["DE", "FR", "US"], "name": "Doe"}
    assert processed(payload, element) == {"list": ["DE", "FR", "US"]}
    assert processed(payload) == {"list": ["DE", "US"]}


def test_what_only_held_digests_is_empty_not_absent() -> None:
    _, one = hidden("name", "Doe")
    _, two = hidden(None, "FR")
    assert processed({"object": {"_sd": [one]}, "list": [{"...": two}]}) == {"object": {}, "list": []}


def test_paths_count_what_is_shown() -> None:
    """Positions are those of the processed payload, where hidden elements take no place."""
    first, second = hidden(None, "FR"), hidden(None, {"_sd": []})
    placed = process({"list": [{"...": first[1]}, "US", {"...": second[1]}]}, [second[0].encoded]).placed
    assert [one.path for one in placed] == [("list", 1)]


def test_recursive_disclosures_name_their_parents() -> None:
    leaf = hidden(None, "leaf")
    middle = hidden("middle", [{"...": leaf[1]}])
    top = hidden("top", {"_sd": [middle[1]]})
    result = process({"_sd": [top[1]]}, [leaf[0].encoded, top[0].encoded, middle[0].encoded])
    assert result.payload == {"top": {"middle": ["leaf"]}}
    assert [(one.path, one.parents) for one in result.placed] == [
        (("top",), ()),
        (("top", "middle"), (top[0],)),
        (("top", "middle", 0), (top[0], middle[0])),
    ]


def test_a_child_without_its_parent_is_unreferenced() -> None:
    leaf = hidden("leaf", 1)
    top = hidden("top", {"_sd": [leaf[1]]})
    assert refused({"_sd": [top[1]]}, leaf[0]) == "sdjwt.unreferenced_disclosure"


def test_decoys_are_ignored() -> None:
    assert processed({"a": 1, "_sd": ["x", "y"], "list": [{"...": "z"}]}) == {"a": 1, "list": []}


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_the_named_hash_is_used(algorithm: str) -> None:
    disclosure = disclose("salt", "name", "Doe")
    payload: Any = {"_sd": [digest(disclosure.encoded, algorithm)], "_sd_alg": algorithm}
    assert processed(payload, disclosure) == {"name": "Doe"}
    other = "sha-256" if algorithm != "sha-256" else "sha-512"
    assert refused(payload | {"_sd_alg": other}, disclosure) == "sdjwt.unreferenced_disclosure"


@pytest.mark.parametrize(
    "name", ["md5", "sha-1", "SHA-256", "sha-256-128", "sha3-256", "", 256, None, ["sha-256"]]
)
def test_other_hashes_are_refused(name: Any) -> None:
    assert refused({"_sd_alg": name}) == "sdjwt.hash_not_allowed"


def test_a_disclosure_of_the_wrong_kind_is_misplaced() -> None:
    """Three elements where an array wants two, and the other way round."""
    claim, element = hidden("name", "Doe"), hidden(None, "Doe")
    assert refused({"list": [{"...": claim[1]}]}, claim[0]) == "sdjwt.disclosure_misplaced"
    assert refused({"_sd": [element[1]]}, element[0]) == "sdjwt.disclosure_misplaced"


def test_no_claim_replaces_another() -> None:
    one, two = hidden("name", "Doe"), hidden("name", "Roe")
    assert refused({"name": "Loe", "_sd": [one[1]]}, one[0]) == "sdjwt.claim_collision"
    assert refused({"_sd": [one[1], two[1]]}, one[0], two[0]) == "sdjwt.claim_collision"
    assert refused({"in": {"name": 1, "_sd": [one[1]]}}, one[0]) == "sdjwt.claim_collision"


def test_no_digest_comes_twice() -> None:
    one = hidden("name", "Doe")
    element = hidden(None, "FR")
    holder = hidden("other", {"_sd": [one[1]]})
    for payload, disclosures in (
        ({"_sd": ["x", "x"]}, []),
        ({"_sd": ["x"], "in": {"_sd": ["x"]}}, []),
        ({"_sd": ["x"], "list": [{"...": "x"}]}, []),
        ({"list": [{"...": element[1]}, {"...": element[1]}]}, [element[0]]),
        ({"_sd": [one[1]], "in": {"_sd": [one[1]]}}, [one[0]]),
        ({"_sd": [one[1], holder[1]]}, [one[0], holder[0]]),
    ):
        assert refused(payload, *disclosures) == "sdjwt.duplicate_digest"


def test_no_disclosure_comes_twice_or_from_nowhere() -> None:
    one = hidden("name", "Doe")
    assert refused({"_sd": [one[1]]}, one[0], one[0]) == "sdjwt.duplicate_disclosure"
    assert refused({"_sd": []}, one[0]) == "sdjwt.unreferenced_disclosure"
    assert refused({"a": one[1]}, one[0]) == "sdjwt.unreferenced_disclosure"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"_sd": "x"}, id="text"),
        pytest.param({"_sd": {"0": "x"}}, id="object"),
        pytest.param({"_sd": None}, id="null"),
        pytest.param({"_sd": [1]}, id="number-inside"),
        pytest.param({"_sd": [["x"]]}, id="list-inside"),
        pytest.param({"in": [{"_sd": "x"}]}, id="nested"),
        pytest.param({"list": [{"...": "x", "a": 1}]}, id="placeholder-with-more"),
        pytest.param({"list": [{"...": 1}]}, id="placeholder-number"),
        pytest.param({"list": [{"...": ["x"]}]}, id="placeholder-list"),
    ],
)
def test_malformed_digests_are_refused(payload: Any) -> None:
    assert refused(payload) == "sdjwt.digest_malformed"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"...": "x"}, id="placeholder-at-the-top"),
        pytest.param({"in": {"...": "x"}}, id="placeholder-outside-a-list"),
        pytest.param({"in": {"_sd_alg": "sha-256"}}, id="nested-hash-name"),
        pytest.param({"list": [{"_sd_alg": "sha-256"}]}, id="hash-name-in-a-list"),
    ],
)
def test_reserved_names_out_of_place_are_refused(payload: Any) -> None:
    assert refused(payload) == "sdjwt.reserved_name"


@pytest.mark.parametrize("value", [{"...": "x"}, {"_sd_alg": "sha-256"}, {"a": {"...": "x"}}])
def test_reserved_names_inside_disclosures_are_refused(value: Any) -> None:
    claim, element = hidden("name", value), hidden(None, value)
    assert refused({"_sd": [claim[1]]}, claim[0]) == "sdjwt.reserved_name"
    assert refused({"list": [{"...": element[1]}]}, element[0]) == "sdjwt.reserved_name"


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"])
def test_what_limits_the_credential_cannot_be_hidden(name: str) -> None:
    """Neither the claim nor a part of it, and not even when its disclosure is left out."""
    claim, part = hidden(name, 1), hidden("part", 1)
    assert refused({"_sd": [claim[1]]}, claim[0]) == "sdjwt.claim_not_disclosable"
    assert refused({name: {"_sd": [part[1]]}}, part[0]) == "sdjwt.claim_not_disclosable"
    assert refused({name: {"_sd": [part[1]]}}) == "sdjwt.claim_not_disclosable"
    assert refused({name: [{"deep": [{"...": part[1]}]}]}) == "sdjwt.claim_not_disclosable"
    assert processed({"in": {"_sd": [claim[1]]}}, claim[0]) == {"in": {name: 1}}


def nested(levels: int) -> Any:
    value: Any = "leaf"
    for _ in range(levels):
        value = {"n": value}
    return value


def test_depth_is_limited_with_and_without_disclosures() -> None:
    assert processed(nested(limits.SD_JWT_DEPTH)) == nested(limits.SD_JWT_DEPTH)
    deep = hidden("n", nested(limits.SD_JWT_DEPTH - 1))
    assert processed({"_sd": [deep[1]]}, deep[0]) == nested(limits.SD_JWT_DEPTH)
    deeper = hidden("n", nested(limits.SD_JWT_DEPTH))
    for payload, disclosures in ((nested(limits.SD_JWT_DEPTH + 1), []), ({"_sd": [deeper[1]]}, [deeper[0]])):
        with pytest.raises(LimitError) as caught:
            processed(payload, *disclosures)
        assert caught.value.code == "sdjwt.too_complex"
