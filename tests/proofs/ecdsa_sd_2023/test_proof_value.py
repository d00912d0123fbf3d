"""The CBOR of ecdsa-sd-2023 proof values: written in one way, and read in no other."""

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base64url, limits
from keys.local import LocalSigner
from problems import LimitError, Problem, ProofVerificationError
from proofs.ecdsa_sd_2023.proof_value import (
    BaseProof,
    DerivedProof,
    compress_label_map,
    decompress_label_map,
    parse_base_proof_value,
    parse_derived_proof_value,
    serialize_base_proof_value,
    serialize_derived_proof_value,
)

KEY = LocalSigner.from_secret("P-256", bytes([7]) * 32).public_key
MULTIKEY = b"\x80\x24" + KEY.raw
SIGNATURE = bytes(64)
LABELS = [bytes([number]) * 32 for number in range(3)]
BASE: list[Any] = [SIGNATURE, MULTIKEY, bytes(32), [SIGNATURE, SIGNATURE], ["/issuer", "/name"]]
DERIVED: list[Any] = [SIGNATURE, MULTIKEY, [SIGNATURE], dict(enumerate(LABELS)), [0, 2]]
HEADERS = {"base": b"\xd9\x5d\x00", "derived": b"\xd9\x5d\x01"}
READ: dict[str, Callable[[str], object]] = {
    "base": parse_base_proof_value,
    "derived": parse_derived_proof_value,
}


def _value(kind: str, elements: object) -> str:
    return _raw(HEADERS[kind], cbor2.dumps(elements))


def _raw(header: bytes, data: bytes) -> str:
    return "u" + base64url.encode(header + data)


def _refusal(kind: str, text: str) -> Problem:
    with pytest.raises(Problem) as caught:
        READ[kind](text)
    assert caught.value.says("fr").what
    return caught.value


def test_a_base_proof_is_read_as_it_was_written() -> None:
    base = parse_base_proof_value(_value("base", BASE))
    assert base == BaseProof(SIGNATURE, KEY, bytes(32), [SIGNATURE, SIGNATURE], ["/issuer", "/name"])
    assert serialize_base_proof_value(base) == _value("base", BASE)


def test_a_derived_proof_is_read_as_it_was_written() -> None:
    derived = parse_derived_proof_value(_value("derived", DERIVED))
    labels = {f"c14n{number}": "u" + base64url.encode(label) for number, label in enumerate(LABELS)}
    assert derived == DerivedProof(SIGNATURE, KEY, [SIGNATURE], labels, [0, 2])
    assert serialize_derived_proof_value(derived) == _value("derived", DERIVED)


def test_header_bytes() -> None:
    """§3.5.2 and §3.5.7: d9 5d 00 and d9 5d 01, then CBOR without tags."""
    assert base64url.decode(_value("base", BASE)[1:])[:4] == b"\xd9\x5d\x00\x85"
    assert base64url.decode(_value("derived", DERIVED)[1:])[:4] == b"\xd9\x5d\x01\x85"


def test_a_derived_proof_is_no_base_proof_and_the_reverse() -> None:
    """SL-005: a base proof carries the HMAC key, by which hidden values can be guessed."""
    assert _refusal("derived", _value("base", BASE)).code == "ecdsa_sd.base_proof_shown"
    assert _refusal("base", _value("derived", DERIVED)).code == "ecdsa_sd.derived_already"


def test_labels_are_compressed_in_order_and_back() -> None:
    labels = {f"c14n{number}": "u" + base64url.encode(bytes([number]) * 32) for number in range(12)}
    turned = dict(reversed(labels.items()))
    assert list(compress_label_map(turned)) == list(range(12))
    assert decompress_label_map(compress_label_map(turned)) == labels


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "ecdsa_sd.encoding", id="empty"),
        pytest.param("u", "ecdsa_sd.header", id="nothing after the multibase header"),
        pytest.param("z2YwC8z3ap7yx", "ecdsa_sd.encoding", id="base58"),
        pytest.param("U2V0AhVhA", "ecdsa_sd.encoding", id="padded base64url"),
        pytest.param("u2V0A=", "ecdsa_sd.encoding", id="padding"),
        pytest.param("u2V0A\n", "ecdsa_sd.encoding", id="line end"),
        pytest.param("u2V0+", "ecdsa_sd.encoding", id="base64"),
        pytest.param("u2V0é", "ecdsa_sd.encoding", id="not ASCII"),
    ],
)
def test_what_is_no_base64url(kind: str, text: str, code: str) -> None:
    assert _refusal(kind, text).code == code


