"""Protects: what people read is plain text in their language, and nothing in it can act."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.facts import facts_ld
from credentials.wording import LINE_CHARS, LINES, in_words


def _lines(examples, name, item):
    return next(shown for shown in facts_ld(examples[name].ld).shown if shown.id == item).lines


@pytest.mark.parametrize(
    ("name", "item", "fr", "en"),
    [
        ("certification", "birthdate", "29/02/2000", "29 February 2000"),
        (
            "certification", "access_route",
            "Validation des acquis de l'expérience, VAE classique",
            "Validation of prior experience, Standard validation of experience",
        ),
        (
            "certification", "block.0",
            "RNCP37674BC01 — Développer la partie front-end d'une application web ou web mobile sécurisée,"
            " le 27/03/2026",
            "RNCP37674BC01 — Développer la partie front-end d'une application web ou web mobile sécurisée,"
            " on 27 March 2026",
        ),
        ("certification", "mention", "Très bien", "Very good (très bien)"),
        (
            "certification", "exam", "du 23/03/2026 au 27/03/2026, En présence, 00000",
            "from 23 March 2026 to 27 March 2026, On site, 00000",
        ),
        ("rs-certification", "score", "785 (de 10 à 990)", "785 (from 10 to 990)"),
        ("rs-certification", "cefr.language", "anglais", "English"),
        ("prevention-success", "renewal.period", "24 mois", "24 months"),
        ("declared-experience-ongoing", "period", "depuis le 01/09/2023", "since 1 September 2023"),
        (
            "endorsement", "skill.1",
            "Accueillir, orienter et renseigner un client (ROME 4.0 104174), niveau 3 sur 4,"
            " Confirmée à un autre niveau, niveau observé\u00a0: 2, Accueil au stand, le samedi",
            "Accueillir, orienter et renseigner un client (ROME 4.0 104174), level 3 of 4,"
            " Confirmed at another level, observed level: 2, Accueil au stand, le samedi",
        ),
    ],
)  # fmt: skip
def test_values_in_words(examples, name, item, fr, en):
    assert _lines(examples, name, item) == {"fr": (fr,), "en": (en,)}


def test_one_line_per_alignment(examples):
    lines = _lines(examples, "certification", "certification.alignments")["fr"]
    assert lines[0] == "Niveau 5 (EQF 5)"
    assert len(lines) == 3


def test_an_identifier_for_machines_is_left_out(examples):
    assert "fd33c66c" not in _lines(examples, "block", "skill.1")["fr"][0]


def test_a_name_is_never_taken_for_a_code():
    """Somebody may be called Client; only the member of that name holds codes."""
    assert in_words("CLIENT", "family_name")["fr"] == ("CLIENT",)
    assert in_words("CLIENT", "relationship")["fr"] == ("Client",)


def test_an_unknown_code_is_shown_as_it_is():
    assert in_words("MENTION_HONORABLE", "mention")["fr"] == ("MENTION_HONORABLE",)


def test_what_is_not_quite_a_date_or_a_duration_is_shown_as_it_is():
    assert in_words("2026-02-30", "birthdate")["fr"] == ("2026-02-30",)
    assert in_words("P", "duration")["fr"] == ("P",)
    assert in_words("P1Y6M", "duration")["en"] == ("1 year 6 months",)


def test_control_characters_reach_no_terminal():
    assert in_words("\u001b[2J\u202etxet", "name")["fr"] == ("\ufffd[2J\ufffdtxet",)


def test_long_values_are_cut():
    assert len(in_words("x" * 9_999, "name")["en"][0]) == LINE_CHARS
    assert len(in_words(["x"] * 9_999, "name")["en"]) == LINES


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(
            ["name", "code", "framework", "level", "level_scale", "verdict", "start_date", "ongoing", "value",
             "min", "max", "period", "x"]
        ),
        inner,
    ),
)  # fmt: skip


@given(_ANY, st.sampled_from(["name", "mention", "duration", ""]))
def test_any_value_can_be_said(value, name):
    """A foreign issuer may put anything anywhere."""
    for lines in in_words(value, name).values():
        assert all((len(line) <= LINE_CHARS and line.isprintable()) or "\n" not in line for line in lines)
