"""JSON pointers: what they name, and that nothing else is ever taken for one."""

import pytest

from boundary import limits
from boundary.strict_json import Json, JsonValue
from problems import LimitError, ProofGenerationError
from proofs.selective.pointers import json_pointer_to_paths, parse_pointers, value_at

# The document of RFC 6901 §5, in an object that JSON-LD could hold.
DOCUMENT: Json = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
    "0": "an object's member",
}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/0", "an object's member"),
    ],
)
def test_examples_of_rfc_6901(pointer: str, value: JsonValue) -> None:
    assert value_at(DOCUMENT, json_pointer_to_paths(pointer)) == value


def test_escapes_are_undone_once() -> None:
    assert json_pointer_to_paths("/~01/~10") == ("~1", "/0")


@pytest.mark.parametrize(
    "pointer",
    ["", "foo", "foo/0", "#/foo", "/a~", "/a~2b", "/~/b", "/foo/~"],
    ids=[
        "whole document",
        "no slash",
        "no slash, deep",
        "fragment",
        "lone tilde",
        "~2",
        "~/",
        "~ at the end",
    ],
)
def test_what_is_no_pointer_is_refused(pointer: str) -> None:
    """SL-010; the empty pointer is lawful and would show everything: nobody means it."""
    with pytest.raises(ProofGenerationError) as caught:
        json_pointer_to_paths(pointer)
    assert caught.value.code == "pointer.syntax"
    assert caught.value.says("fr").what


@pytest.mark.parametrize(
    "pointer",
    [
        "/nothing",
        "/foo/2",
        "/foo/-1",
        "/foo/-",
        "/foo/00",
        "/foo/+0",
        "/foo/0x0",
        "/foo/٠",
        "/foo/1e0",
        "/foo/bar",
        "/foo/0/0",
        "/foo/length",
        "/foo/99999999999999999999",
        "/a~1b/x",
    ],
)
def test_a_pointer_to_nothing_is_refused(pointer: str) -> None:
    """SL-010: an index is written as JSON writes it, and negative ones do not count from the end."""
    with pytest.raises(ProofGenerationError) as caught:
        value_at(DOCUMENT, json_pointer_to_paths(pointer))
    assert caught.value.code == "pointer.nothing_there"
    assert caught.value.facts == {"pointer": pointer}


def test_problems_show_a_long_pointer_cut() -> None:
    for pointer in ("/" + "x" * 1000, "x" * 1000):
        with pytest.raises(ProofGenerationError) as caught:
            value_at(DOCUMENT, json_pointer_to_paths(pointer))
        assert len(str(caught.value.facts["pointer"])) == 80


def test_ten_thousand_pointers_are_too_many() -> None:
    """SL-010"""
    with pytest.raises(LimitError) as caught:
        parse_pointers(["/foo"] * 10_000)
    assert caught.value.code == "pointer.too_many"
    assert len(parse_pointers(["/foo"] * limits.POINTERS)) == limits.POINTERS
