"""Each rule: a file that breaks just it, and the same file unbroken."""

from datetime import date

import pytest

from issuer.intake.rules import RULES
from skills.register import Certification, Shelf


def test_the_unbroken_file_passes_every_rule(files):
    (reading,) = files.read(files.flux(files.passage()))
    assert reading.findings == ()
    assert reading.row is not None


def _one(name, text):
    return {name: f"<{name}>{text}</{name}>"}


def _language(flag, level=None):
    changes = _one("presenceNiveauLangueEuro", flag)
    return changes | (_one("niveauLangueEuropeen", level) if level else {})


def _digital(flag, *inside):
    changes = _one("presenceNiveauNumeriqueEuro", flag)
    level = f"<niveauNumeriqueEuropeen>{''.join(inside)}</niveauNumeriqueEuropeen>"
    return changes | ({"niveauNumeriqueEuropeen": level} if inside else {})


def _result(area, competence, level):
    parts = {"domaineCompetenceId": area, "competenceId": competence, "niveau": level}
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    return f"<resultat>{inside}</resultat>"


SCORE = "<scoreGeneral>612</scoreGeneral>"
PASSAGES = {
    "row.reference_missing": _one("idTechnique", "   "),
    "row.reference_blanks": _one("idTechnique", "ESSAI-1 "),
    "row.characters": _one("libelleOption", "op\u202etion"),
    "row.garbled": _one("libelleOption", "SpÃ©cialitÃ©"),
    "row.not_certified": _one("donneeCertifiee", "false"),
    "row.validity_ends_before_start": _one("dateFinValidite", "2026-03-26"),
    "row.level_flag_without_level": _language("true"),
    "row.level_insufficient": _language("true", "INSUFFISANT"),
    "row.digital_without_score": _digital("true", "<resultats/>"),
    "row.digital_result": _digital("true", SCORE, f"<resultats>{_result('3', '4', None)}</resultats>"),
    "row.digital_twice": _digital(
        "true", SCORE, f"<resultats>{_result('3', '4', '5')}{_result('3', '4', '6')}</resultats>"
    ),
    "row.scoring_without_result": _one("obtentionCertification", "PAR_SCORING"),
    "row.address": _one("urlPreuve", "javascript:alert(1)"),
    "row.exam_ends_before_start": _one("dateDebutExamen", "2026-03-20") | _one("dateFinExamen", "2026-03-19"),
}


@pytest.mark.parametrize(("code", "changes"), PASSAGES.items(), ids=PASSAGES)
def test_refused(files, code, changes):
    (reading,) = files.read(files.flux(files.passage(**changes)))
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.findings[0].severity == "error"
    assert reading.row is None


DOUBTS = {
    "row.level_without_flag": _language("false", "B2"),
    "row.level_without_flag in digital matters": _digital("false", SCORE),
    "row.exam_after_award": _one("dateFinExamen", "2026-03-28"),
    "row.awarded_in_future": _one("dateDebutValidite", "2026-04-04"),
    "row.awarded_before_registration": _one("dateDebutValidite", "2023-08-31"),
    "row.certification_ended": _one("dateDebutValidite", "2028-09-02"),
    "row.already_expired": _one("dateFinValidite", "2026-04-02"),
    "row.vae_route_without_vae": {
        "modalitesInscription": "<modalitesInscription><modaliteAcces>CANDIDAT_LIBRE</modaliteAcces>"
        "<voieAccessVAE>VAE_CLASSIQUE</voieAccessVAE></modalitesInscription>"
    },
}


@pytest.mark.parametrize(("code", "changes"), DOUBTS.items(), ids=DOUBTS)
def test_doubtful_but_issued(files, code, changes):
    (reading,) = files.read(files.flux(files.passage(**changes)))
    found = {finding.code: finding.severity for finding in reading.findings}
    assert found[code.split()[0]] == "warning"
    assert "error" not in found.values()
    assert reading.row is not None


PEOPLE = {
    "row.name_blank": _one("nomNaissance", "  "),
    "row.given_name_blank": _one("prenom1", " "),
    "row.birth_impossible": _one("jourNaissance", "30"),
    "row.birth_in_future": _one("anneeNaissance", "2028"),
    "row.birth_after_award": _one("anneeNaissance", "2026") | _one("moisNaissance", "3")
    | _one("jourNaissance", "28"),
    "row.insee_impossible": {
        "codeCommuneNaissance": "<codeCommuneNaissance><codeInseeNaissance><codeInsee>ZZZZZ</codeInsee>"
        "</codeInseeNaissance></codeCommuneNaissance>"
    },
}  # fmt: skip


