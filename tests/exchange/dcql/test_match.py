"""What answers a query is what the query asks for: no other type, no other claim, no other value."""

from typing import Any

import pytest

from exchange.dcql import Candidate, matches, options, read, satisfied
from exchange.dcql.paths import read_path, select

VCT = "https://passeport.example/vct/diploma/1"
CLAIMS = {
    "vct": VCT,
    "family_name": "EXEMPLE",
    "mention": "Bien",
    "score": 1,
    "active": True,
    "blocks": [{"code": "B1", "name": "Un"}, {"code": "B2"}, "autre"],
}
DIPLOMA = Candidate("1", "dc+sd-jwt", CLAIMS, vct=VCT)


def query(*claims: dict[str, Any], **more: Any):
    one = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, **more}
    if claims:
        one["claims"] = list(claims)
    return read({"credentials": [one]}).credentials[0]


def places(one, candidate=DIPLOMA):
    found = matches(one, [candidate])
    return found[0].places if found else None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (["family_name"], [("family_name",)]),
        (["blocks"], [("blocks",)]),
        (["blocks", 0], [("blocks", 0)]),
        (["blocks", None, "code"], [("blocks", 0, "code"), ("blocks", 1, "code")]),
        (["blocks", None, "name"], [("blocks", 0, "name")]),
        (["blocks", 3], []),
        (["blocks", "0"], []),
        (["family_name", 0], []),
        (["family_name", None], []),
        (["absent"], []),
        ([None], []),
        ([0], []),
    ],
)
def test_a_path_selects_as_the_specification_says(path, found):
    assert [place for place, _ in select(CLAIMS, read_path(path))] == found


def test_without_claims_nothing_that_can_be_hidden_is_shown():
    assert places(query()) == ()


def test_all_claims_are_wanted_where_no_set_is_named():
    assert places(query({"path": ["family_name"]}, {"path": ["mention"]})) == (("family_name",), ("mention",))
    assert places(query({"path": ["family_name"]}, {"path": ["absent"]})) is None


def test_the_first_set_of_claims_that_is_there_is_shown_and_nothing_of_the_others():
    one = query(
        {"id": "a", "path": ["absent"]},
        {"id": "n", "path": ["family_name"]},
        {"id": "m", "path": ["mention"]},
        claim_sets=[["a", "n"], ["m"], ["n"]],
    )
    assert places(one) == (("mention",),)


@pytest.mark.parametrize(
    ("path", "values", "fits"),
    [
        (["mention"], ["Bien"], True),
        (["mention"], ["bien"], False),
        (["mention"], ["Assez bien", "Bien"], True),
        (["score"], [1], True),
        (["score"], ["1"], False),
        (["score"], [True], False),
        (["active"], [True], True),
        (["active"], [1], False),
        (["blocks", None, "code"], ["B2"], True),
        (["blocks"], ["B2"], False),
    ],
)
def test_a_value_must_be_the_one_that_is_asked_for_of_the_same_type(path, values, fits):
    assert (places(query({"path": path, "values": values})) is not None) is fits


def test_only_the_element_with_the_value_is_shown():
    assert places(query({"path": ["blocks", None, "code"], "values": ["B2"]})) == (("blocks", 1, "code"),)


@pytest.mark.parametrize(
    "candidate",
    [
        Candidate("1", "ldp_vc", CLAIMS, vct=VCT),
        Candidate("1", "dc+sd-jwt", CLAIMS, vct=VCT + "0"),
        Candidate("1", "dc+sd-jwt", CLAIMS),
        Candidate("1", "dc+sd-jwt", CLAIMS, vct=VCT, bound=False),
    ],
    ids=["other format", "other type", "no type", "bound to nobody"],
)
def test_another_credential_does_not_answer(candidate):
    assert places(query({"path": ["family_name"]}), candidate) is None


def test_a_bearer_credential_answers_where_no_holder_is_asked_for():
    bearer = Candidate("1", "dc+sd-jwt", CLAIMS, vct=VCT, bound=False)
    assert places(query(require_cryptographic_holder_binding=False), bearer) == ()


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ([["urn:a"]], True),
        ([["urn:a", "urn:b"]], True),
        ([["urn:a", "urn:c"]], False),
        ([["urn:c"], ["urn:b"]], True),
        ([], False),
        ("urn:a", False),
        (["urn:a"], False),
    ],
)
def test_one_of_the_sets_of_types_must_be_there_as_a_whole(wanted, fits):
    held = Candidate("1", "ldp_vc", {}, types=frozenset({"urn:a", "urn:b"}))
    one = query(format="ldp_vc", meta={"type_values": wanted})
    assert (places(one, held) is not None) is fits


def test_a_trusted_authority_is_one_whose_key_signed():
    held = Candidate("1", "dc+sd-jwt", CLAIMS, vct=VCT, authority_keys=frozenset({"abc"}))
    for kind, values, fits in [
        ("aki", ["abc", "x"], True),
        ("aki", ["x"], False),
        ("etsi_tl", ["abc"], False),
    ]:
        one = query(trusted_authorities=[{"type": kind, "values": values}])
        assert (places(one, held) is not None) is fits


def test_every_credential_that_answers_is_offered_for_choice():
    whole = read({"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {}}]})
    held = [DIPLOMA, Candidate("2", "dc+sd-jwt", {}, vct="other"), Candidate("3", "ldp_vc", {})]
    assert [match.candidate.id for match in options(whole, held)["q"]] == ["1", "2"]


@pytest.mark.parametrize(
    ("sets", "answered", "enough"),
    [
        (None, ["a", "b", "c"], True),
        (None, ["a", "b"], False),
        ([{"options": [["a"], ["b", "c"]]}], ["a"], True),
        ([{"options": [["a"], ["b", "c"]]}], ["b"], False),
        ([{"options": [["a"]]}, {"options": [["b"]], "required": False}], ["a"], True),
        ([{"options": [["a"]]}, {"options": [["b"]], "required": False}], ["b"], False),
        ([{"options": [["b"]], "required": False}], [], True),
    ],
)
def test_a_missing_credential_is_a_missing_answer(sets, answered, enough):
    written = {"credentials": [{"id": name, "format": "x", "meta": {}} for name in "abc"]}
    if sets:
        written["credential_sets"] = sets
    assert satisfied(read(written), answered) is enough
