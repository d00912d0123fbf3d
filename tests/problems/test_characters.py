"""What comes from outside cannot repaint a screen, turn text around or hide in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from problems import InputError
from problems.characters import escaped, printable

MISLEADING = ["\x1b[2J", "\u202e", "\u2066", "\u200b", "\u061c", "\ufeff", "\U000e0041", "\x9b2J", "\r"]


@pytest.mark.parametrize("text", MISLEADING)
def test_a_sentence_shows_a_sign_instead(text: str) -> None:
    said = InputError("cli.no_such_file", path=f"a{text}b").says("fr").what
    assert not set(said) & set(text.rstrip("[2JA"))
    assert "\ufffd" in said


@given(st.text())
def test_json_says_the_same_with_escapes(text: str) -> None:
    written = escaped(json.dumps({"text": text}, ensure_ascii=False, indent=2))
    assert json.loads(written) == {"text": text}
    assert printable(written.replace("\n", "")) == written.replace("\n", "")


def test_ordinary_french_is_left_as_it_is() -> None:
    text = "Élodie D’ARGENT-LEBŒUF, « née » à L’Haÿ-les-Roses : 100 % — Nguyễn"
    assert printable(text) == text
