"""National numbers are recognised however they are written; other numbers are left alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.nir import key_holds, looks_like_nir

NUMBERS = [
    "185057800608491", "1 85 05 78 006 084 91", "1850578006084", "1.85.05.78.006.084",
    "1-85-05-78-006-084-91",
    "296022A004017", "2 96 02 2A 004 017 55", "296022b004017", "1\u00a085\u00a005\u00a078\u00a0006\u00a0084",
    "185 057 800 608 491", "185,057,800,608,491", "1 850 578 006 084", "1850 5780 0608 491",
    "18-50-57-80-06-084",
    "2 96 02 2 A 004 017 55", "2-9-6-0-2-2-A-0-0-4-0-1-7", "2.96.02.2B.004.017", "296022a 004 017",
    "1 8 5 0 5 7 8 0 0 6 0 8 4 9 1", "1850\u202f578\u202f006\u202f084",
    "①85057800608491", "１８５０５７８００６０８４",
    "né (185057800608491)", "NIR:185057800608491.", "3850578006084", "185207800608491", "199999935200112",
]  # fmt: skip
OTHERS = [
    "", "x", "RNCP37674", "2026-03-27", "0612345678", "06 12 34 56 78", "12345678901234", "00000000100011",
    "1850578006", "A1850578006084", "18505780060849123", "185137800608491", "185007800608491",
    "6e3c7378-bda4-497a-9bd6-dc203f903ed9", "db855769-bcd6-4253-93cf-e666db666c0a", "75009", "TST-2026-0001",
    "978-2-07-036024-5", "5850578006084", "du 1/5/2024 au 1/06/2025", "1/5/2024-1/06/2025",
    "06 12 34 56 78 / 01 44 55 66 77",
    "185 057 800 608 492, 75011 Paris", "732 829 320 00074", "4970 1012 3456 7890",
    "FR76 3000 6000 0112 3456 7890 189",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_recognised(text):
    assert looks_like_nir(text)


@pytest.mark.parametrize("text", OTHERS)
def test_left_alone(text):
    assert not looks_like_nir(text)


SEX = st.sampled_from("12")
MONTH = st.sampled_from([f"{month:02}" for month in range(1, 13)])
PLACE = st.sampled_from(["2A", "2B", "2a", *(f"{number:02}" for number in range(1, 96))])
GAP = st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f", " - "])
BEFORE = st.sampled_from(["", "n° ", "(", "né : ", "dossier 12, ", "75011 Paris : "])
AFTER = st.sampled_from(["", " ", ")", ".", ", Paris", " ; 3 rue du Test"])


def key_of(number):
    """As the INSEE says it: 2A is 19, 2B is 18."""
    figures = number.upper().replace("2A", "19").replace("2B", "18") if not number.isdigit() else number
    return f"{97 - int(figures) % 97:02}"


@st.composite
def parts(draw):
    """The parts of a number built as the real ones are, without its key."""
    place = [draw(SEX), f"{draw(st.integers(0, 99)):02}", draw(MONTH), draw(PLACE)]
    return [*place, f"{draw(st.integers(1, 990)):03}", f"{draw(st.integers(1, 999)):03}"]


@given(parts(), st.booleans(), GAP, BEFORE, AFTER)
def test_every_number_built_as_one_is_recognised(number, keyed, gap, before, after):
    whole = [*number, key_of("".join(number))] if keyed else number
    assert looks_like_nir(before + gap.join(whole) + after)


@given(parts(), st.lists(GAP, min_size=14, max_size=14), BEFORE, AFTER)
def test_with_its_key_it_is_recognised_cut_anywhere_by_anything(number, gaps, before, after):
    bare = "".join(number)
    bare += key_of(bare)
    cut = bare[0] + "".join(gap + character for gap, character in zip(gaps, bare[1:], strict=True))
    assert looks_like_nir(before + cut + after)


@given(parts(), st.booleans(), st.sets(st.integers(1, 14)), GAP)
def test_alone_it_is_recognised_cut_anywhere_by_one_sign(number, keyed, cuts, gap):
    bare = "".join(number)
    bare += key_of(bare) if keyed else ""
    edges = [0, *sorted(cut for cut in cuts if cut < len(bare)), len(bare)]
    pieces = [bare[low:high] for low, high in itertools.pairwise(edges)]
    assert looks_like_nir(f"né : {gap.join(pieces)}.")


@given(parts(), st.integers(1, 96))
def test_a_key_that_is_another_does_not_hold(number, off):
    bare = "".join(number).upper()
    key = int(key_of(bare))
    assert key_holds(f"{bare}{key:02}")
    assert not key_holds(f"{bare}{(key - 1 + off) % 97 + 1:02}")


@given(
    st.lists(
        st.sampled_from(["06 12 34 56 78", "01/09/2025", "75011", "12:30", "35 h", "RNCP37674"]), max_size=6
    )
)
def test_telephones_dates_and_times_side_by_side_are_left_alone(words):
    """With words between them, as people write them."""
    assert not looks_like_nir(" et ".join(words))


def test_a_long_text_of_figures_costs_little():
    assert not looks_like_nir("5 " * 50_000)
    assert not looks_like_nir("5" * 100_000)


@pytest.mark.parametrize("number", ["255081416802538", "2550814168025 38"])
def test_the_key_of_a_published_example_holds(number):
    """The specimen that the health insurance prints on its model card."""
    assert key_holds(number.replace(" ", ""))
