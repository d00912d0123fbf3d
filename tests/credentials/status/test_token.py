"""Protects: two bits, least significant first; what means "invalid" is never read as anything else."""

import datetime as dt
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url, limits
from boundary.inflate import inflate
from credentials.status import StatusReference
from credentials.status.token import encode, list_payload, state_of, time_to_live
from problems import MalformedValueError, RangeError, StatusListLengthError, StatusVerificationError

_URI = "https://certificateur.example/status/token/1"
_NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
_SIZE = limits.STATUS_ENTRIES
_STATES = st.sampled_from(["valid", "revoked", "suspended"])


def _reference(index, uri=_URI):
    return StatusReference("token", uri, index)


def _payload(**status_list):
    return {"sub": _URI, "iat": 0, "status_list": {"bits": 2, "lst": encode({}), **status_list}}


def _lst(data):
    return base64url.encode(zlib.compress(data))


@settings(max_examples=30)
@given(st.dictionaries(st.integers(0, _SIZE - 1), _STATES, max_size=40), st.integers(0, _SIZE - 1))
def test_any_states_come_back(states, other):
    payload = list_payload(_URI, states, issued_at=_NOW)
    assert all(state_of(payload, _reference(index)) == state for index, state in states.items())
    assert state_of(payload, _reference(other)) == states.get(other, "valid")


def test_the_first_index_is_the_least_significant_pair():
    packed = inflate(base64url.decode(encode({0: "revoked", 1: "suspended", 7: "revoked"})), "zlib")
    assert packed[:2] == bytes([0b00001001, 0b01000000])


def test_the_example_of_the_specification():
    """Token Status List §4.1: one bit each, b9 a3; the other order than a bitstring list."""
    payload = _payload(bits=1, lst=_lst(b"\xb9\xa3"))
    states = [state_of(payload, _reference(index)) for index in range(16)]
    assert [int(state == "revoked") for state in states] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]


def test_the_example_of_the_specification_in_two_bits():
    """Token Status List §4.1: c9 44 f9; 3 is a value that we do not know."""
    payload = _payload(lst=_lst(b"\xc9\x44\xf9"))
    found = []
    for index in range(12):
        try:
            found.append(state_of(payload, _reference(index)))
        except StatusVerificationError as problem:
            found.append(problem.code)
    names = {0: "valid", 1: "revoked", 2: "suspended", 3: "status.unknown_value"}
    assert found == [names[value] for value in (1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3)]


def test_the_payload():
    payload = list_payload(_URI, {}, issued_at=_NOW, expires_at=_NOW + dt.timedelta(days=1))
    assert (payload["sub"], payload["iat"], payload["exp"]) == (_URI, 1_795_262_400, 1_795_348_800)


def test_the_time_to_live():
    payload = list_payload(_URI, {}, issued_at=_NOW, ttl=dt.timedelta(hours=12))
    assert payload["ttl"] == 43_200
    assert time_to_live(payload) == dt.timedelta(hours=12)
    assert time_to_live({}) is None


@pytest.mark.parametrize("ttl", [0, -1, 10**12], ids=["none", "less than none", "for ever"])
def test_a_time_to_live_that_is_none(ttl):
    with pytest.raises(StatusVerificationError) as caught:
        time_to_live({"ttl": ttl})
    assert caught.value.code == "status.time_to_live"


@pytest.mark.parametrize("ttl", ["43200", True, None, 1.5])
def test_a_time_to_live_that_is_no_number(ttl):
    with pytest.raises(MalformedValueError):
        time_to_live({"ttl": ttl})


def test_a_list_too_short_to_hide_anyone_is_not_made():
    with pytest.raises(StatusListLengthError):
        encode({}, 1_000)


def test_an_index_that_the_list_does_not_have_cannot_be_set():
    with pytest.raises(RangeError):
        encode({_SIZE: "revoked"})


@pytest.mark.parametrize("index", [_SIZE, 10**12])
def test_an_index_beyond_the_end(index):
    with pytest.raises(RangeError):
        state_of(_payload(), _reference(index))


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (_payload() | {"sub": "https://elsewhere.example/1"}, "status.other_list"),
        ({k: v for k, v in _payload().items() if k != "sub"}, "status.other_list"),
        (_payload() | {"status": {}}, "status.list_has_status"),
        (_payload(bits=3), "status.entry_size"),
        (_payload(bits=0), "status.entry_size"),
        (_payload(lst=encode({})[:-8]), "status.list_unreadable"),
        (_payload(lst=encode({}) + "="), "status.list_unreadable"),
        (_payload(lst=base64url.encode(bytes(64))), "status.list_unreadable"),
        (_payload(lst=_lst(bytes(limits.INFLATED_BYTES + 1))), "status.list_unreadable"),
    ],
)
def test_refused(payload, code):
    with pytest.raises(StatusVerificationError) as caught:
        state_of(payload, _reference(0))
    assert caught.value.code == code


@pytest.mark.parametrize("status_list", [None, [], {"bits": "2"}, {"bits": 2}, {"bits": True, "lst": ""}])
def test_a_status_list_of_the_wrong_type(status_list):
    with pytest.raises(MalformedValueError):
        state_of({"sub": _URI, "status_list": status_list}, _reference(0))
