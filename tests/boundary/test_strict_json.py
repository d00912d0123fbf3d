"""The one JSON reader: what two readers could read differently is refused, and nothing crashes it."""

import contextlib
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import limits, strict_json
from problems import LimitError, ParsingError, Problem

STRICTER = {
    "y_number.json": "123e65 is beyond 2^53",
    "y_number_double_close_to_zero.json": "a number of 80 digits",
    "y_number_real_capital_e.json": "1E22 is beyond 2^53",
    "y_number_real_exponent.json": "123e45 is beyond 2^53",
    "y_number_real_fraction_exponent.json": "123.456e78 is beyond 2^53",
    "y_object_extreme_numbers.json": "1.0e+28 is beyond 2^53",
    "y_object_duplicated_key.json": "readers keep the first or the last",
    "y_object_duplicated_key_and_value.json": "a duplicate is a duplicate, whatever its value",
}
"""What JSONTestSuite says must be accepted and we refuse (RFC 7493 §2.2, §2.3), with the reason."""


def test_honest_json_is_read():
    text = '{"a": [1, -2.5, true, false, null, "é\\n\\ud83c\\udf93"], "b": {}}'
    expected = {"a": [1, -2.5, True, False, None, "é\n🎓"], "b": {}}
    assert strict_json.read(text) == strict_json.read(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a":1,"a":2}', "json.duplicate_name"),
        ('{"a":1,"\\u0061":1}', "json.duplicate_name"),
        ('[{"x":{"b":[],"b":[]}}]', "json.duplicate_name"),
        ("NaN", "json.not_a_number"),
        ('{"a":Infinity}', "json.not_a_number"),
        ("-Infinity", "json.not_a_number"),
        ("1e400", "json.number_out_of_range"),
        ("-1e400", "json.number_out_of_range"),
        ("9007199254740992", "json.number_out_of_range"),
        ("-9007199254740992", "json.number_out_of_range"),
        ("9007199254740993.0", "json.number_out_of_range"),
        ("0." + "1" * 50, "json.number_out_of_range"),
        ("9" * 5000, "json.number_out_of_range"),
        ('{"a":' + "1" * 4299 + "}", "json.number_out_of_range"),
        ('"\\ud800"', "json.lone_surrogate"),
        ('{"\\udc00":1}', "json.lone_surrogate"),
        ('[["\\udc00\\ud800"]]', "json.lone_surrogate"),
        ("[" * 100_000, "json.too_deep"),
        ("{" * 100_000, "json.too_deep"),
        ('{"a":' * 65 + "1" + "}" * 65, "json.too_deep"),
        ('["\\"]", ' + "[" * 65 + "]" * 65 + "]", "json.too_deep"),
        ("\ufeff{}", "json.byte_order_mark"),
        ('{"a":1}{"b":2}', "json.syntax"),
        ("", "json.syntax"),
        ('{"a":1,}', "json.syntax"),
        ("{'a':1}", "json.syntax"),
        ("// c\n{}", "json.syntax"),
        ("01", "json.syntax"),
        ('"a\nb"', "json.syntax"),
        ("[1] x", "json.syntax"),
    ],
)
def test_ambiguous_or_broken_json_is_refused(text, code):
    for form in (text, text.encode("utf-8", "surrogatepass")):
        with pytest.raises(ParsingError) as caught:
            strict_json.read(form)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "data", [b"\xff", b'"\xc3\x28"', b'"\xed\xa0\x80"', "é".encode("latin-1"), "{}".encode("utf-16")]
)
def test_other_encodings_are_refused(data):
    with pytest.raises(ParsingError, match=r"json\.not_utf8"):
        strict_json.read(data)


def test_a_large_document_is_refused_before_it_is_read():
    with pytest.raises(LimitError, match=r"json\.too_large"):
        strict_json.read(b" " * (limits.JSON_BYTES + 1))
    assert strict_json.read(b" " * 98 + b"{}", limit=100) == {}


def test_the_deepest_lawful_document_is_read_and_brackets_in_texts_do_not_count():
    strict_json.read("[" * limits.JSON_DEPTH + "]" * limits.JSON_DEPTH)
    assert strict_json.read('"' + "[" * 1000 + '"') == "[" * 1000
    assert strict_json.read('["' + '\\"[' * 1000 + '"]') == ['"[' * 1000]


