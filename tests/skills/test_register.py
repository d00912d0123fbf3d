"""The register: what is shipped, how codes are found, and the claim that a certification becomes."""

from datetime import date

import pytest

from credentials.templates import check_claims, load
from skills.register import Certification, Chain, Parent, Shelf, builtin


def test_the_shipped_register_names_what_the_demonstration_needs():
    register = builtin()
    assert 10 <= len(register) <= 20
    for code in ("RNCP37674", "RNCP35809", "RNCP37488", "RS6151", "RS5801", "RS6587"):
        assert register.find(code) is not None
    assert [block.code for block in register.find("RNCP35809").blocks] == [
        f"RNCP35809BC0{n}" for n in range(1, 5)
    ]
    assert (register.find("RS6587").cefr, register.find("RS6587").language) == ("B2", "en")
    assert register.find("RNCP37488").level == "4"


@pytest.mark.parametrize("certification", list(builtin()), ids=lambda certification: certification.code)
def test_every_shipped_certification_is_a_claim_that_templates_take(certification):
    """Definitions are complete: whatever is issued of them renders."""
    for one in (certification, *(certification.block(block.code) for block in certification.blocks)):
        rules = {"certification": load(one.template).claims["certification"]}
        check_claims(rules, {"certification": one.claims()})
        assert one.skills == tuple(dict.fromkeys(one.skills))
    assert (certification.level is None) == (certification.register == "RS")
    assert bool(certification.blocks) == (certification.register == "RNCP")
    assert all(block.code.startswith(f"{certification.code}BC") for block in certification.blocks)


def test_the_claim_of_a_certification():
    claims = builtin().find("RNCP37674").claims()
    assert claims == {
        "register": "RNCP",
        "code": "RNCP37674",
        "achievement_type": "Certification",
        "name": "Développeur web et web mobile",
        "description": "Titre professionnel de niveau 5 enregistré au répertoire national des certifications"
        " professionnelles.",
        "url": "https://www.francecompetences.fr/recherche/rncp/37674/",
        "names": [{"value": "Web and mobile web developer", "lang": "en"}],
        "alignments": [
            {"framework": "EQF", "code": "5", "name": "Niveau 5", "url": "http://data.europa.eu/snb/eqf/5"},
            {
                "framework": "NSF",
                "code": "326t",
                "name": "Programmation, mise en place de logiciels",
                "url": "https://w3id.org/passeport/nsf/326t",
            },
            {
                "framework": "ROME 4.0",
                "code": "M1805",
                "name": "Études et développement informatique",
                "url": "https://w3id.org/passeport/rome/M1805",
            },
        ],
    }


def test_a_formacode_speaks_where_no_occupation_does():
    frameworks = [alignment["framework"] for alignment in builtin().find("RS6151").claims()["alignments"]]
    assert frameworks == ["NSF", "Formacode"]


def test_a_bloc_is_a_certification_of_its_own():
    bloc = builtin().find("RNCP37674BC02")
    assert bloc.part_of == Parent("RNCP37674", "Développeur web et web mobile")
    assert (bloc.template, bloc.blocks, bloc.names) == ("block", (), {})
    assert bloc.claims()["achievement_type"] == "MicroCredential"
    assert bloc.claims()["url"].endswith("/rncp/37674/")
    assert bloc.skills[0] == "Mettre en place une base de données relationnelle"


TEMPLATES = {"RNCP35809": "diploma", "RNCP37674": "certification", "RS5801": "rs-certification",
             "RNCP37674BC01": "block"}  # fmt: skip


@pytest.mark.parametrize("code", TEMPLATES)
def test_the_template_follows_the_register(code):
    assert builtin().find(code).template == TEMPLATES[code]


@pytest.mark.parametrize(
    "code", ["RNCP37674", " rncp 37674 ", "rncp37674", "RNCP37674BC01", "rncp37674 bc01"]
)
def test_codes_are_found_however_they_are_typed(code):
    assert builtin().find(code) is not None


NOT_THERE = ["", "RNCP", "37674", "RNCP376740", "RNCP37674BC03", "RNCP37674BC", "BC01", "RS6151BC01"]


@pytest.mark.parametrize("code", NOT_THERE)
def test_what_is_not_there_is_not_found(code):
    assert builtin().find(code) is None


def test_the_first_register_that_knows_answers():
    newer = Certification("RS6151", "RS", "Autre titre", "Plus récent.")
    chain = Chain(Shelf([newer]), builtin())
    assert chain.find("RS6151") is newer
    assert chain.find("RS5801") is builtin().find("RS5801")
    assert chain.find("RS0") is None


def _until(**dates):
    return Certification("RS1", "RS", "Titre", "Titre.", **dates)


@pytest.mark.parametrize(
    ("certification", "day", "allowed"),
    [
        (_until(ends=date(2026, 1, 1)), date(2026, 1, 1), True),
        (_until(ends=date(2026, 1, 1)), date(2026, 1, 2), False),
        (_until(ends=date(2026, 1, 1), last_award=date(2026, 6, 1)), date(2026, 6, 1), True),
        (_until(ends=date(2026, 1, 1), last_award=date(2026, 6, 1)), date(2026, 6, 2), False),
        (_until(active=False), date(2026, 1, 1), False),
        (_until(active=True), date(2026, 1, 1), True),
        (_until(active=False, ends=date(2026, 1, 1)), date(2025, 1, 1), True),
    ],
)
def test_until_when_it_may_be_awarded(certification, day, allowed):
    assert certification.awardable_on(day) is allowed
