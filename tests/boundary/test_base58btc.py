"""base58btc behind its multibase header."""

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import base58btc
from problems import ParsingError


@given(st.binary(max_size=96))
def test_what_is_written_is_read(data: bytes) -> None:
    assert base58btc.decode(base58btc.encode(data)) == data


@given(st.binary(max_size=140), st.integers(0, 3))
def test_it_is_written_as_another_implementation_does(data: bytes, zeros: int) -> None:
    whole = bytes(zeros) + data
    assert base58btc.encode(whole) == "z" + base58.b58encode(whole).decode("ascii")


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=100))
def test_every_text_of_the_alphabet_has_one_value(digits: str) -> None:
    assert base58btc.encode(base58btc.decode("z" + digits)) == "z" + digits


def test_leading_zeros_are_kept() -> None:
    assert base58btc.encode(b"\0\0\1") == "z112"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "112",
        "u112",
        "z0",
        "zl",
        " z112",
        "z112 ",
        "z112\n",
        "z1 12",
        "z\n112",
        "zé",
        "z" + "2" * 300,
        "zz\0",
    ],
    ids=repr,
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ParsingError) as caught:
        base58btc.decode(text)
    assert caught.value.code == "base58btc.invalid"
