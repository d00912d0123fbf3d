"""Rows of claims as JSON: any template; certifications as the register has them; no claim of the pipeline."""

import json

import pytest

from issuer.intake.columns import table_templates, template_csv
from problems import InputError, LimitError, ParsingError

CLAIMS = {
    "given_name": "Camille Fictive",
    "family_name": "EXEMPLE-DÉMONSTRATION",
    "birthdate": "2000-02-29",
    "name": "Développeur web et web mobile",
    "description": "Titre professionnel.",
    "awarded": "2026-03-27",
    "admission_mode": "PAR_ADMISSION",
    "certification": "RNCP37674",
}


def row(template="certification", reference="ESSAI-1", **claims):
    merged = {**CLAIMS, **claims}
    return {"template": template, "reference": reference,
            "claims": {name: value for name, value in merged.items() if value is not None}}  # fmt: skip


@pytest.fixture
def read(files):
    def read(value, **options):
        text = value if isinstance(value, (str, bytes)) else json.dumps(value)
        return files.read(files.write("lignes.json", text), **options)

    return read


def test_one_row_and_a_list_of_rows(read):
    (alone,) = read(row())
    listed = read([row(), row(reference="ESSAI-2", given_name="Dominique")])
    assert alone.findings == ()
    assert [reading.row.reference for reading in listed] == ["ESSAI-1", "ESSAI-2"]


def test_the_register_completes_a_code(read, register):
    (reading,) = read(row())
    assert reading.row.claims["certification"] == register.find("RNCP37674").claims()


def test_the_register_completes_a_bloc(read):
    (reading,) = read(row("block", certification="RNCP37674BC01", name="Un bloc"))
    assert reading.row.claims["part_of"] == {"code": "RNCP37674", "name": "Développeur web et web mobile"}


def test_a_certification_that_says_otherwise_than_the_register_is_refused(read, register):
    same = register.find("RNCP37674").claims()
    (kept,) = read(row(certification=same))
    (refused,) = read(row(certification={**same, "name": "Doctorat"}))
    assert kept.row is not None
    assert [finding.code for finding in refused.findings] == ["rows.certification_differs"]


@pytest.mark.parametrize("template", table_templates())
def test_what_tables_give_can_be_given_as_json(files, read, template):
    (table,) = files.read(files.write("modele.csv", template_csv(template)))
    (reading,) = read({"template": template, "reference": "ESSAI-1", "claims": table.row.claims})
    assert reading.findings == ()
    assert reading.row.claims == table.row.claims


def test_types_that_no_table_fills_can_be_given(read):
    claims = {"name": "Compétence déclarée", "given_name": "Camille", "family_name": "EXEMPLE",
              "skills": [{"ref": "s1", "name": "Souder"}]}  # fmt: skip
    (reading,) = read({"template": "declared-skill", "reference": "ESSAI-1", "claims": claims})
    assert (reading.findings, reading.row.template) == ((), "declared-skill")


REFUSED = {
    "not an object": (3, "rows.not_a_row"),
    "no claims": ({"template": "diploma", "reference": "1"}, "rows.not_a_row"),
    "something beside": ({**row(), "issuer": "x"}, "rows.not_a_row"),
    "an unknown template": (row("doctorat"), "rows.template_unknown"),
    "a path for a template": (row("../../etc/passwd"), "rows.template_unknown"),
    "no template": ({**row(), "template": None}, "rows.template_unknown"),
    "no reference": (row(reference=None), "row.reference_missing"),
    "a number for a reference": (row(reference=12), "row.reference_missing"),
    "an unknown code": (row(certification="RNCP1"), "row.certification_unknown"),
    "no code": (row(certification=None), "row.certification_missing"),
    "a diploma of the RS": (row("diploma", certification="RS5801"), "row.template_mismatch"),
    "an unknown claim": (row(diplome="x"), "claim.unknown"),
    "a missing claim": (row(given_name=None), "claim.missing"),
    "a claim of another type": (row(given_name=["Camille"]), "claim.type"),
    "an unknown mention": (row(mention="EXCELLENT"), "claim.code"),
    "an impossible day": (row(birthdate="2001-02-29"), "claim.date"),
    "born after the award": (row(birthdate="2026-03-28"), "row.birth_after_award"),
    "a national number": (row(description="n° 1 85 05 78 006 084 91"), "row.nir"),
    "a national number deep inside": (row(exam={"postal_code": ["185057800608491"]}), "row.nir"),
    "a national number as a name": (row(**{"x 185057800608491": "y"}), "row.nir"),
    "a national number as reference": (row(reference="296022A004017"), "row.nir"),
    "an invisible character": (row(given_name="Cam\u202eille"), "row.characters"),
    "damaged accents": (row(given_name="FranÃ§ois"), "row.garbled"),
    "a link that is none": (row(evidence={"url": "javascript:alert(1)", "name": "x"}), "row.address"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_wrong_row_is_refused_alone(read, case):
    value, code = case
    refused, kept = read([value, row(reference="ESSAI-2")])
    assert kept.row is not None
    assert refused.row is None
    assert code in [finding.code for finding in refused.findings]
    assert refused.findings[0].says("fr").next_step
    assert "185057800608491" not in repr(refused)
    assert "296022A004017" not in repr(refused)


@pytest.mark.parametrize("claim", ["issuer", "holder", "status", "credential_id", "issued_at", "valid_from"])
def test_what_the_pipeline_adds_cannot_be_brought(read, claim):
    (reading,) = read(row(**{claim: "x"}))
    assert ("rows.reserved", claim) in [(finding.code, finding.place.field) for finding in reading.findings]
    assert reading.row is None


def test_lines_are_those_of_the_file(read):
    text = '[\n {"x": "}]\\"",\n  "y": []},\n\n 3,\n {"claims": {}}]'
    assert [reading.findings[0].place.line for reading in read(text)] == [2, 5, 6]


def test_a_reference_used_twice(read):
    _, second = read(json.dumps([row(), row(given_name="Dominique")], indent=1))
    (finding,) = second.findings
    assert (finding.code, finding.facts["first"]) == ("row.duplicate_reference", 2)


WHOLE = {
    "no JSON": ('{"a": ', ParsingError, "json.syntax"),
    "a name twice": ('{"a": 1, "a": 2}', ParsingError, "json.duplicate_name"),
    "no row": ("[]", InputError, "rows.none"),
    "a thousand levels": ("[" * 1000 + "]" * 1000, ParsingError, "json.too_deep"),
    "not a number": ('{"a": NaN}', ParsingError, "json.not_a_number"),
}


@pytest.mark.parametrize("case", WHOLE.values(), ids=WHOLE)
def test_a_file_that_is_no_list_of_rows_is_refused_whole(read, case):
    text, kind, code = case
    with pytest.raises(kind) as refused:
        read(text)
    assert refused.value.code == code


def test_limits(read, monkeypatch):
    monkeypatch.setattr("boundary.limits.IMPORT_ROWS", 1)
    with pytest.raises(LimitError, match="too_many_rows"):
        read([row(), row()])
    monkeypatch.setattr("boundary.limits.ROWS_JSON_BYTES", 10)
    with pytest.raises(LimitError):
        read(row())
