"""One spelling per value: whatever a deterministic writer would not have written is refused."""

import time

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import cbor, limits
from boundary.cbor import Cbor
from problems import LimitError, MalformedValueError, ParsingError, Problem

_INTEGERS = st.integers(-(2**64), 2**64 - 1)
_KEYS = _INTEGERS | st.text() | st.binary()
VALUES: st.SearchStrategy[Cbor] = st.recursive(
    st.none() | st.booleans() | _INTEGERS | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)

REFUSED = {
    "nothing": "",
    "something after the end": "0000",
    "cut text": "62 61",
    "cut head": "19 01",
    "array longer than the data": "82 00",
    "a thousand million million elements": "9b 00038d7ea4c68000",
    "text of a gigabyte": "7a 40000000 61",
    "indefinite array": "9f 00 ff",
    "indefinite text": "7f 61 61 ff",
    "indefinite map": "bf 00 00 ff",
    "a break alone": "ff",
    "long form of a small integer": "18 05",
    "two bytes where one would do": "19 0005",
    "long form of a length": "58 01 00",
    "keys out of order": "a2 02 00 01 00",
    "keys in the order of RFC 7049": "a2 20 00 18 18 00",
    "a key twice": "a2 01 00 01 00",
    "a key twice, once as true": "a2 01 00 f5 00",
    "true as a key": "a1 f5 00",
    "null as a key": "a1 f6 00",
    "a list as a key": "a1 80 00",
    "half a character": "61 c3",
    "a date": "c1 05",
    "a big number": "c2 41 05",
    "a regular expression": "d8 23 61 61",
    "a cycle": "d8 1c 81 d8 1d 00",
    "a tagged item of our own": "d2 80",
    "the mark of CBOR": "d9 d9f7 80",
    "a number with a point": "f9 3c00",
    "not a number": "f9 7e00",
    "undefined": "f7",
    "a simple value of none": "e0",
    "a reserved head": "1c",
}


def _read(data: bytes) -> tuple[Cbor, str]:
    """Return the value, or the code with which it is refused."""
    try:
        return cbor.read(data), ""
    except Problem as problem:
        return None, problem.code


@given(VALUES)
def test_what_is_written_is_read(value: Cbor) -> None:
    assert cbor.read(cbor.write(value)) == value


@given(st.dictionaries(_KEYS, st.integers(0, 3), min_size=2))
def test_the_order_of_keys_is_that_of_their_bytes(value: dict[int | str | bytes, Cbor]) -> None:
    """RFC 8949 §4.2.1; cbor2's canonical form sorts short keys first (RFC 7049 §3.9)."""
    keys = [cbor2.dumps(key) for key in cbor2.loads(cbor.write(value))]
    assert keys == sorted(keys)


@pytest.mark.parametrize("spelling", REFUSED.values(), ids=REFUSED)
def test_what_a_deterministic_writer_would_not_have_written(spelling: str) -> None:
    with pytest.raises(ParsingError) as raised:
        cbor.read(bytes.fromhex(spelling))
    assert raised.value.code.startswith("cbor.")
    assert raised.value.says("fr").next_step


@given(st.binary(max_size=40))
def test_any_bytes_are_read_in_their_one_spelling_or_refused_with_a_code(data: bytes) -> None:
    value, code = _read(data)
    assert code.startswith("cbor.") if code else cbor.write(value) == data


@given(VALUES, st.data())
def test_any_changed_byte_is_another_value_or_none(value: Cbor, data: st.DataObject) -> None:
    encoded = bytearray(cbor.write(value))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] ^= data.draw(st.integers(1, 255))
    other, code = _read(bytes(encoded))
    assert code or cbor.write(other) != cbor.write(value)


def test_maps_in_any_order_where_a_format_allows_it() -> None:
    assert cbor.read(bytes.fromhex("a202000100"), any_order=True) == {1: 0, 2: 0}
    with pytest.raises(ParsingError):
        cbor.read(bytes.fromhex("a201000100"), any_order=True)


def test_as_deep_as_allowed_and_no_deeper() -> None:
    deep = b"\x81" * (limits.CBOR_DEPTH - 1) + b"\x00"
    assert cbor.read(deep)
    with pytest.raises(ParsingError) as raised:
        cbor.read(b"\x81" + deep)
    assert raised.value.code == "cbor.too_deep"


def test_no_more_than_the_limit() -> None:
    with pytest.raises(LimitError) as raised:
        cbor.read(b"\x44aaaa", limit=4)
    assert raised.value.code == "cbor.too_large"


def test_a_bomb_of_references_costs_nothing() -> None:
    """Shared values (tags 28 and 29) let a hundred bytes stand for ten thousand million."""
    shared = b"\xd8\x1c\x8a" + b"\x00" * 10
    for level in range(10):
        shared = b"\xd8\x1c\x8a" + shared + (b"\xd8\x1d" + bytes([level])) * 9
    before = time.process_time()
    with pytest.raises(ParsingError):
        cbor.read(shared)
    assert time.process_time() - before < 1


def test_shapes() -> None:
    assert cbor.an_array([1, 2], "x", 2) == [1, 2]
    assert cbor.a_map({1: 2}, "x") == {1: 2}
    assert cbor.some_bytes(b"ab", "x", 2) == b"ab"
    assert cbor.a_text("a", "x") == "a"
    assert cbor.an_integer(0, "x", least=0) == 0
    cbor.only({1: 2}, frozenset({1, 2}), "x")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cbor.an_array({}, "x"),
        lambda: cbor.an_array([1], "x", 2),
        lambda: cbor.a_map([], "x"),
        lambda: cbor.some_bytes("a", "x"),
        lambda: cbor.some_bytes(b"a", "x", 2),
        lambda: cbor.a_text(b"a", "x"),
        lambda: cbor.an_integer(True, "x"),
        lambda: cbor.an_integer(-1, "x", least=0),
        lambda: cbor.only({1: 2, 3: 4}, frozenset({1}), "x"),
    ],
    ids=[
        "map for array", "short array", "array for map", "text for bytes", "short bytes", "bytes for text",
        "true for a number", "below the least", "another key",
    ],
)  # fmt: skip
def test_other_shapes(wrong: "object") -> None:
    with pytest.raises(MalformedValueError) as raised:
        wrong()  # type: ignore[operator]
    assert raised.value.facts == {"at": "x"}
