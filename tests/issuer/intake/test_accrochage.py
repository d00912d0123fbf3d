"""Accrochage files: the official example and our samples, the format, and what is refused around results."""

import importlib.util
import xml.etree.ElementTree as ElementTree
from datetime import date

import pytest

from issuer import intake
from issuer.intake import accrochage
from issuer.intake.accrochage import Certified
from problems import InputError, LimitError, ParsingError, Problem

SAMPLES = {"flux_rncp_rs_titulaire.xml": 3, "flux_scoring_dossier.xml": 2}
PIPELINE = {"issued_at", "valid_from"}


@pytest.fixture(scope="module")
def mapping(fixtures):
    """The mapping of the model, field by field: written apart from ours, so a judge of it."""
    path = fixtures / "model" / "templates" / "accrochage.py"
    spec = importlib.util.spec_from_file_location("model_accrochage", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _passage(element):
    """What the model's mapping takes: child name -> text, nested for structures, None for nil."""
    if element.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true":
        return None
    if not len(element):
        return element.text or ""
    names = [child.tag.rpartition("}")[2] for child in element]
    if names.count("resultat"):
        return {"resultat": [_passage(child) for child in element]}
    return {name: _passage(child) for name, child in zip(names, element, strict=True)}


def _modelled(path, register, mapping):
    """Yield what the model makes of each passage, in our terms."""
    namespace = "{urn:cdc:cpf:pc5:schema:1.0.0}"
    for certified in ElementTree.parse(path).getroot().iter(f"{namespace}certification"):
        found = register.find(certified.findtext(f"{namespace}code"))
        for passage in certified.iter(f"{namespace}passageCertification"):
            row = mapping.row(_passage(passage), {**found.claims(), "language": found.language}, "2026-04-03")
            row["certification"] = found.claims()
            if found.blocks:
                row["blocks"] = [{"code": block.code, "name": block.name} for block in found.blocks]
            yield {name: value for name, value in row.items() if name not in PIPELINE | {"results"}}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_map_as_the_model_says(fixtures, files, mapping, name):
    path = fixtures / "data" / "accrochage" / "own" / name
    rows = [reading.row for reading in files.read(path)]
    assert [row.claims for row in rows] == list(_modelled(path, files.register, mapping))
    assert len(rows) == SAMPLES[name]


def test_the_first_sample_in_full(fixtures, files):
    path = fixtures / "data" / "accrochage" / "own" / "flux_rncp_rs_titulaire.xml"
    first, second, third = (reading.row for reading in files.read(path))
    assert (first.reference, first.template) == ("TST-2026-0001", "certification")
    assert {
        name: value for name, value in first.claims.items() if name not in ("certification", "blocks")
    } == {
        "given_name": "Élodie Maëlle",
        "family_name": "D'ARGENT-LEBŒUF",
        "birthdate": "1996-02-29",
        "name": "Développeur web et web mobile",
        "description": first.claims["certification"]["description"],
        "awarded": "2026-03-27",
        "admission_mode": "PAR_ADMISSION",
        "access_route": "FORMATION_CONTINUE_HORS_CONTRAT_DE_PROFESSIONNALISATION",
        "mention": "MENTION_BIEN",
        "exam": {"start": "2026-03-23", "end": "2026-03-27", "mode": "EN_PRESENTIEL", "postal_code": "20000"},
    }
    assert [block["code"] for block in first.claims["blocks"]] == ["RNCP37674BC01", "RNCP37674BC02"]
    assert (second.claims["family_name"], second.claims["birth_family_name"]) == ("MARTIN", "NGUYỄN")
    assert "birthdate" not in second.claims, "a partial date of birth is never guessed"
    assert (third.template, third.claims["valid_until"]) == ("rs-certification", "2028-03-12T22:59:59Z")


def test_the_official_example_is_read(fixtures, files):
    path = fixtures / "data" / "accrochage" / "cdc_kit_v2.0.0_exemple.xml"
    readings = files.read(path)
    assert [bool(reading.row) for reading in readings] == [True] * 3
    assert accrochage.survey(path).passages == 3
    first = readings[0].row.claims
    assert first["name"] == "Titre d'exemple – Mention spéciale"
    assert "birth_family_name" not in first, "the same name twice is one name"
    assert first["evidence"]["url"] == "https://www.google.fr"
    assert "vae_route" not in first, "its access is not by validation of experience"


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_kept_of_what_is_not_a_recruiters_business(fixtures, files, name):
    text = repr(files.read(fixtures / "data" / "accrochage" / "own" / name))
    for dropped in ("Ajaccio", "2A004", "97110", "Viêt Nam", "'243'", "certification numérique de test",
                    "1234567890123", "CERTIFIE'", "TIERS_CONFIANCE"):  # fmt: skip
        assert dropped not in text


# Version 1.1.5

NATIONAL = "<identifiantNational><nir>{0}</nir><nomNaissance>EXEMPLE</nomNaissance></identifiantNational>"


def by_number(nir="296022A004017"):
    return f"<identificationTitulaire>{NATIONAL.format(nir)}</identificationTitulaire>"


def action(value):
    return f"<action>{value}</action>"


def test_the_sample_of_1_1_5_asks_to_withdraw(fixtures, files):
    path = fixtures / "data" / "accrochage" / "own" / "flux_suppression_nir_1.1.5.xml"
    (reading,) = files.read(path)
    assert (reading.row, reading.findings) == (None, ())
    assert reading.withdrawal.reference == reading.withdrawal.place.reference == "TST-2026-0001"
    assert "296022A004017" not in repr(reading)
    assert accrochage.survey(path).withdraws
    assert intake.withdraws(path)


@pytest.mark.parametrize("given", [None, action("CREATION")])
def test_results_are_declared_with_an_action_or_without(files, given):
    path = files.flux(files.passage(), action=given)
    (reading,) = files.read(path)
    assert reading.row
    assert not intake.withdraws(path)


def test_every_result_of_a_file_that_withdraws_is_withdrawn(files):
    """Whatever it says of the award: a code of the register, a name, a level are not looked at."""
    odd = {"presenceNiveauLangueEuro": "<presenceNiveauLangueEuro>true</presenceNiveauLangueEuro>"}
    passages = [files.passage(idTechnique=f"<idTechnique>X-{n}</idTechnique>", **odd) for n in range(3)]
    readings = files.read(files.flux(*passages, code="RNCP99999", action=action("SUPPRESSION")))
    assert [reading.withdrawal.reference for reading in readings] == ["X-0", "X-1", "X-2"]
    assert not any(reading.row or reading.findings for reading in readings)


WRONG_WITHDRAWALS = {
    "a reference twice": (None, ["X", "X"], "row.duplicate_reference"),
    "a blank reference": (None, [" "], "row.reference_missing"),
    "spaces around a reference": (None, ["X "], "row.reference_blanks"),
    "a national number as reference": (None, ["296022A004017"], "row.nir"),
    "a departure from the format": ({"sexe": None}, ["X"], "element.missing"),
}


@pytest.mark.parametrize("case", WRONG_WITHDRAWALS.values(), ids=WRONG_WITHDRAWALS)
def test_a_withdrawal_that_is_not_clear_is_refused(files, case):
    person, references, code = case
    passages = [
        files.passage(person, idTechnique=f"<idTechnique>{text}</idTechnique>") for text in references
    ]
    *_, last = files.read(files.flux(*passages, action=action("SUPPRESSION")))
    assert last.withdrawal is None
    assert [finding.code for finding in last.findings] == [code]


def test_another_action_is_refused(files):
    for text in ("AJOUT", "suppression", ""):
        with pytest.raises(InputError) as refused:
            files.read(files.flux(files.passage(), action=action(text)))
        assert refused.value.code == "element.not_in_list"
        assert refused.value.facts["field"] == "action"


def test_one_file_has_one_action(files):
    """So that nothing can be declared and withdrawn in one file."""
    with pytest.raises(InputError) as refused:
        files.read(files.flux(files.passage(), action=action("CREATION") + action("SUPPRESSION")))
    assert refused.value.code == "element.repeated"


@pytest.mark.parametrize(
    "nir", ["296022A004017", "185057800608491", "no number at all", "", "1 85 05 78 006 084"]
)
@pytest.mark.parametrize("purpose", ["CREATION", "SUPPRESSION"])
def test_a_national_number_is_passed_over_unread(files, nir, purpose):
    """Not judged, not kept, not told; without a name there is nobody to issue to."""
    path = files.flux(files.passage(identificationTitulaire=by_number(nir)), action=action(purpose))
    (reading,) = files.read(path)
    assert not nir or nir not in repr(reading)
    assert [finding.code for finding in reading.findings] == (
        [] if purpose == "SUPPRESSION" else ["row.holder_by_number"]
    )


def test_the_reader_never_holds_a_national_number(files, monkeypatch):
    """Whatever the reader of results is given: the element is there, and empty."""
    given = []
    monkeypatch.setattr(accrochage, "faults", lambda element, member: given.append(element) or ())
    list(
        accrochage.read(
            files.flux(files.passage(identificationTitulaire=by_number())), files.register, files.today
        )
    )
    assert "nir" in repr(given)
    assert "296022A004017" not in repr(given)


def test_a_national_number_out_of_place_is_passed_over_too(files):
    for place in (
        {"verbatim": "<nir>296022A004017</nir>"},
        {"idTechnique": "<idTechnique><nir>296022A004017</nir></idTechnique>"},
    ):
        (reading,) = files.read(files.flux(files.passage(**place)))
        assert reading.row is None
        assert "296022A004017" not in repr(reading)


# What stands around the results


def test_what_stands_around_the_results_is_known(files):
    flux = accrochage.survey(files.flux(files.passage(), files.passage()))
    assert (flux.id, flux.sender, flux.certifier, flux.contract) == (
        "essai-1", "ZZTEST01", "ZZTEST01", "MCFCER999999",
    )  # fmt: skip
    assert flux.timestamp == "2026-03-31T18:05:00+02:00"
    assert flux.certifications == (Certified("RNCP", "RNCP37674", None, 2),)


def test_order_is_free_even_of_a_code_after_its_results(files):
    """``xsd:all``: the code may stand after a hundred thousand results."""
    text = files.flux(files.passage()).read_text()
    head = "<type>RNCP</type><code>RNCP37674</code>"
    moved = text.replace(head, "").replace("</passageCertifications>", "</passageCertifications>" + head)
    moved = moved.replace("<idFlux>essai-1</idFlux>", "").replace(
        "</flux>", "<idFlux>essai-1</idFlux></flux>"
    )
    (reading,) = files.read(files.write("autre.xml", moved))
    assert reading.row.claims["certification"]["code"] == "RNCP37674"


def test_each_result_takes_the_code_of_its_own_certification_even_on_one_line(files):
    text = files.flux(files.passage()).read_text()
    start, end = text.index("<certification>"), text.index("</certification>") + len("</certification>")
    one = text[start:end]
    other = one.replace("<type>RNCP</type><code>RNCP37674</code>", "<type>RS</type><code>RS5801</code>")
    both = (text[:start] + one + other.replace("ESSAI-1", "ESSAI-2") + text[end:]).replace("\n", " ")
    readings = files.read(files.write("deux.xml", both))
    assert [reading.row.claims["certification"]["code"] for reading in readings] == ["RNCP37674", "RS5801"]


AROUND = {
    "no id": ({"idFlux": None}, "element.missing", "idFlux"),
    "id too long": ({"idFlux": f"<idFlux>{'x' * 51}</idFlux>"}, "element.length", "idFlux"),
    "id twice": ({"idFlux": "<idFlux>a</idFlux><idFlux>b</idFlux>"}, "element.repeated", "idFlux"),
    "timestamp in UTC by a letter": (
        {"horodatage": "<horodatage>2026-03-31T18:05:00Z</horodatage>"}, "element.not_a_moment", "horodatage",
    ),
    "timestamp with milliseconds": (
        {"horodatage": "<horodatage>2026-03-31T18:05:00.123+02:00</horodatage>"},
        "element.not_a_moment",
        "horodatage",
    ),
    "31 April": (
        {"horodatage": "<horodatage>2026-04-31T18:05:00+02:00</horodatage>"},
        "element.not_a_moment",
        "horodatage",
    ),
    "something else": ({"toto": "<toto/>"}, "element.unexpected", "toto"),
    "no sender": ({"emetteur": None}, "element.missing", "emetteur"),
    "a national number as id": ({"idFlux": "<idFlux>296022A004017</idFlux>"}, "accrochage.nir", "idFlux"),
}  # fmt: skip


@pytest.mark.parametrize("case", AROUND.values(), ids=AROUND)
def test_a_file_broken_around_its_results_is_refused_whole(files, case):
    changes, code, field = case
    with pytest.raises(InputError) as refused:
        files.read(files.flux(files.passage(), **changes))
    assert (refused.value.code, refused.value.facts.get("field")) == (code, field)
    assert refused.value.facts["line"] > 0
    assert "…" not in refused.value.says("fr").what, "a fact is missing"
    assert "296022A004017" not in str(refused.value)


def _replaced(files, *pairs):
    text = files.flux(files.passage()).read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return files.write("change.xml", text)


STRUCTURES = {
    "two certifiers": (
        [("</certificateurs>", "<certificateur/></certificateurs>")],
        "element.repeated",
    ),
    "a sender of seven letters": ([("<idClient>ZZTEST01<", "<idClient>ZZTEST0<")], "element.length"),
    "another namespace": ([("urn:cdc:cpf:pc5:schema:1.0.0", "urn:autre")], "accrochage.not_accrochage"),
    "another root": ([("<flux ", "<autre "), ("</flux>", "</autre>")], "accrochage.not_accrochage"),
    "a result in the wrong place": (
        [("</certifications>", "<passageCertification/></certifications>")], "accrochage.misplaced",
    ),
    "an attribute": ([("<emetteur>", '<emetteur a="b">')], "element.attribute"),
    "no certification": (
        [("<certifications>", "<certifications><!--"), ("</certifications>", "--></certifications>")],
        "element.missing",
    ),
    "stray text": ([("<emetteur>", "<emetteur>texte")], "element.stray_text"),
    "nil where it may not be": (
        [("<idFlux>essai-1</idFlux>", '<idFlux xsi:nil="true"/>')], "element.nil_not_allowed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STRUCTURES.values(), ids=STRUCTURES)
def test_structure_is_checked(files, case):
    pairs, code = case
    with pytest.raises(InputError) as refused:
        files.read(_replaced(files, *pairs))
    assert refused.value.code == code


HOSTILE = {
    "a billion laughs": (
        '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>',
        "xml.dtd_forbidden",
    ),
    "an entity that is a file": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "xml.dtd_forbidden",
    ),
    "an entity from the network": (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><r>&x;</r>', "xml.dtd_forbidden",
    ),
    "a parameter entity": (
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/e.dtd">%p;]><r/>', "xml.dtd_forbidden",
    ),
    "an inclusion": (
        '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/passwd"/></r>',
        "xml.xinclude",
    ),
    "a stylesheet": ('<?xml-stylesheet href="x.xsl"?><r/>', "xml.processing_instruction"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused_and_an_honest_file_is_read_right_after(files, case):
    text, code = case
    with pytest.raises(ParsingError) as refused:
        files.read(files.write("hostile.xml", text))
    assert refused.value.code == code
    assert "root:" not in str(refused.value)
    (reading,) = files.read(files.flux(files.passage()))
    assert reading.row is not None


def test_a_signature_around_or_inside_is_not_read_as_one(files):
    """Signed files are not taken: no node can be wrapped into one that was signed."""
    signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>'
    with pytest.raises(InputError) as refused:
        files.read(files.flux(files.passage(), signature=signature))
    assert (refused.value.code, refused.value.facts["field"]) == ("element.unexpected", "Signature")


def test_a_certification_without_results_is_refused(files):
    with pytest.raises(InputError) as refused:
        files.read(files.flux())
    assert (refused.value.code, refused.value.facts["field"]) == ("element.missing", "passageCertification")


HONEST = {
    "comments": [("<emetteur>", "<!-- essai --><emetteur>")],
    "a schema location": [("<flux ", '<flux xsi:schemaLocation="urn:cdc:cpf:pc5:schema:1.0.0 f.xsd" ')],
    "character data sections": [("ESSAI-1", "<![CDATA[ESSAI-1]]>")],
    "booleans in figures": [("<donneeCertifiee>true<", "<donneeCertifiee> 1 <")],
    "dates with blanks around": [("2026-03-27", " 2026-03-27\n")],
    "nil spelt in a figure": [('<scoring xsi:nil="true"', '<scoring xsi:nil="1"')],
    "an offset west": [("+02:00", "-03:00")],
}


@pytest.mark.parametrize("pairs", HONEST.values(), ids=HONEST)
def test_what_the_format_allows_is_taken(files, pairs):
    (reading,) = files.read(_replaced(files, *pairs))
    assert reading.findings == ()
    assert reading.row.reference == "ESSAI-1"


# Results that depart from the format


def _one(name, xml):
    return {name: xml}


DEPARTURES = {
    "no reference": (_one("idTechnique", None), "element.missing", "idTechnique"),
    "reference too long": (
        _one("idTechnique", f"<idTechnique>{'x' * 256}</idTechnique>"), "element.length", "idTechnique",
    ),
    "an unknown value": (
        _one("mentionValidee", "<mentionValidee>BIEN</mentionValidee>"),
        "element.not_in_list",
        "mentionValidee",
    ),
    "a value with a blank": (
        _one("obtentionCertification", "<obtentionCertification> PAR_ADMISSION</obtentionCertification>"),
        "element.not_in_list",
        "obtentionCertification",
    ),
    "yes for true": (
        _one("donneeCertifiee", "<donneeCertifiee>oui</donneeCertifiee>"),
        "element.not_boolean",
        "donneeCertifiee",
    ),
    "a French date": (
        _one("dateDebutValidite", "<dateDebutValidite>27/03/2026</dateDebutValidite>"),
        "element.not_a_day",
        "dateDebutValidite",
    ),
    "a day that does not exist": (
        _one("dateDebutValidite", "<dateDebutValidite>2026-02-30</dateDebutValidite>"),
        "element.not_a_day",
        "dateDebutValidite",
    ),
    "a date with a zone": (
        _one("dateDebutValidite", "<dateDebutValidite>2026-03-27Z</dateDebutValidite>"),
        "element.not_a_day",
        "dateDebutValidite",
    ),
    "a date of 1899": (
        _one("dateDebutValidite", "<dateDebutValidite>1899-12-31</dateDebutValidite>"),
        "element.not_a_day",
        "dateDebutValidite",
    ),
    "nil with a blank inside": (
        _one("scoring", '<scoring xsi:nil="true"> </scoring>'), "element.nil_not_empty", "scoring",
    ),
    "nil that is neither": (_one("scoring", '<scoring xsi:nil="oui"/>'), "element.attribute", "scoring"),
    "an element inside a text": (
        _one("scoring", "<scoring>1<b/></scoring>"), "element.unexpected", "b",
    ),
    "an element of another namespace": (
        _one("scoring", '<scoring xmlns="urn:autre">1</scoring>'), "element.unexpected", "scoring",
    ),
    "a holder who is nobody": (
        _one("identificationTitulaire", "<identificationTitulaire/>"),
        "element.one_of",
        "identificationTitulaire",
    ),
    "a score beyond 1000": (
        _one("niveauNumeriqueEuropeen",
             "<niveauNumeriqueEuropeen><scoreGeneral>1001</scoreGeneral></niveauNumeriqueEuropeen>"),
        "element.not_whole",
        "scoreGeneral",
    ),
    "another element among digital results": (
        _one("niveauNumeriqueEuropeen",
             "<niveauNumeriqueEuropeen><resultats><autre/></resultats></niveauNumeriqueEuropeen>"),
        "element.unexpected",
        "autre",
    ),
    "a result inside a result": (
        _one("verbatim", "<passageCertification/>"), "element.unexpected", "passageCertification",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DEPARTURES.values(), ids=DEPARTURES)
def test_a_result_that_departs_from_the_format_is_refused_alone(files, case):
    changes, code, field = case
    sound = files.passage(idTechnique="<idTechnique>ESSAI-2</idTechnique>")
    refused, kept = files.read(files.flux(files.passage(**changes), sound))
    assert kept.row is not None
    assert refused.row is None
    assert (code, field) in [(finding.code, finding.place.field) for finding in refused.findings]
    assert all(finding.place.line for finding in refused.findings)


def test_all_departures_of_a_result_are_told_at_once(files):
    both = {"idTechnique": None, "mentionValidee": "<mentionValidee>?</mentionValidee>"}
    found = files.findings(files.flux(files.passage(**both)))
    assert {finding.code for finding in found} == {"element.missing", "element.not_in_list"}


def test_values_are_never_repeated(files):
    changes = {"mentionValidee": "<mentionValidee>SECRET-DE-CAMILLE</mentionValidee>"}
    findings = files.findings(files.flux(files.passage(**changes)))
    said = " ".join(str(finding.says(lang)) for finding in findings for lang in ("fr", "en"))
    assert "SECRET-DE-CAMILLE" not in repr(findings) + said


def test_a_tag_that_is_no_name_of_the_format_is_not_repeated(files):
    changes = {"verbatim": f"<{'x' * 60}/>"}
    (finding,) = files.findings(files.flux(files.passage(**changes)))
    assert (finding.code, finding.place.field) == ("element.unexpected", "…")


# National numbers, limits, unsound XML

NUMBERS = {
    "as reference": {"idTechnique": "<idTechnique>296022A004017</idTechnique>"},
    "in the words that are dropped": {"verbatim": "<verbatim>né, 1 85 05 78 006 084 91</verbatim>"},
    "in the option": {"libelleOption": "<libelleOption>n°185057800608491</libelleOption>"},
    "in a link": {"urlPreuve": "<urlPreuve>https://p.example/?nir=185057800608491</urlPreuve>"},
    "in an unknown element": {"toto": "<toto>185057800608491</toto>"},
}


@pytest.mark.parametrize("changes", NUMBERS.values(), ids=NUMBERS)
def test_a_national_number_anywhere_is_refused_and_goes_nowhere(files, changes):
    (reading,) = files.read(files.flux(files.passage(**changes)))
    assert reading.row is None
    assert reading.findings[0].code == "row.nir"
    digits = "".join(filter(str.isalnum, repr(reading)))
    assert "296022A004017" not in digits
    assert "185057800608" not in digits


def test_the_files_own_name_hides_a_national_number(files):
    path = files.flux(files.passage()).rename(files.write("x", "").with_name("296022A004017.xml"))
    (reading,) = files.read(path)
    assert "296022A004017" not in repr(reading)


def test_the_number_of_a_training_file_is_no_national_number(files):
    """idDossier has 13 digits too; it is the CPF's own, and dropped."""
    folder = (
        "<dossierFormation><idDossier>1850578006084</idDossier><nomTitulaire>LE GALL</nomTitulaire>"
        "<prenom1Titulaire>Yann</prenom1Titulaire></dossierFormation>"
    )
    holder = f"<identificationTitulaire>{folder}</identificationTitulaire>"
    (reading,) = files.read(files.flux(files.passage(identificationTitulaire=holder)))
    assert reading.row.claims["family_name"] == "LE GALL"
    assert "1850578006084" not in repr(reading)


def test_a_file_beyond_the_limits_is_refused(files, monkeypatch):
    path = files.flux(files.passage(), files.passage())
    monkeypatch.setattr("boundary.limits.IMPORT_ROWS", 1)
    with pytest.raises(LimitError, match=r"intake\.too_many_rows"):
        files.read(path)
    monkeypatch.setattr("boundary.limits.IMPORT_BYTES", 100)
    with pytest.raises(LimitError, match=r"intake\.too_large"):
        files.read(path)


def test_a_file_cut_short_gives_nothing(files):
    """The end is checked before the first result is given."""
    path = files.flux(files.passage(), files.passage())
    cut = files.write("coupe.xml", path.read_bytes()[:-10])
    with pytest.raises(ParsingError, match="xml"):
        next(iter(accrochage.read(cut, files.register, files.today)))


def test_a_day_is_judged_by_the_day_of_reading(files, register):
    path = files.flux(files.passage())
    (early,) = accrochage.read(path, register, date(2026, 3, 26))
    assert [finding.code for finding in early.findings] == ["row.awarded_in_future"]


def _said(files, path):
    """Everything that reading the file tells a person."""
    try:
        return [finding.says("fr").what for finding in files.findings(path)]
    except Problem as problem:
        return [problem.says("fr").what]


def test_damage_anywhere_is_told_in_words(files):
    """Many cuts and many changed bytes of a small file: a problem or a finding, never a traceback."""
    data = files.flux(files.passage()).read_bytes()
    for position in range(0, len(data), 7):
        before, after = data[:position], data[position + 1 :]
        for damaged in (before, before + b"<" + after, before + b"\xff" + after):
            assert all(_said(files, files.write("abime.xml", damaged)))
