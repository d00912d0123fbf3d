"""Protects: a pattern names exactly the places that it says, in any JSON."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.pointers import expand_path, expand_pointer, pointer_to, value_at

_DOCUMENT = {
    "a": {"b": 1, "2": "two"},
    "list": [{"k": "x", "n": 1}, {"k": "y"}, "text", {"k": "x", "m": "z"}],
    "none": None,
}


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("/a/b", [("a", "b")]),
        ("/a/2", [("a", "2")]),
        ("/a/c", []),
        ("/a/b/c", []),
        ("/none", [("none",)]),
        ("/none/x", []),
        ("/list/*", [("list", 0), ("list", 1), ("list", 2), ("list", 3)]),
        ("/list/*/k", [("list", 0, "k"), ("list", 1, "k"), ("list", 3, "k")]),
        ("/list/*[k=x]", [("list", 0), ("list", 3)]),
        ("/list/*[k=x][m=z]", [("list", 3)]),
        ("/list/*[k=x]/n", [("list", 0, "n")]),
        ("/list/1", [("list", 1)]),
        ("/list/4", []),
        ("/list/-1", []),
        ("/list/٣", []),
        ("/a/*", []),
    ],
)
def test_expand_pointer(pattern, places):
    assert expand_pointer(_DOCUMENT, pattern) == places


def test_expand_path_takes_the_same_steps():
    assert expand_path(_DOCUMENT, ("list", "*", "k")) == expand_pointer(_DOCUMENT, "/list/*/k")


def test_value_at():
    assert value_at(_DOCUMENT, ("list", 3, "m")) == "z"
    assert value_at(_DOCUMENT, ()) is _DOCUMENT


def test_value_at_a_place_that_is_not_there():
    with pytest.raises(KeyError):
        value_at(_DOCUMENT, ("none", "x"))


def test_pointers_are_escaped():
    assert pointer_to(("a/b", 0, "m~n")) == "/a~1b/0/m~0n"


_ANY = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abk*0"), inner, max_size=4),
)


@given(_ANY, st.lists(st.sampled_from(["a", "b", "k", "0", "*", "*[k=a]"]), max_size=4))
def test_every_place_exists(document, steps):
    for place in expand_path(document, steps):
        value_at(document, place)
        assert len(place) == len(steps)
