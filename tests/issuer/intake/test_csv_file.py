"""Tables: any separator, encoding and form of dates gives the same rows; broken ones say where."""

import csv
import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.nir import looks_like_nir
from issuer.intake.characters import clean
from issuer.intake.columns import table_templates, template_csv
from problems import InputError, LimitError, Problem

HEADER = ("reference", "code_certification", "nom_naissance", "prenoms", "date_naissance", "date_obtention")
CAMILLE = ("ESSAI-1", "RNCP37674", "EXEMPLE-DÉMONSTRATION", "Camille Fictive", "29/02/2000", "27/03/2026")
YANN = ("ESSAI-2", "RS5801", "LE GALL, dit « œil »", "Yann; 2e", "01/12/1987", "12/03/2026")


def table(*rows, separator=";", end="\r\n", quoting=csv.QUOTE_MINIMAL):
    output = io.StringIO()
    csv.writer(output, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return output.getvalue()


@pytest.fixture
def claims(files):
    """The claims that a table gives, and the codes of what was found in it."""

    def read(content, **options):
        path = files.write("resultats.csv", content)
        readings = files.read(path, **options)
        rows = [reading.row.claims for reading in readings if reading.row]
        return rows, [finding.code for reading in readings for finding in reading.findings]

    return read


def test_a_plain_table(claims):
    (first, second), found = claims(table(HEADER, CAMILLE, YANN))
    assert found == ["row.name_with_digits"]
    assert (first["given_name"], first["family_name"]) == ("Camille Fictive", "EXEMPLE-DÉMONSTRATION")
    assert (first["birthdate"], first["awarded"]) == ("2000-02-29", "2026-03-27")
    assert [block["code"] for block in first["blocks"]] == ["RNCP37674BC01", "RNCP37674BC02"]
    assert second["certification"]["code"] == "RS5801"


SEPARATORS = st.sampled_from(";,\t|")
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
ENDS = st.sampled_from(["\r\n", "\n", "\r"])
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
FORMS = st.sampled_from(["%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"])
WORDS = st.text("abcdefghijklmnopqrstuvwxyzéèçœÉ '-;,|\t\"=+@", min_size=1, max_size=30).filter(
    lambda text: text.strip() and not any(mark in text for mark in "\t")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(WORDS, WORDS, st.dates(), SEPARATORS, ENCODINGS, ENDS, QUOTING, FORMS)
def test_however_it_is_written_it_says_the_same(
    claims, name, given_name, day, separator, encoding, end, quoting, form
):
    born = day.replace(year=1940 + day.year % 60)
    row = ("ESSAI-1", "RNCP37674", name, given_name, born.strftime(form), "27/03/2026")
    text = table(HEADER, row, separator=separator, end=end, quoting=quoting)
    (read,), found = claims(text.encode(encoding))
    assert (read["family_name"], read["given_name"]) == (name.strip(), given_name.strip())
    assert (read["birthdate"], read["awarded"]) == (born.isoformat(), "2026-03-27")
    assert set(found) <= {"csv.encoding_assumed"}


def test_windows_1252_is_taken_aloud(claims):
    _, found = claims(table(HEADER, CAMILLE).encode("cp1252"))
    assert found == ["csv.encoding_assumed"]


def test_the_line_that_a_spreadsheet_reads_first(claims):
    (row,), found = claims("\r\nsep=|\r\n" + table(HEADER, CAMILLE, separator="|"))
    assert (row["family_name"], found) == ("EXEMPLE-DÉMONSTRATION", [])


@pytest.mark.parametrize("template", table_templates())
def test_each_model_to_download_is_a_table_that_reads(claims, template, files):
    (row,), found = claims(template_csv(template).encode("utf-8-sig"))
    assert found == []
    (reading,) = files.read(files.write("modele.csv", template_csv(template)))
    assert reading.row.template == template
    assert "Fictive" in row["given_name"]


# Columns


def test_usual_headers_are_understood(claims):
    usual = ("N° dossier", "Code RNCP", "Nom", "Prénom", "Né(e) le", "Date d'obtention")
    (row,), found = claims(table(usual, ("ESSAI-1", "37674", *CAMILLE[2:])))
    assert (row["certification"]["code"], row["birthdate"], found) == ("RNCP37674", "2000-02-29", [])


def test_columns_may_come_in_any_order(claims):
    (row,), _ = claims(table(HEADER[::-1], CAMILLE[::-1]))
    assert row["family_name"] == "EXEMPLE-DÉMONSTRATION"


def test_columns_may_be_mapped(claims):
    mapping = {"Stagiaire": "nom_naissance", "Matricule": "reference"}
    header = ("Matricule", HEADER[1], "Stagiaire", *HEADER[3:])
    (row,), _ = claims(table(header, CAMILLE), mapping=mapping)
    assert row["family_name"] == "EXEMPLE-DÉMONSTRATION"


def test_columns_that_are_not_ours_are_left_out_aloud(files):
    path = files.write("r.csv", table((*HEADER, "courriel"), (*CAMILLE, "camille@fictive.example")))
    about, reading = files.read(path)
    assert about.row is None
    assert not about.has_error
    (finding,) = about.findings
    assert (finding.code, finding.severity, finding.place.field) == (
        "csv.column_ignored",
        "warning",
        "courriel",
    )
    assert "fictive.example" not in repr((about, reading))


def test_the_kind_of_credential_may_be_given_for_all(claims, files):
    header = ("reference", "nom", "prenoms", "intitule", "date_debut", "date_fin", "duree", "modalite")
    cells = (
        "ESSAI-1",
        "DÉMONSTRATION",
        "Camille",
        "Soudure",
        "01/02/2026",
        "02/02/2026",
        "14 h",
        "présentiel",
    )
    (row,), found = claims(table(header, cells), template="training")
    assert found == []
    assert row["training"] == {
        "start": "2026-02-01", "end": "2026-02-02", "duration": "PT14H", "mode": "EN_PRESENTIEL",
        "outcome": "ATTENDED",
    }  # fmt: skip
    assert row["awarded"] == "2026-02-02"


def test_a_column_gives_the_kind_of_each_row(files):
    header = (*HEADER, "type", "competences")
    bloc = ("ESSAI-1", "RNCP37674BC01", *CAMILLE[2:], "bloc", "")
    skill = ("ESSAI-2", "", *CAMILLE[2:], "compétences", "Souder | Lire un plan (niveau 3)")
    readings = files.read(files.write("r.csv", table(header, bloc, skill)))
    assert [reading.row.template for reading in readings] == ["block", "skill"]
    assert readings[1].row.claims["skills"][1] == {
        "ref": "s2", "name": "Lire un plan", "level": "3", "level_scale": "workplace-4",
    }  # fmt: skip


def test_a_formula_is_text_like_any(claims):
    """It does no harm here; the reports that spreadsheets open neutralise it."""
    (row,), _ = claims(table(HEADER, (*CAMILLE[:2], "=HYPERLINK(1)", *CAMILLE[3:])))
    assert row["family_name"] == "=HYPERLINK(1)"


def test_empty_lines_are_no_rows(claims):
    rows, found = claims(table(HEADER, CAMILLE, [""] * 6, []) + "\r\n;;;;;\r\n")
    assert (len(rows), found) == (1, [])


# What is refused, and where


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ((*CAMILLE[:4], "31/02/2000", CAMILLE[5]), "cell.date_impossible", "date_naissance"),
        ((*CAMILLE[:5], "12/31/2026"), "cell.date_month_first", "date_obtention"),
        ((*CAMILLE[:5], "46113"), "cell.date_serial", "date_obtention"),
        ((*CAMILLE[:5], ""), "row.field_missing", "date_obtention"),
        (("", *CAMILLE[1:]), "row.reference_missing", "reference"),
        ((CAMILLE[0], "", *CAMILLE[2:]), "row.certification_missing", "code_certification"),
        ((CAMILLE[0], "RNCP1", *CAMILLE[2:]), "row.certification_unknown", "code_certification"),
        ((*CAMILLE[:2], "", *CAMILLE[3:]), "row.name_blank", "nom_naissance"),
        ((*CAMILLE[:2], "A" * 61, *CAMILLE[3:]), "row.name_too_long", "nom_naissance"),
        ((*CAMILLE[:2], "FranÃ§ois", *CAMILLE[3:]), "row.garbled", "nom_naissance"),
        ((*CAMILLE[:3], "Camille\nFictive", *CAMILLE[4:]), "row.characters", "prenoms"),
        (CAMILLE[:5], "csv.ragged", None),
        ((*CAMILLE, "de trop"), "csv.ragged", None),
    ],
)
def test_a_broken_row_is_refused_alone_at_its_line_and_column(files, cells, code, field):
    sound = ("ESSAI-2", *CAMILLE[1:3], "Dominique", *CAMILLE[4:])
    path = files.write("r.csv", table(HEADER, sound, cells))
    kept, refused = files.read(path)
    assert kept.row is not None
    assert refused.row is None
    (finding,) = refused.findings
    assert (finding.code, finding.place.line, finding.place.field) == (code, 3, field)


