"""From a record to claims: what each kind of credential says, and what is left out."""

from dataclasses import replace

import pytest

from credentials.templates import load
from issuer.intake.claims import TEMPLATES, claims_of
from issuer.intake.columns import table_templates
from issuer.intake.record import Cell, Record
from issuer.intake.rows import Place
from skills.register import Block, builtin

PERSON = {"reference": "ESSAI-1", "birth_name": "EXEMPLE-DÉMONSTRATION", "given_name": "Camille Fictive"}


def claims(code, template, **cells):
    record = Record(
        Place("f.csv", 2), {name: Cell(text, name, 2) for name, text in {**PERSON, **cells}.items()}
    )
    return claims_of(record, builtin().find(code) if code else None, template)


def test_every_kind_that_a_table_fills_has_claims_and_a_template():
    assert set(TEMPLATES) == set(table_templates())
    for name in TEMPLATES:
        assert load(name).id == name


@pytest.mark.parametrize(
    ("birth", "usual", "family", "at_birth"),
    [
        ("NGUYỄN", "MARTIN", "MARTIN", "NGUYỄN"),
        ("NGUYỄN", "", "NGUYỄN", None),
        ("Dupont", "DUPONT", "DUPONT", None),
        ("", "LE GALL", "LE GALL", None),
    ],
)
def test_the_name_in_use_comes_first_and_the_name_at_birth_only_when_it_differs(
    birth, usual, family, at_birth
):
    found = claims("RS5801", "rs-certification", awarded="2026-03-12", birth_name=birth, usual_name=usual)
    assert (found["family_name"], found.get("birth_family_name")) == (family, at_birth)


def test_given_names_are_joined():
    three = {"given_name": "A" * 60, "given_name_2": "B" * 60, "given_name_3": "C" * 60}
    short = claims("RS5801", "rs-certification", awarded="2026-03-12", given_name_2="Maëlle")
    longest = claims("RS5801", "rs-certification", awarded="2026-03-12", **three)
    assert short["given_name"] == "Camille Fictive Maëlle"
    assert longest["given_name"] == " ".join(three.values())


def test_optional_blocs_do_not_come_with_the_diploma():
    blocks = (Block("RNCP37674BC01", "Un bloc"), Block("RNCP37674BC02", "Un bloc facultatif", optional=True))
    diploma = replace(builtin().find("RNCP37674"), blocks=blocks)
    record = Record(
        Place("f.csv", 2), {n: Cell(t, n, 2) for n, t in {**PERSON, "awarded": "2026-07-03"}.items()}
    )
    found = claims_of(record, diploma, "diploma")
    assert [block["code"] for block in found["blocks"]] == ["RNCP37674BC01"]
    assert all("obtained_on" not in block for block in found["blocks"]), "each may be older than the diploma"


ENDS = {
    "2028-03-12": "2028-03-12T22:59:59Z",
    "2026-07-01": "2026-07-01T21:59:59Z",
    "2026-10-25": "2026-10-25T22:59:59Z",  # clocks go back that night
}


@pytest.mark.parametrize(("day", "instant"), ENDS.items())
def test_valid_to_the_last_second_of_the_day_in_paris(day, instant):
    assert (
        claims("RS5801", "rs-certification", awarded="2026-03-12", valid_until=day)["valid_until"] == instant
    )


def test_the_level_of_a_certification_of_one_level_is_filled_in():
    found = claims("RS6587", "rs-certification", awarded="2026-04-01")
    assert found["cefr"] == {"overall": "B2", "language": "en"}


def test_levels_announced_as_absent_are_left_out():
    flags = {"cefr_flag": "false", "cefr": "B2", "digcomp_flag": "false", "digcomp_overall": "612"}
    found = claims("RS5801", "rs-certification", awarded="2026-03-12", **flags)
    assert {"cefr", "digcomp"}.isdisjoint(found)


def test_digital_levels():
    found = claims(
        "RS5801", "rs-certification", awarded="2026-03-12", digcomp_overall="612", digcomp_areas="1.1:5 3.4:4"
    )
    assert found["digcomp"] == {
        "overall": "612", "areas": [{"part": "1.1", "level": "5"}, {"part": "3.4", "level": "4"}],
    }  # fmt: skip


SKILLS = {
    "Souder": {"ref": "s1", "name": "Souder"},
    "Souder (niveau 3)": {"ref": "s1", "name": "Souder", "level": "3", "level_scale": "workplace-4"},
    "Souder [ROME 113317]": {"ref": "s1", "name": "Souder", "framework": "ROME 4.0", "code": "113317"},
    "Souder  (à l'arc) [ROME 113317] (niveau 1)": {
        "ref": "s1", "name": "Souder (à l'arc)", "framework": "ROME 4.0", "code": "113317", "level": "1",
        "level_scale": "workplace-4",
    },
    "Souder (niveau 5)": {"ref": "s1", "name": "Souder (niveau 5)"},
}  # fmt: skip


@pytest.mark.parametrize("text", SKILLS)
def test_skills_in_a_cell(text):
    found = claims(None, "skill", awarded="2026-04-01", skills=text)
    assert found["skills"] == [SKILLS[text]]


def test_several_skills_in_a_cell():
    found = claims(None, "skill", awarded="2026-04-01", skills="Souder | Lire un plan\nTenir un planning||")
    assert [(skill["ref"], skill["name"]) for skill in found["skills"]] == [
        ("s1", "Souder"), ("s2", "Lire un plan"), ("s3", "Tenir un planning"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "period"),
    [
        ({"start": "2026-01-01", "end": "2026-02-01"}, {"start": "2026-01-01", "end": "2026-02-01"}),
        ({"start": "2026-01-01"}, {"start": "2026-01-01", "ongoing": True}),
        ({}, {}),
    ],
)
def test_a_start_without_an_end_is_ongoing(cells, period):
    """A start is never shown without its end or the word that there is none yet."""
    found = claims(None, "skill", awarded="2026-04-01", skills="Souder", **cells)["experience"]
    assert {name: value for name, value in found.items() if name != "kind"} == period


def test_the_same_training_has_the_same_name_everywhere_and_another_has_another():
    cells = {
        "title": "Soudure",
        "start": "2026-01-01",
        "end": "2026-01-02",
        "duration": "PT14H",
        "mode": "MIXTE",
    }
    first, again = claims(None, "training", **cells), claims(None, "training", **cells, reference="ESSAI-2")
    other = claims(None, "training", **{**cells, "title": "Brasure"})
    paged = claims(None, "training", **cells, achievement_url="https://formation.example/soudure")
    assert first["achievement"]["id"] == again["achievement"]["id"] != other["achievement"]["id"]
    assert first["achievement"]["id"].startswith("urn:uuid:")
    assert paged["achievement"]["id"] == "https://formation.example/soudure"
    assert first["training"]["outcome"] == "ATTENDED"


def test_a_success_is_passed_and_awarded_on_its_last_day():
    found = claims(
        "RS5801", "prevention-success", start="2026-03-11", end="2026-03-12", duration="PT14H",
        mode="EN_PRESENTIEL", valid_until="2028-03-12", renewal_period="P24M", renewal_basis="CERTIFIER",
    )  # fmt: skip
    assert (found["awarded"], found["training"]["outcome"]) == ("2026-03-12", "PASSED")
    assert found["prevention"] == {"renewal_period": "P24M", "renewal_basis": "CERTIFIER"}
