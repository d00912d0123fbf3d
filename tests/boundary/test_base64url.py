"""One value has one spelling."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base64url
from problems import ParsingError


@given(st.binary())
def test_what_was_encoded_decodes(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("QQ==", id="padding"),
        pytest.param("QUJD=", id="needless-padding"),
        pytest.param("QR", id="trailing-bits"),
        pytest.param("Q", id="impossible-length"),
        pytest.param("QU JD", id="space"),
        pytest.param("QUJD\n", id="newline"),
        pytest.param("+/+/", id="other-alphabet"),
        pytest.param("QQ=Q", id="padding-inside"),
        pytest.param("QUJÉ", id="not-ascii"),
        pytest.param("Q.JD", id="foreign-character"),
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ParsingError) as caught:
        base64url.decode(text)
    assert caught.value.code == "base64url.invalid"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("size", [2, 3, 4, 6, 7, 8])
def test_each_last_letter_is_taken_as_it_would_be_written(size: int) -> None:
    taken = set()
    for letter in ALPHABET + "+/=":
        with contextlib.suppress(ParsingError):
            base64url.decode("A" * (size - 1) + letter)
            taken.add(letter)
    loose = {letter: base64.urlsafe_b64decode("A" * (size - 1) + letter + "==") for letter in ALPHABET}
    assert taken == {letter for letter, data in loose.items() if base64url.encode(data)[-1] == letter}


@given(st.text(alphabet="AQ-_+/= \n", max_size=12))
def test_no_two_texts_give_the_same_bytes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ParsingError:
        return
    assert base64url.encode(data) == text