def test_lines_are_those_of_the_file_even_after_a_cell_of_several(files):
    first = (*CAMILLE[:3], "Camille\nFictive", *CAMILLE[4:])
    path = files.write("r.csv", table(HEADER, first, ("", *CAMILLE[1:]), end="\n"))
    assert [finding.place.line for finding in files.findings(path)] == [2, 4]


def test_a_reference_used_twice_names_the_first_line(files):
    path = files.write("r.csv", table(HEADER, CAMILLE, (*CAMILLE[:3], "Dominique", *CAMILLE[4:])))
    (finding,) = files.findings(path)
    assert (finding.code, finding.facts["first"], finding.place.line) == ("row.duplicate_reference", 2, 3)


WHOLE = {
    "empty": (b"", "intake.empty"),
    "blank": (b"\r\n \r\n", "intake.empty"),
    "separators only": (b";;;\r\n;;;\r\n", "intake.empty"),
    "the separator's own line only": (b"sep=;\r\n", "intake.empty"),
    "header only": (table(HEADER).encode(), "csv.no_rows"),
    "no header": (table(CAMILLE).encode(), "csv.columns_missing"),
    "a header twice": (table((*HEADER, "prenoms"), (*CAMILLE, "x")).encode(), "csv.duplicate_header"),
    "two headers for one thing": (table((*HEADER, "Prénom"), (*CAMILLE, "")).encode(),
                                  "csv.duplicate_header"),
    "a column of national numbers": (table((*HEADER, "N° sécurité sociale"), (*CAMILLE, "")).encode(),
                                     "csv.national_number"),
    "a null byte": (table(HEADER, CAMILLE).encode() + b"a\0", "csv.nul"),
    "UTF-16 without a mark": (table(HEADER, CAMILLE).encode("utf-16-le"), "csv.nul"),
    "UTF-32": (table(HEADER, CAMILLE).encode("utf-32"), "csv.encoding"),
    "half UTF-16": (table(HEADER, CAMILLE).encode("utf-16")[:-1], "csv.encoding"),
    "bytes of no encoding": (table(HEADER, CAMILLE).encode() + b"\x81\xe9", "csv.encoding"),
    "an open quote": (table(HEADER, CAMILLE).encode() + b'"ESSAI-3;' + b"x" * 50_000, "csv.quote"),
    "an open quote over lines": (table(HEADER, CAMILLE).encode() + b'"ESSAI-3;\r\n' * 50_001, "csv.quote"),
    "a quote inside": (table(HEADER, CAMILLE).encode() + b'"ESS"AI;;;;;\r\n', "csv.quote"),
    "one field of 10 MB": (table(HEADER, CAMILLE).encode() + b"x" * 10_000_000, "csv.line_too_long"),
    "one field of 11,000": (table(HEADER, (*CAMILLE[:5], "x" * 11_000)).encode(), "csv.field_too_long"),
    "a thousand columns": (table([f"c{n}" for n in range(1000)]).encode(), "csv.too_many_columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE.values(), ids=WHOLE)
def test_a_table_that_cannot_be_read_is_refused_whole(files, case):
    content, code = case
    started = time.process_time()
    with pytest.raises((InputError, LimitError)) as refused:
        files.read(files.write("r.csv", content), kind="csv")
    assert refused.value.code == code
    assert refused.value.says("fr").next_step
    assert time.process_time() - started < 2


def test_without_a_header_nothing_of_the_first_line_is_repeated(files):
    with pytest.raises(InputError) as refused:
        files.read(files.write("r.csv", table(CAMILLE, CAMILLE)))
    assert "DÉMONSTRATION" not in str(refused.value) + repr(refused.value.details("fr"))


@pytest.mark.parametrize(
    ("mapping", "code"), [({"x": "prenoms"}, "csv.mapping_absent"), ({"prenoms": "x"}, "csv.mapping_unknown")]
)
def test_a_mapping_that_fits_nothing_is_refused(files, mapping, code):
    with pytest.raises(InputError, match=code):
        files.read(files.write("r.csv", table(HEADER, CAMILLE)), mapping=mapping)


def test_too_many_rows(files, monkeypatch):
    monkeypatch.setattr("boundary.limits.IMPORT_ROWS", 1)
    with pytest.raises(LimitError, match="too_many_rows"):
        files.read(files.write("r.csv", table(HEADER, CAMILLE, YANN)))


NUMBER = "1 85 05 78 006 084 91"


@pytest.mark.parametrize("position", range(7))
def test_a_national_number_in_any_cell_is_refused_and_goes_nowhere(files, position):
    cells = [*CAMILLE, "remarque"]
    cells[position] = f"{cells[position]} {NUMBER}"
    about, reading = files.read(files.write("r.csv", table((*HEADER, "remarques"), cells)))
    assert [finding.code for finding in reading.findings] == ["row.nir"]
    assert reading.row is None
    assert not looks_like_nir(repr((about, reading)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.integers(0, 7), st.sampled_from(["185057800608491", "2 96 02 2A 004 017", "1850578006084"]),
       st.booleans(), st.booleans())  # fmt: skip
def test_no_number_ever_shows_in_anything_said(files, position, number, ragged, header):
    """Wherever it stands, header and surplus cells included: not in repr, sentence or details."""
    cells = [*CAMILLE, "", ""]
    cells[position] = f"a {number}"
    names = [*HEADER, f"notes {number}" if header else "notes"]
    path = files.write("r.csv", table(names, cells if ragged else cells[:7]))
    try:
        readings = files.read(path)
    except Problem as problem:
        said = str(problem) + repr(problem.details("fr"))
    else:
        sentences = [str(finding.says(lang)) for reading in readings for finding in reading.findings
                     for lang in ("fr", "en")]  # fmt: skip
        said = repr(readings) + " ".join(sentences)
    assert not looks_like_nir(said)


def test_a_training_that_ends_in_the_future_is_doubted(files):
    text = template_csv("training").replace("21/05/2025", "21/05/2027")
    (finding,) = files.findings(files.write("r.csv", text))
    assert (finding.code, finding.place.field) == ("row.awarded_in_future", "date_fin")


@pytest.mark.parametrize("template", ["../../etc/passwd", "accreditation", "", "CON", "diploma\0"])
def test_a_kind_of_credential_that_tables_do_not_fill_is_refused(files, template):
    with pytest.raises(InputError, match=r"csv\.template_unknown"):
        files.read(files.write("r.csv", table(HEADER, CAMILLE)), template=template)
    with pytest.raises(InputError, match=r"csv\.template_unknown"):
        template_csv(template)


ODD = {
    "nul": (b"name,email\nA\x00,b@c\n", "csv.nul"),
    "utf16": ("name,email\nA,b@c\n".encode("utf-16"), "csv.columns_missing"),
    "latin1": ("nom,email\nL\xe9a,b@c\n".encode("latin-1"), "csv.columns_missing"),
    "bom": (b"\xef\xbb\xbfname,email\nA,b@c\n", "csv.columns_missing"),
    "unterminated_quote": (b'name,email\n"A,b@c\n' + b"x" * 1_000_000, "csv.columns_missing"),
    "one_10MB_field": (b"name\n" + b"x" * 10_000_000, "csv.columns_missing"),
    "ragged": (b"a,b,c\n1,2\n1,2,3,4\n", "csv.columns_missing"),
    "dup_header": (b"name,name\nA,B\n", "csv.duplicate_header"),
    "cr_only": (b"name\rA\r", "csv.columns_missing"),
    "semicolon": (b"name;email\nA;b@c\n", "csv.columns_missing"),
    "empty": (b"", "intake.empty"),
    "header_only": (b"name,email\n", "csv.columns_missing"),
}


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_odd_shapes_are_refused_whole_and_an_honest_table_is_read_right_after(files, case):
    content, code = case
    with pytest.raises((InputError, LimitError)) as refused:
        files.read(files.write("odd.csv", content))
    assert refused.value.code == code
    (reading,) = files.read(files.write("r.csv", table(HEADER, CAMILLE)))
    assert reading.row is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.text(max_size=70), st.text(max_size=70))
def test_any_text_as_a_name_is_kept_as_it_is_or_refused_with_a_code(files, name, given_name):
    path = files.write(
        "r.csv", table(HEADER, (*CAMILLE[:2], name, given_name, *CAMILLE[4:])).encode("utf-8", "replace")
    )
    try:
        (reading,) = files.read(path)
    except Problem as problem:
        said = problem.says("fr")
        reading = None
    if reading is None:
        assert said.next_step
    elif reading.row is None:
        assert reading.has_error
    else:
        claims = reading.row.claims
        assert (claims["family_name"], claims["given_name"]) == (clean(name), clean(given_name))
