"""Protects: no character that signs differently elsewhere, or that only machines see, gets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.characters import _UNPRINTABLE, printable, refuse_unprintable, refuse_unprintable_in
from problems import MalformedValueError

_REFUSED = [
    "\u0000",
    "\t",
    "\n",
    "\u001b",
    "\u007f",
    "\u0085",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufdd0",
    "\ufffe",
    "\U0010ffff",
]


@pytest.mark.parametrize("character", _REFUSED, ids=lambda c: f"U+{ord(c):04X}")
def test_refused(character):
    with pytest.raises(MalformedValueError) as caught:
        refuse_unprintable(f"Cam{character}ille", "given_name")
    assert caught.value.facts == {"at": "given_name", "character": f"U+{ord(character):04X}"}
    assert printable(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["Élodie", "عائشة", "👩‍💻", "a\u00a0b", "ȷ\u0301", "𠮷"])
def test_what_people_write_is_kept(text):
    refuse_unprintable(text, "name")
    assert printable(text) == text


def test_every_text_of_a_document_is_looked_at():
    for document in ({"a": [{"b": "\n"}]}, {"a": {"b\n": 1}}, ["x", "\n"]):
        with pytest.raises(MalformedValueError):
            refuse_unprintable_in(document)
    refuse_unprintable_in({"a": [{"b": "x"}, None, 7, True]})


@given(st.characters())
def test_in_a_document_every_character_is_judged_as_it_is_alone(character):
    refused = _UNPRINTABLE.search(character) is not None
    for document in ({"a": f"x{character}"}, {f"x{character}": ["y"]}):
        if refused:
            with pytest.raises(MalformedValueError):
                refuse_unprintable_in(document)
        else:
            refuse_unprintable_in(document)


@given(st.text())
def test_what_is_printable_is_never_refused(text):
    refuse_unprintable(printable(text), "text")


def test_what_python_calls_printable_holds_none_of_them():
    """The short way for nearly every text: it must never be longer than the careful one."""
    missed = [code for code in range(0x110000) if chr(code).isprintable() and _UNPRINTABLE.search(chr(code))]
    assert missed == []
