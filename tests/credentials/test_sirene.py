"""A number of an organisation with one digit wrong is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.sirene import is_siren, is_siret, siren

# INSEE, Dinum and La Poste: public numbers of public bodies
SIRETS = ["12002701600357", "13002526500013", "35600000000048", "35600000049837"]


@pytest.mark.parametrize("number", SIRETS)
def test_numbers_of_real_organisations(number: str) -> None:
    assert is_siret(number)
    assert is_siren(siren(number))


@pytest.mark.parametrize(
    "number", ["", "1", "1200270160035", "120027016003570", "1200270160035x", "１２００２７０１６００３５７"]
)
def test_what_is_no_number_at_all(number: str) -> None:
    assert not is_siret(number)
    assert not is_siren(number)


@given(st.sampled_from(SIRETS[:2]), st.integers(0, 13), st.integers(1, 9))
def test_one_wrong_digit_is_told(number: str, place: int, more: int) -> None:
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert not is_siret(wrong)