@pytest.mark.parametrize("kind", READ)
@pytest.mark.parametrize(
    "header", [b"\xd9\x5d\x02", b"\xd9\x5d\x03", b"\xd8\x5d\x00", b"\x85\x58\x40", b"\0\0\0"]
)
def test_another_header(kind: str, header: bytes) -> None:
    """d9 5d 02 and following are those of bbs-2023."""
    elements = {"base": BASE, "derived": DERIVED}[kind]
    assert _refusal(kind, _raw(header, cbor2.dumps(elements))).code == "ecdsa_sd.header"


def _put(elements: list[Any], place: int, value: object) -> list[Any]:
    return [*elements[:place], value, *elements[place + 1 :]]


SHORT, LONG = bytes(63), bytes(65)
WRONG_BASE = {
    "four elements": BASE[:4],
    "six elements": [*BASE, 0],
    "a map": dict(enumerate(BASE)),
    "text": "x",
    "null": None,
    "short signature": _put(BASE, 0, SHORT),
    "long signature": _put(BASE, 0, LONG),
    "signature as text": _put(BASE, 0, "x" * 64),
    "P-384 key": _put(BASE, 1, b"\x81\x24" + bytes([2]) * 49),
    "Ed25519 key": _put(BASE, 1, b"\xed\x01" + bytes(33)),
    "a point of the curve called by another": _put(BASE, 1, b"\xe7\x01" + KEY.raw),
    "no point of the curve": _put(BASE, 1, b"\x80\x24\x02" + b"\xff" * 32),
    "uncompressed point": _put(BASE, 1, b"\x80\x24\x04" + KEY.raw[1:]),
    "short HMAC key": _put(BASE, 2, bytes(31)),
    "empty HMAC key": _put(BASE, 2, b""),
    "signatures no list": _put(BASE, 3, SIGNATURE),
    "a signature too short": _put(BASE, 3, [SIGNATURE, SHORT]),
    "a signature null": _put(BASE, 3, [None]),
    "pointers no list": _put(BASE, 4, "/issuer"),
    "a pointer of bytes": _put(BASE, 4, [b"/issuer"]),
    "a pointer a number": _put(BASE, 4, [0]),
}
WRONG_DERIVED = {
    "four elements": DERIVED[:4],
    "six elements": [*DERIVED, 0],
    "signatures no list": _put(DERIVED, 2, SIGNATURE),
    "a signature too long": _put(DERIVED, 2, [LONG]),
    "labels a list": _put(DERIVED, 3, LABELS),
    "labels a number": _put(DERIVED, 3, 0),
    "labels null": _put(DERIVED, 3, None),
    "label too short": _put(DERIVED, 3, {0: bytes(31)}),
    "label as text": _put(DERIVED, 3, {0: "u" * 32}),
    "label number as text": _put(DERIVED, 3, {"0": LABELS[0]}),
    "label number true": _put(DERIVED, 3, {True: LABELS[0]}),
    "indexes no list": _put(DERIVED, 4, 0),
    "an index true": _put(DERIVED, 4, [True]),
    "an index a fraction": _put(DERIVED, 4, [1.5]),
    "an index as text": _put(DERIVED, 4, ["0"]),
}


@pytest.mark.parametrize("elements", WRONG_BASE.values(), ids=WRONG_BASE)
def test_a_base_proof_of_other_elements(elements: object) -> None:
    problem = _refusal("base", _value("base", elements))
    assert (type(problem), problem.code) == (ProofVerificationError, "ecdsa_sd.element")


@pytest.mark.parametrize("elements", WRONG_DERIVED.values(), ids=WRONG_DERIVED)
def test_a_derived_proof_of_other_elements(elements: object) -> None:
    problem = _refusal("derived", _value("derived", elements))
    assert isinstance(problem, ProofVerificationError)
    assert problem.code in {"ecdsa_sd.cbor", "ecdsa_sd.element"}  # no element is such a value


@pytest.mark.parametrize(
    "labels",
    [
        {1: LABELS[0], 2: LABELS[1]},
        {0: LABELS[0], 2: LABELS[1]},
        {-1: LABELS[0], 0: LABELS[1]},
        {0: LABELS[0], 1: LABELS[0]},
        {0: LABELS[0], 2**63: LABELS[1]},
    ],
    ids=["not from 0", "a gap", "negative", "one label twice", "huge"],
)
def test_a_label_map_is_one_to_one_and_without_gaps(labels: dict[int, bytes]) -> None:
    """SL-007"""
    assert _refusal("derived", _value("derived", _put(DERIVED, 3, labels))).code == "ecdsa_sd.label_map"


