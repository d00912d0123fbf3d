"""Bytes as text: one spelling, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundary import data_url
from problems import ParsingError

TYPE = "application/x"


@given(st.binary(max_size=40))
def test_there_and_back(data: bytes) -> None:
    text = data_url.write(TYPE, data)
    assert data_url.is_of(text, TYPE)
    assert data_url.read(text, TYPE) == data


@pytest.mark.parametrize(
    "text",
    ["data:application/x;base64,YQ", "data:application/x;base64,YR==", "data:application/x;base64,Y Q==",
     "data:application/x;base64,YQ-_", "data:application/x,YQ==", "data:application/y;base64,YQ==", "YQ=="],
    ids=["no padding", "bits of no byte", "a space", "another alphabet", "plain", "another type", "bare"],
)  # fmt: skip
def test_other_spellings(text: str) -> None:
    with pytest.raises(ParsingError) as raised:
        data_url.read(text, TYPE)
    assert raised.value.code == "data_url.malformed"