def _depth(text: str) -> int:
    """How deep brackets nest outside strings, one character after the other."""
    deepest = depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            in_string = True
        else:
            depth += (character in "[{") - (character in "]}")
            deepest = max(deepest, depth)
    return deepest


@given(st.text('[]{}"\\a', max_size=120).map(lambda text: text.replace("[", "[" * 9)))
def test_the_depth_is_counted_as_one_would_by_hand(text):
    code = ""
    try:
        strict_json.read(text)
    except ParsingError as problem:
        code = problem.code
    assert (code == "json.too_deep") == (_depth(text) > limits.JSON_DEPTH)


def test_the_bounds_of_integers_are_lawful():
    assert strict_json.read("[9007199254740991, -9007199254740991]") == [2**53 - 1, 1 - 2**53]


@pytest.mark.parametrize("text", ["[]", '"x"', "1", "null", "true"])
def test_only_an_object_is_an_object(text):
    with pytest.raises(ParsingError, match=r"json\.not_an_object"):
        strict_json.read_object(text)
    assert strict_json.read_object('{"__proto__": {"\\u0000": 1}}') == {"__proto__": {"\0": 1}}


def test_a_name_of_a_megabyte_does_not_enter_the_report():
    name = "x" * 100_000
    with pytest.raises(ParsingError) as caught:
        strict_json.read(f'{{"{name}":1,"{name}":2}}')
    assert len(str(caught.value)) < 300


def test_a_duplicate_name_with_half_a_character_can_be_printed():
    with pytest.raises(ParsingError) as caught:
        strict_json.read('{"\\ud800":1,"\\ud800":2}')
    caught.value.says("fr").what.encode()


texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-limits.JSON_INTEGER, limits.JSON_INTEGER) | st.floats(-(2.0**52), 2.0**52)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_again_unchanged(value):
    assert strict_json.read(strict_json.write(value)) == value
    assert strict_json.read(strict_json.write(value).encode()) == value


@given(st.dictionaries(texts, values, min_size=1, max_size=4), values, st.booleans(), st.data())
def test_a_name_given_twice_is_refused_wherever_it_is(members, value, deep, data):
    twice = data.draw(st.sampled_from(sorted(members)))
    extra = f"{json.dumps(twice)}:{strict_json.write(value)}"  # json.dumps spells non-ASCII as escapes
    text = strict_json.write(members)[:-1] + "," + extra + "}"
    with pytest.raises(ParsingError, match=r"json\.duplicate_name"):
        strict_json.read(f'[{{"a":{text}}}]' if deep else text)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_anything_else_is_a_value_or_a_problem(data):
    with contextlib.suppress(Problem):
        strict_json.read(data)


def test_json_test_suite(fixtures: Path):
    """https://github.com/nst/JSONTestSuite: n_ is refused, y_ accepted or listed above, i_ never crashes."""
    files = sorted((fixtures / "abuse/fixtures/jsontestsuite/test_parsing").glob("*.json"))
    outcomes = {file.name: _outcome(file.read_bytes()) for file in files}
    assert len(outcomes) > 300
    assert [name for name, code in outcomes.items() if name.startswith("n_") and code is None] == []
    refused = {name for name, code in outcomes.items() if name.startswith("y_") and code is not None}
    assert refused == set(STRICTER)


def test_json_transform_suite(fixtures: Path):
    """The cases that readers are known to change: each is kept exactly or refused."""
    folder = fixtures / "abuse/fixtures/jsontestsuite/test_transform"
    accepted = {file.name for file in folder.glob("*.json") if _outcome(file.read_bytes()) is None}
    assert accepted == {
        "number_1.0.json",
        "number_1.000000000000000005.json",
        "number_1000000000000000.json",
        "number_1e-999.json",
        "number_1e6.json",
        "object_key_nfc_nfd.json",
        "object_key_nfd_nfc.json",
        "string_with_escaped_NULL.json",
    }


def _outcome(data: bytes) -> str | None:
    try:
        strict_json.read(data)
    except ParsingError as problem:
        return problem.code
    return None


def test_the_worst_lawful_size_is_refused_in_a_second():
    start = time.process_time()
    many = "[" * (limits.JSON_DEPTH + 1)
    quotes = many + '"\\' * (limits.JSON_BYTES // 2 - 100)  # every quote may begin a string that never ends
    for text in ("[" * limits.JSON_BYTES, '{"a":' * 200_000, quotes):
        with pytest.raises(ParsingError):
            strict_json.read(text)
    assert time.process_time() - start < 3
