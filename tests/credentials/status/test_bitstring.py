"""Protects: one bit, most significant first, in a list long enough; whatever else is refused, within caps."""

import base64
import datetime as dt
import gzip
import resource
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import limits
from contexts import PRODUCT
from credentials.model import check_credential
from credentials.status import StatusReference
from credentials.status.bitstring import decode, encode, is_set, list_credential
from problems import RangeError, StatusListLengthError, StatusVerificationError
from proofs.rdf import canonical_form

_URI = "https://certificateur.example/status/bitstring/1/revocation"
_NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
_SIZE = limits.STATUS_ENTRIES
_INDEXES = st.sets(st.integers(0, _SIZE - 1), max_size=40)


def _reference(index, purpose="revocation", uri=_URI, size=1):
    return StatusReference("bitstring", uri, index, purpose, size)


def _list(indexes=(), purpose="revocation"):
    return list_credential(
        _URI, "did:web:certificateur.example", purpose, indexes, valid_from=_NOW, valid_until=_NOW
    )


def _encoded(data):
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@settings(max_examples=30)
@given(_INDEXES, st.integers(0, _SIZE - 1))
def test_any_set_of_indexes_comes_back(indexes, other):
    document = _list(indexes)
    assert all(is_set(document, _reference(index)) for index in indexes)
    assert is_set(document, _reference(other)) == (other in indexes)


def test_the_last_entry_and_every_bit_of_a_byte():
    document = _list([0, 7, 8, _SIZE - 1])
    found = [index for index in (*range(17), _SIZE - 2, _SIZE - 1) if is_set(document, _reference(index))]
    assert found == [0, 7, 8, _SIZE - 1]


def test_the_first_index_is_the_most_significant_bit():
    """Pinned bytes: §5.2 counts from the left."""
    assert decode(encode([0]))[:2] == b"\x80\x00"
    assert decode(encode([1, 15]))[:2] == b"\x40\x01"


def test_a_list_in_the_other_bit_order_means_other_people():
    """ST-005: index 1 set from the right reads as index 6, never as index 1."""
    document = _list()
    document["credentialSubject"]["encodedList"] = _encoded(gzip.compress(b"\x02" + bytes(_SIZE // 8 - 1)))
    assert not is_set(document, _reference(1))
    assert is_set(document, _reference(6))


def test_the_example_of_the_specification_is_empty():
    """Bitstring Status List 1.0, example of an encodedList: 131,072 bits, none set."""
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert decode(encoded) == bytes(_SIZE // 8)


def test_the_same_list_is_the_same_bytes():
    """No time in the GZIP header: publishing twice does not look like a change."""
    assert encode([5]) == encode([5])
    assert gzip.decompress(base64.urlsafe_b64decode(encode([])[1:] + "==")) == bytes(_SIZE // 8)


def test_the_list_credential_is_a_credential():
    document = _list([3])
    check_credential(document, at_issue=True)
    assert canonical_form(document, PRODUCT).lines
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert document["credentialSubject"]["statusPurpose"] == "revocation"


def test_a_list_may_be_longer():
    document = list_credential(_URI, "did:web:a.example", "revocation", [10**6], valid_from=_NOW, size=2**20)
    assert is_set(document, _reference(10**6))


# --- what an issuer cannot do


@pytest.mark.parametrize("size", [0, 1_000, _SIZE - 1])
def test_a_list_too_short_to_hide_anyone_is_not_made(size):
    with pytest.raises(StatusListLengthError):
        encode([], size)


@pytest.mark.parametrize("index", [-1, _SIZE, 10**30])
def test_an_index_that_the_list_does_not_have_cannot_be_set(index):
    with pytest.raises(RangeError):
        encode([index])


# --- what a verifier refuses


@pytest.mark.parametrize("index", [_SIZE, _SIZE + 1, 10**9])
def test_an_index_beyond_the_end(index):
    with pytest.raises(RangeError) as caught:
        is_set(_list(), _reference(index))
    assert caught.value.code == "status.index_out_of_range"


_DAMAGED = {
    "truncated": encode([])[:-10],
    "two members": _encoded(gzip.compress(bytes(8_192)) + gzip.compress(bytes(8_192))),
    "zlib instead of gzip": _encoded(zlib.compress(bytes(_SIZE // 8))),
    "not compressed": _encoded(bytes(_SIZE // 8)),
    "no multibase header": encode([])[1:],
    "another multibase": "z" + encode([])[1:],
    "base64 with padding": encode([]) + "==",
    "empty": "",
    "header only": "u",
    "beyond the cap": _encoded(gzip.compress(bytes(limits.INFLATED_BYTES + 1))),
}


@pytest.mark.parametrize("defect", _DAMAGED)
def test_a_damaged_list(defect):
    with pytest.raises(StatusVerificationError):
        decode(_DAMAGED[defect])


def test_a_short_list():
    """ST-003: 65,536 entries."""
    with pytest.raises(StatusListLengthError):
        decode(_encoded(gzip.compress(bytes(65_536 // 8))))


def test_a_bomb_costs_next_to_nothing():
    """ST-002: a gibibyte of zeros is a mebibyte of gzip; the output is cut at the cap."""
    machine = zlib.compressobj(9, wbits=31)
    start = machine.compress(bytes(1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH)
    again = machine.compress(bytes(1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH)
    encoded, before = _encoded(start + again * 1023), resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(StatusVerificationError) as caught:
        decode(encoded)
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert caught.value.facts["cause"] == "inflate.too_large"
    assert after.ru_utime - before.ru_utime < 1
    assert after.ru_maxrss - before.ru_maxrss < 64 << 10


_OTHER = {
    "another address": ({"id": "https://elsewhere.example/1"}, "status.other_list"),
    "no address": ({"id": None}, "status.other_list"),
    "another kind of credential": ({"type": ["VerifiableCredential"]}, "status.not_a_list"),
    "a status of its own": (
        {"credentialStatus": {"type": "BitstringStatusListEntry"}}, "status.list_has_status"
    ),
}  # fmt: skip


@pytest.mark.parametrize("defect", _OTHER)
def test_another_list(defect):
    members, code = _OTHER[defect]
    with pytest.raises(StatusVerificationError) as caught:
        is_set(_list() | members, _reference(1))
    assert caught.value.code == code


def test_a_list_of_another_purpose():
    with pytest.raises(StatusVerificationError) as caught:
        is_set(_list([1], "suspension"), _reference(1, "revocation"))
    assert caught.value.code == "status.purpose"


def test_a_subject_that_is_no_list():
    document = _list()
    document["credentialSubject"]["type"] = "Holder"
    with pytest.raises(StatusVerificationError) as caught:
        is_set(document, _reference(1))
    assert caught.value.code == "status.not_a_list"


def test_a_list_of_several_purposes_serves_each():
    document = _list([1])
    document["credentialSubject"]["statusPurpose"] = ["revocation", "suspension"]
    assert is_set(document, _reference(1, "suspension"))


def test_entries_of_several_bits_are_not_read():
    with pytest.raises(StatusVerificationError) as caught:
        is_set(_list(), _reference(1, size=2))
    assert caught.value.code == "status.entry_size"