@pytest.mark.parametrize(("code", "person"), PEOPLE.items(), ids=PEOPLE)
def test_impossible_people_are_refused(files, code, person):
    (reading,) = files.read(files.flux(files.passage(person)))
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.row is None


UNLIKELY = {
    "row.name_with_digits": _one("prenom1", "Cami11e"),
    "row.age_unlikely": _one("anneeNaissance", "1924"),
    "row.birth_partial": {"jourNaissance": '<jourNaissance xsi:nil="true"/>'},
}


@pytest.mark.parametrize(("code", "person"), UNLIKELY.items(), ids=UNLIKELY)
def test_unlikely_people_are_only_doubted(files, code, person):
    (reading,) = files.read(files.flux(files.passage(person)))
    assert [(finding.code, finding.severity) for finding in reading.findings] == [(code, "warning")]
    assert reading.row is not None


CERTIFICATIONS = {
    "row.register_unknown": ("XX", "RNCP37674"),
    "row.certification_code": ("RNCP", "toto"),
    "row.register_mismatch": ("RS", "RNCP37674"),
    "row.certification_unknown": ("RNCP", "RNCP99999"),
}


@pytest.mark.parametrize(("code", "named"), CERTIFICATIONS.items(), ids=CERTIFICATIONS)
def test_a_certification_that_the_register_does_not_have_is_refused(files, code, named):
    register, number = named
    (reading,) = files.read(files.flux(files.passage(), register=register, code=number))
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.row is None


def test_a_bloc_that_the_certification_does_not_have_is_unknown(files):
    (reading,) = files.read(files.flux(files.passage(), code="RNCP37674BC03"))
    assert [finding.code for finding in reading.findings] == ["row.certification_unknown"]


def test_an_inactive_certification_without_end_is_doubted(files):
    files.register = Shelf([Certification("RS1", "RS", "Ancienne", "Ancienne.", active=False)])
    (reading,) = files.read(files.flux(files.passage(), register="RS", code="RS1"))
    assert [finding.code for finding in reading.findings] == ["row.certification_inactive"]
    assert reading.row is not None


def test_awarding_after_the_end_is_allowed_until_the_last_day_for_it(files):
    """DATE_LIMITE_DELIVRANCE goes beyond DATE_FIN_ENREGISTREMENT."""
    late = Certification(
        "RS2", "RS", "Finie", "Finie.", active=False, ends=date(2026, 1, 1), last_award=date(2026, 3, 27)
    )
    files.register = Shelf([late])
    (reading,) = files.read(files.flux(files.passage(), register="RS", code="RS2"))
    assert reading.findings == ()


def test_a_certification_of_one_level_refuses_another(files):
    """RS6587 is the CLES of level B2, and of no other."""
    right, wrong = files.passage(**_language("true", "B2")), files.passage(**_language("true", "C1"))
    assert files.findings(files.flux(right, register="RS", code="RS6587")) == []
    (finding,) = files.findings(files.flux(wrong, register="RS", code="RS6587"))
    assert (finding.code, finding.facts["expected"]) == ("row.level_differs", "B2")


def test_dates_are_told_in_words(files):
    late = files.passage(**_one("dateDebutValidite", "2028-09-02"))
    (ended, *_) = files.findings(files.flux(late))
    assert "1er septembre 2028" in ended.says("fr").what
    assert "1 September 2028" in ended.says("en").what


def test_a_reference_used_twice_names_the_first_line(files):
    first, second = files.passage(), files.passage(_one("prenom1", "Dominique"))
    kept, refused = files.read(files.flux(first, second))
    assert kept.row is not None
    assert [(f.code, f.facts) for f in refused.findings] == [
        ("row.duplicate_reference", {"first": kept.row.place.line})
    ]


def test_the_same_award_under_two_references_is_refused(files):
    kept, refused = files.read(files.flux(files.passage(), files.passage(**_one("idTechnique", "ESSAI-2"))))
    assert kept.row is not None
    assert [f.code for f in refused.findings] == ["row.same_award"]


