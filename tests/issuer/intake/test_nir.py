"""National numbers are recognised however they are written; other numbers are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.intake.nir import looks_like_nir

NUMBERS = [
    "185057800608491", "1 85 05 78 006 084 91", "1850578006084", "1.85.05.78.006.084",
    "1-85-05-78-006-084-91",
    "296022A004017", "2 96 02 2A 004 017 55", "296022b004017", "1\u00a085\u00a005\u00a078\u00a0006\u00a0084",
    "né (185057800608491)", "NIR:185057800608491.", "3850578006084", "185207800608491", "199999935200112",
]  # fmt: skip
OTHERS = [
    "", "x", "RNCP37674", "2026-03-27", "0612345678", "06 12 34 56 78", "12345678901234", "00000000100011",
    "1850578006", "A1850578006084", "18505780060849123", "185137800608491", "185007800608491",
    "6e3c7378-bda4-497a-9bd6-dc203f903ed9", "db855769-bcd6-4253-93cf-e666db666c0a", "75009", "TST-2026-0001",
    "978-2-07-036024-5", "5850578006084",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_recognised(text):
    assert looks_like_nir(text)


@pytest.mark.parametrize("text", OTHERS)
def test_left_alone(text):
    assert not looks_like_nir(text)


SEX = st.sampled_from("12")
MONTH = st.sampled_from([f"{month:02}" for month in range(1, 13)])
PLACE = st.sampled_from(["2A", "2B", *(f"{number:02}" for number in range(1, 96))])
GAP = st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f"])


@st.composite
def numbers(draw):
    """Numbers built as the real ones are, written in any usual way."""
    parts = [draw(SEX), f"{draw(st.integers(0, 99)):02}", draw(MONTH), draw(PLACE)]
    parts += [f"{draw(st.integers(1, 990)):03}", f"{draw(st.integers(1, 999)):03}"]
    if draw(st.booleans()):
        parts.append(f"{draw(st.integers(1, 97)):02}")
    return draw(GAP).join(parts)


@given(numbers(), st.sampled_from(["", "n° ", "(", "né : "]), st.sampled_from(["", " ", ")", ".", ", Paris"]))
def test_every_number_built_as_one_is_recognised(number, before, after):
    assert looks_like_nir(before + number + after)
