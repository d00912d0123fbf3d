"""Protects: an index is a whole number in its one spelling; anything else names no entry (ST-004)."""

import pytest

from credentials.status_references import StatusReference, references_ld, references_sd
from problems import MalformedValueError, Problem, RangeError

_LIST = "https://certificateur.example/status/bitstring/1"


def _entry(**members):
    return {
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "42",
            "statusListCredential": _LIST,
            **members,
        }
    }


def test_an_entry():
    assert references_ld(_entry()) == (StatusReference("bitstring", _LIST, 42, "revocation"),)
    assert references_ld(_entry(statusListIndex="0"))[0].index == 0
    assert references_ld(_entry(statusSize=2))[0].size == 2


@pytest.mark.parametrize(
    "index", ["-1", "1.5", "abc", "", " 5", "5 ", "+5", "05", "٥", "0x10", "1e3", "5\n", "9" * 31]
)
def test_an_index_in_another_spelling(index):
    with pytest.raises(RangeError) as caught:
        references_ld(_entry(statusListIndex=index))
    assert caught.value.code == "status.index_form"


@pytest.mark.parametrize("index", [5, -1, 1.5, None, True, ["5"], {}])
def test_an_index_that_is_no_text(index):
    with pytest.raises(MalformedValueError):
        references_ld(_entry(statusListIndex=index))


@pytest.mark.parametrize("index", [-1, -(2**53)])
def test_a_negative_index_of_a_token_list(index):
    with pytest.raises(RangeError):
        references_sd({"status": {"status_list": {"idx": index, "uri": _LIST}}})


@pytest.mark.parametrize("index", ["5", 1.5, None, True])
def test_an_index_of_a_token_list_that_is_no_whole_number(index):
    with pytest.raises(MalformedValueError):
        references_sd({"status": {"status_list": {"idx": index, "uri": _LIST}}})


def test_other_kinds_are_told_and_not_read():
    assert references_ld({"credentialStatus": {"type": "1EdTechRevocationList"}})[0].kind == "other"
    assert references_sd({"status": {"status_assertion": {}}})[0].kind == "other"


def test_no_status_no_reference():
    assert references_ld({}) == references_sd({}) == ()


@pytest.mark.parametrize("status", [None, "x", [], {"status_list": None}, {"status_list": {"idx": 1}}])
def test_a_status_of_the_wrong_type(status):
    with pytest.raises(Problem):
        references_sd({"status": status})