def test_an_award_that_was_refused_does_not_stand_in_the_way(files):
    broken = files.passage(urlPreuve="<urlPreuve>x</urlPreuve>")
    refused, kept = files.read(files.flux(broken, files.passage(**_one("idTechnique", "ESSAI-2"))))
    assert refused.row is None
    assert kept.row is not None


def test_homonyms_without_birth_dates_are_only_doubted(files):
    partial = {"jourNaissance": '<jourNaissance xsi:nil="true"/>'}
    again = files.passage(partial, **_one("idTechnique", "ESSAI-2"))
    _, second = files.read(files.flux(files.passage(partial), again))
    assert second.row is not None
    assert "row.same_award" in [f.code for f in second.findings]


@pytest.mark.parametrize("other", [_one("prenom1", "Dominique"), _one("anneeNaissance", "2004")])
def test_two_people_are_not_one(files, other):
    readings = files.read(files.flux(files.passage(), files.passage(other, **_one("idTechnique", "ESSAI-2"))))
    assert all(reading.row for reading in readings)


POSSIBLE = ["01001", "2A004", "2B033", "20004", "75056", "92352", "95500", "96001", "97101", "97611",
            "98818", "99100", "99352"]  # fmt: skip
IMPOSSIBLE = ["00001", "2C001", "2a004", "01000", "97000", "97911", "98001", "99000", "ABCDE", "7505 "]


@pytest.mark.parametrize("code", POSSIBLE)
def test_real_places_of_birth_are_taken(files, code):
    assert files.findings(files.flux(files.passage(_born_in(code)))) == []


@pytest.mark.parametrize("code", IMPOSSIBLE)
def test_places_that_cannot_exist_are_refused(files, code):
    (finding,) = files.findings(files.flux(files.passage(_born_in(code))))
    assert (finding.code, finding.place.field) == ("row.insee_impossible", "codeInsee")


def _born_in(code):
    inside = f"<codeInseeNaissance><codeInsee>{code}</codeInsee></codeInseeNaissance>"
    return {"codeCommuneNaissance": f"<codeCommuneNaissance>{inside}</codeCommuneNaissance>"}


ADDRESSES = [
    "https://preuves.example/a?b=c#d",
    "http://preuves.example:8080/",
    "https://xn--exmple-cua.example",
]
NO_ADDRESSES = [
    "javascript:alert(1)", "//preuves.example/", "https://", "https://camille:secret@preuves.example/",
    "https://preuves.example/a b", "https://preuves.example/<b>", "data:text/html,x", "preuves.example",
    "https://127.0.0.1/", "https://localhost/", "https://preuves.example:port/", "https://exa\u0301mple.example/",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_web_addresses_are_taken(files, address):
    assert files.findings(files.flux(files.passage(**_one("urlPreuve", address)))) == []


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_what_is_no_web_address_is_refused(files, address):
    text = address.replace("<", "&lt;").replace(">", "&gt;")
    (finding,) = files.findings(files.flux(files.passage(**_one("urlPreuve", text))))
    assert (finding.code, finding.place.field) == ("row.address", "urlPreuve")


def test_the_birthday_is_suggested_without_its_year(files):
    (finding,) = files.findings(files.flux(files.passage(_one("jourNaissance", "31"))))
    said = finding.says("fr")
    assert "31/2" in said.what
    assert "29/2\u00a0?" in said.next_step
    assert "2000" not in repr(finding) + said.what + said.next_step


def test_every_finding_names_file_line_and_field_in_both_languages(files):
    path = files.flux(files.passage(_one("nomNaissance", " ")))
    (finding,) = files.findings(path)
    place = finding.place
    assert (place.file, place.field, place.reference) == ("resultats.xml", "nomNaissance", "ESSAI-1")
    assert "<nomNaissance>" in path.read_text().splitlines()[place.line - 1]
    assert place.says("fr") == f"resultats.xml, ligne {place.line}, champ «\u00a0nomNaissance\u00a0»"
    assert place.says("en") == f"resultats.xml, line {place.line}, field “nomNaissance”"
    for lang in ("fr", "en"):
        assert finding.says(lang).what
        assert finding.says(lang).next_step


def test_every_rule_is_listed_once():
    assert len(set(RULES)) == len(RULES)
