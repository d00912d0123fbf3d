"""Digits carry bytes in one spelling only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange import qr_digits
from problems import ParsingError


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_digits_bring_every_byte_back(data: bytes) -> None:
    assert qr_digits.decode(qr_digits.encode(data)) == data


@settings(deadline=None)
@given(st.text("0123456789", max_size=60))
def test_no_digits_have_two_readings(digits: str) -> None:
    try:
        data = qr_digits.decode(digits)
    except ParsingError:
        return
    assert qr_digits.encode(data) == digits


def test_seven_bytes_are_seventeen_digits() -> None:
    assert qr_digits.encode(b"\xff" * 7) == "72057594037927935"
    assert [len(qr_digits.encode(bytes(size))) for size in range(8)] == [0, 3, 5, 8, 10, 13, 15, 17]


@pytest.mark.parametrize(
    "digits",
    [
        pytest.param("256", id="beyond-one-byte"),
        pytest.param("72057594037927936", id="beyond-seven-bytes"),
        pytest.param("00", id="length-of-no-group"),
        pytest.param("0" * 18, id="rest-of-no-group"),
        pytest.param("12a", id="letter"),
        pytest.param("١٢٣", id="digits-of-another-script"),
        pytest.param("²³¹", id="superscripts"),
        pytest.param("+12", id="sign"),
        pytest.param("1_2", id="underscore"),
        pytest.param(" 12", id="space"),
    ],
)
def test_other_spellings_are_refused(digits: str) -> None:
    with pytest.raises(ParsingError):
        qr_digits.decode(digits)