@pytest.mark.parametrize(
    "indexes", [[0, 0], [2, 0], [-1], [-1, 0]], ids=["twice", "turned", "negative", "both"]
)
def test_mandatory_indexes_increase(indexes: list[int]) -> None:
    problem = _refusal("derived", _value("derived", _put(DERIVED, 4, indexes)))
    assert problem.code == "ecdsa_sd.mandatory_indexes"


DATA = cbor2.dumps(DERIVED)
OTHER_SPELLINGS = {
    "trailing byte": DATA + b"\0",
    "a second value": DATA + DATA,
    "cut": DATA[:-1],
    "empty": b"",
    "indefinite array": b"\x9f" + DATA[1:] + b"\xff",
    "indefinite bytes": b"\x85\x5f\x58\x40" + SIGNATURE + b"\xff" + DATA[67:],
    "long form of 5": b"\x98\x05" + DATA[1:],
    "longer form of 64": b"\x85\x59\x00\x40" + DATA[3:],
    "tag on all": b"\xd9\xd9\xf7" + DATA,
    "tag on the signature": b"\x85\xd8\x40" + DATA[1:],
    "tag on an index": DATA[:-1] + b"\xc1\x02",
    "duplicate label number": cbor2.dumps([SIGNATURE, MULTIKEY, []])[:-1].replace(b"\x83", b"\x85", 1)
    + b"\x80\xa2\x00\x58\x20"
    + LABELS[0]
    + b"\x00\x58\x20"
    + LABELS[1]
    + b"\x80",
    "a gigabyte announced": b"\x85\x5b\0\0\0\0\x40\0\0\0",
    "a billion elements announced": b"\x9b\0\0\0\0\x40\0\0\0",
    "a billion entries announced": b"\xbb\0\0\0\0\x40\0\0\0",
    "40,000 arrays in each other": b"\x81" * 40_000,
    "a list that holds itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "undefined": b"\xf7",
    "a date that is none": b"\xc0\x01",
    "a regular expression that is none": b"\xd8\x23\x61\x28",
    "an IP address that is none": b"\xd9\x01\x04\x41\x00",
    "a fraction by zero": b"\xd8\x1e\x82\x01\x00",
    "a decimal beyond all": b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01",
    "text that is no UTF-8": b"\x61\xff",
    "a break without a beginning": b"\xff",
    "reserved": b"\x1c",
}


@pytest.mark.parametrize("data", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS)
def test_what_a_plain_writer_would_not_have_written(data: bytes) -> None:
    """SL-006: refused at once, and without believing any length."""
    tracemalloc.start()
    started = time.process_time()
    problem = _refusal("derived", _raw(HEADERS["derived"], data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert problem.code in {"ecdsa_sd.cbor", "ecdsa_sd.element"}
    assert time.process_time() - started < 1
    assert peak < 8 << 20


def test_a_proof_value_has_a_size() -> None:
    many = [SIGNATURE] * (limits.CBOR_BYTES // 64)
    assert isinstance(_refusal("derived", _value("derived", _put(DERIVED, 2, many))), LimitError)
    with pytest.raises(LimitError) as caught:
        serialize_base_proof_value(BaseProof(SIGNATURE, KEY, bytes(32), many, []))
    assert caught.value.code == "ecdsa_sd.too_large"


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=70),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.integers() | st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(READ)), _ANYTHING)
def test_any_cbor_is_refused_with_a_code(kind: str, value: object) -> None:
    _refusal(kind, _value(kind, value))


@given(st.sampled_from(sorted(READ)), st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(kind: str, data: bytes) -> None:
    _refusal(kind, _raw(HEADERS[kind], data))


@given(st.data())
def test_a_changed_byte_is_refused_or_read_as_something_else(data: st.DataObject) -> None:
    """Two values never read alike, but for the sign of a point: so nothing in them is ignored."""
    place = data.draw(st.integers(0, len(DATA) - 1))
    changed = bytearray(DATA)
    changed[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != DATA[place]))
    try:
        derived = parse_derived_proof_value(_raw(HEADERS["derived"], bytes(changed)))
    except ProofVerificationError:
        return
    assert derived != parse_derived_proof_value(_raw(HEADERS["derived"], DATA))
