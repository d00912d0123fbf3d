"""How cells read: dates as people write them, words for codes, durations; and what is told of the others."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.intake import values
from issuer.intake.values import Unreadable, plain, reader

DAYS = {
    "31/12/2026": "2026-12-31",
    "1/2/2026": "2026-02-01",
    "01.02.2026": "2026-02-01",
    "01-02-2026": "2026-02-01",
    "2026-02-01": "2026-02-01",
    "2026-2-1": "2026-02-01",
    "2026-02-01 00:00:00": "2026-02-01",
    "29/02/2000": "2000-02-29",
}
NO_DAYS = {
    "31/02/2026": "cell.date_impossible",
    "29/02/2026": "cell.date_impossible",
    "31/04/2026": "cell.date_impossible",
    "00/04/2026": "cell.date_impossible",
    "31/13/2026": "cell.date_impossible",
    "12/31/2026": "cell.date_month_first",
    "01/02/26": "cell.date_short_year",
    "46113": "cell.date_serial",
    "46113,5": "cell.date_serial",
    "01/02/1899": "cell.date_year",
    "01/02/2100": "cell.date_year",
    "hier": "cell.date",
    "2026": "cell.date",
    "2026-02-01T10:00:00Z": "cell.date",
    "１/２/２０２６ ": "cell.date",
}


@pytest.mark.parametrize("cell", DAYS)
def test_days(cell):
    assert values.day(cell, "") == DAYS[cell]


@pytest.mark.parametrize("cell", NO_DAYS)
def test_what_is_no_day_is_told_why_and_never_repeated(cell):
    with pytest.raises(Unreadable) as unreadable:
        values.day(cell, "")
    assert unreadable.value.code == NO_DAYS[cell]
    assert cell not in str(unreadable.value) + repr(unreadable.value.facts)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"]))
def test_every_day_reads_in_every_form(day, form):
    assert values.day(day.strftime(form), "") == day.isoformat()


@pytest.mark.parametrize("cell", ["1979", "02/1979", "00/1979", "00/00/1979"])
def test_a_birth_date_may_be_partial(cell):
    assert values.day_of_birth(cell, "") == ""


def test_a_whole_birth_date_is_a_day():
    assert values.day_of_birth("29/02/2000", "") == "2000-02-29"
    with pytest.raises(Unreadable):
        values.day_of_birth("31/02/2000", "")


CODES = {
    ("RNCP37674", "code"): "RNCP37674",
    ("rncp 37674", "code certification"): "RNCP37674",
    ("37674", "code rncp"): "RNCP37674",
    ("37674BC01", "rncp"): "RNCP37674BC01",
    ("6151", "code rs"): "RS6151",
    ("6151", "code"): "6151",
    ("6151", "code rncp rs"): "6151",
}


@pytest.mark.parametrize(("cell", "header"), CODES)
def test_a_bare_number_takes_the_register_of_its_column(cell, header):
    assert values.code(cell, header) == CODES[cell, header]


DURATIONS = {
    "35": "PT35H", "35 h": "PT35H", "35h": "PT35H", "35 heures": "PT35H", "7h30": "PT7H30M",
    "7 h 30": "PT7H30M",
    "7:30": "PT7H30M", "7 h 30 min": "PT7H30M", "3,5": "PT3H30M", "3.5 h": "PT3H30M", "0,5": "PT30M",
    "7.25": "PT7H15M", "PT35H": "PT35H", "PT7H30M": "PT7H30M",
}  # fmt: skip


@pytest.mark.parametrize("cell", DURATIONS)
def test_durations(cell):
    assert values.duration(cell, "") == DURATIONS[cell]


@pytest.mark.parametrize(
    "cell", ["2 jours", "0", "0 h", "7:75", "une semaine", "-3", "7.33", "99999", "h", "P"]
)
def test_what_is_no_duration(cell):
    with pytest.raises(Unreadable, match=r"cell\.duration"):
        values.duration(cell, "")


PERIODS = {"24 mois": "P24M", "24": "P24M", "3 ans": "P36M", "1 an": "P12M", "P24M": "P24M", "P2Y": "P2Y"}


@pytest.mark.parametrize("cell", PERIODS)
def test_periods(cell):
    assert values.period(cell, "") == PERIODS[cell]


@pytest.mark.parametrize("cell", ["0", "0 mois", "jamais", "2 semaines", "1,5 an"])
def test_what_is_no_period(cell):
    with pytest.raises(Unreadable, match=r"cell\.period"):
        values.period(cell, "")


WORDS = {
    ("list:mention", "Assez bien"): "MENTION_ASSEZ_BIEN",
    ("list:mention", "TB"): "MENTION_TRES_BIEN",
    ("list:mention", "mention très bien"): "MENTION_TRES_BIEN",
    ("list:mention", "SANS_MENTION"): "SANS_MENTION",
    ("list:mode", "en présentiel"): "EN_PRESENTIEL",
    ("list:mode", "À distance"): "A_DISTANCE",
    ("list:access_route", "Apprentissage"): "FORMATION_INITIALE_APPRENTISSAGE",
    ("list:access_route", "VAE"): "VAE",
    ("list:cefr", "b2"): "B2",
    ("list:cefr", "Insuffisant"): "INSUFFISANT",
    ("list:language", "Anglais"): "en",
    ("list:language", "EN"): "en",
    ("list:basis", "Recommandation"): "RECOMMENDED",
    ("list:template", "Bloc de compétences"): "block",
    ("list:template", "rs-certification"): "rs-certification",
    ("list:experience_kind", "stage"): "INTERNSHIP",
}


@pytest.mark.parametrize(("reads", "cell"), WORDS)
def test_words_for_codes(reads, cell):
    assert reader(reads)(cell, "") == WORDS[reads, cell]


def test_an_unknown_word_is_answered_with_the_known_ones():
    with pytest.raises(Unreadable) as unreadable:
        reader("list:mention")("Excellent", "")
    assert unreadable.value.code == "cell.not_in_list"
    assert "Assez bien" in unreadable.value.facts["expected"]
    assert "Excellent" not in unreadable.value.facts["expected"]


def test_names_compare_without_accents_case_and_punctuation():
    assert plain("  Date d’obtention : ") == plain("DATE D'OBTENTION") == "date d obtention"
    assert plain("N° dossier") == "n dossier"
