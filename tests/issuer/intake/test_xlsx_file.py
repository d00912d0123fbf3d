"""Workbooks: read like any other table, errors at their cells; what Excel changed is never guessed."""

import csv
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer import intake
from issuer.intake import sheet
from issuer.intake.columns import model, table_templates, template_csv
from issuer.intake.xlsx_model import template_xlsx, texts
from problems import InputError, Problem

HEADER = ("reference", "code", "nom", "prenoms", "date_naissance", "date_obtention")
ROW = ("X-1", "RNCP37674", "EXEMPLE", "Camille Fictive", "29/02/2000", "27/03/2026")
BORN, AWARDED = 36585, 46108  # 29/02/2000 and 27/03/2026, as Excel counts days since 1900
FEBRUARY_1904, MARCH_1904 = BORN - 1462, AWARDED - 1462


@pytest.fixture
def with_cell(read, books):
    """Read one row in which one column has another cell; return its one reading."""

    def run(header, cell, **options):
        cells = dict(zip(HEADER, ROW, strict=True)) | {header: cell}
        [*_, reading] = read(books.row(*cells), books.row(*cells.values()), **options)
        return reading

    return run


def refused(act, kind, code):
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code


def codes(reading):
    return [finding.code for finding in reading.findings]


def test_a_workbook_gives_what_the_same_table_gives(files):
    """For every kind of credential: the model to download, as CSV and as workbook."""
    for template in table_templates():
        table = files.read(files.write("modele.csv", template_csv(template).encode("utf-8-sig")))
        book = files.read(files.write("modele.xlsx", template_xlsx(template)))
        assert [reading.row.claims for reading in book] == [reading.row.claims for reading in table], template
        assert [codes(reading) for reading in book] == [codes(reading) for reading in table]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.sampled_from(["", "X-1", "X-2", "x", "RNCP37674", "31/02/2000", "Bien", "185057800608491"]),
            min_size=6, max_size=6,
        ),
        max_size=4,
    )
)  # fmt: skip
def test_texts_are_read_as_in_a_table(files, rows):
    """Rows, findings and lines are those of the CSV file with the same texts; cells beside."""
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=";").writerows([HEADER, *rows])

    def outcome(path):
        try:
            readings = files.read(path)
        except Problem as problem:
            return problem.code
        return [
            (
                one.row and one.row.claims,
                [(f.code, f.place.line, f.place.field, dict(f.facts)) for f in one.findings],
            )
            for one in readings
        ]

    assert outcome(files.write("t.xlsx", texts([HEADER, *rows]))) == outcome(
        files.write("t.csv", output.getvalue())
    )


def test_told_by_content_never_by_name(files, books):
    book = books.book(books.sheet(books.row(*HEADER), books.row(*ROW)))
    for name in ("resultats.csv", "resultats.xml", "resultats"):
        assert intake.detect(files.write(name, book)) == "xlsx"
        assert files.read(files.write(name, book))[0].row
    assert intake.detect(files.write("resultats.xlsx", ";".join(HEADER))) == "csv"


def test_columns_are_mapped_as_in_a_table(read, books):
    header = ("Mon numéro", *HEADER[1:])
    [reading] = read(books.row(*header), books.row(*ROW), mapping={"Mon numéro": "reference"})
    assert reading.row.reference == "X-1"
    refused(lambda: read(books.row(*header), books.row(*ROW)), InputError, "csv.columns_missing")


def test_an_error_tells_its_cell(read, books):
    rows = [
        books.row(*HEADER, number=3),
        books.row(*ROW, number=4),
        books.row(*ROW[:4], "31/02/2000", ROW[5], number=7),
    ]
    book = books.book(("Ma feuille d'été", "visible", books.sheet(*rows)))
    _, reading = read(book=book)
    [born] = [finding for finding in reading.findings if finding.code == "cell.date_impossible"]
    assert (born.place.line, born.place.field, born.place.cell) == (
        7,
        "date_naissance",
        "'Ma feuille d''été'!E7",
    )
    assert "cellule 'Ma feuille d''été'!E7" in born.place.says("fr")
    assert (
        next(f for f in reading.findings if f.code == "row.duplicate_reference").place.cell
        == "'Ma feuille d''été'!A7"
    )


DAYS = {
    "a day": (BORN, 1, "2000-02-29"),
    "a day at midnight": (f"{BORN}.0", 5, "2000-02-29"),
    "a text": ("29/02/2000", 0, "2000-02-29"),
    "an ISO day": ("2000-02-29", 0, "2000-02-29"),
}


@pytest.mark.parametrize("case", DAYS.values(), ids=DAYS)
def test_days_as_a_workbook_keeps_them(with_cell, books, case):
    value, style, expected = case
    cell = books.cell(value, style) if style == 0 else books.cell(value, style, "n")
    assert with_cell("date_naissance", cell).row.claims["birthdate"] == expected


def test_days_of_the_1904_system(read, books):
    row = books.row(*ROW[:4], books.cell(FEBRUARY_1904, 1), books.cell(MARCH_1904, 1))
    [reading] = read(book=books.book(books.sheet(books.row(*HEADER), row), date1904=True))
    assert (reading.row.claims["birthdate"], reading.row.claims["awarded"]) == ("2000-02-29", "2026-03-27")


NEVER_GUESSED = {
    "a day number without a date format": ("date_naissance", (BORN, 0), "cell.date_serial"),
    "a day typed as one number": ("date_naissance", (29022000, 0), "cell.date"),
    "a day and a time": ("date_obtention", (f"{AWARDED}.5", 5), "cell.date_with_time"),
    "a time for a day": ("date_obtention", ("0.25", 8), "cell.became_time"),
    "the 29 February 1900 that never was": ("date_naissance", (60, 1), "cell.date_year"),
    "a day before days were counted": ("date_naissance", (-5, 1), "cell.became_time"),
    "a day after all days": ("date_naissance", (99999999, 1), "cell.date"),
    "a reference that became a day": ("reference", (AWARDED, 1), "cell.became_date"),
    "a reference that became a time": ("reference", ("0.5", 8), "cell.became_time"),
    "a reference that became a duration": ("reference", ("1.5", 4), "cell.became_time"),
    "a reference shown with zeros before it": ("reference", (123, 2), "cell.number_shown_otherwise"),
    "a reference shown with a word": ("reference", (123, 6), "cell.number_shown_otherwise"),
    "a reference of twenty figures": ("reference", ("12345678901234567890", 0), "cell.number_inexact"),
    "a reference with decimals": ("reference", ("1.5", 0), "cell.number_decimal"),
    "a postal code without its zero": ("code_postal_examen", (1000, 0), "cell.number_lost_zero"),
    "a postal code shown with its zero": ("code_postal_examen", (1000, 2), "cell.number_shown_otherwise"),
    "a percentage": ("score", ("0.85", 3), "cell.number_shown_otherwise"),
    "a boolean": ("mention", (True, 0), "cell.boolean"),
    "a boolean for a name": ("nom", (False, 0), "cell.boolean"),
}


@pytest.mark.parametrize("case", NEVER_GUESSED.values(), ids=NEVER_GUESSED)
def test_what_excel_changed_is_refused_never_guessed(with_cell, books, case):
    header, (value, style), code = case
    cell = books.cell(value, style) if isinstance(value, bool) else books.cell(value, style, "n")
    reading = with_cell(header, cell)
    assert reading.row is None
    [found] = [finding for finding in reading.findings if finding.code == code]
    assert found.place.field == header
    assert found.place.cell.startswith("Feuil1!")


NUMBERS = {
    "a postal code": ("code_postal_examen", (75011, 0), ("exam", "postal_code"), "75011"),
    "a score": ("score", (712, 0), ("score", "value"), "712"),
    "a score with decimals": ("score", ("15.5", 7), ("score", "value"), "15.5"),
    "a score as a sum of binary fractions": ("score", ("0.30000000000000004", 0), ("score", "value"), "0.3"),
    "a bare code under its register": ("code rncp", (37674, 0), ("certification", "code"), "RNCP37674"),
}  # fmt: skip


@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_numbers_that_say_all(read, books, case):
    header, (value, style), (claim, member), expected = case
    cells = dict(zip(HEADER, ROW, strict=True))
    if header == "code rncp":
        del cells["code"]
    cells[header] = books.cell(value, style, "n")
    [reading] = read(books.row(*cells), books.row(*cells.values()))
    assert reading.row.claims[claim][member] == expected


def test_references_that_are_numbers_are_told_once(read, books):
    rows = [books.row(n, *ROW[1:4], f"0{n}/02/2000", ROW[5]) for n in range(1, 4)]
    readings = read(books.row(*HEADER), *rows)
    assert [reading.row.reference for reading in readings] == ["1", "2", "3"]
    assert [codes(reading) for reading in readings] == [["workbook.number_as_reference"], [], []]


DURATIONS = {
    "35": (35, 0, "PT35H"),
    "35:30 h": ("1.4791666666666667", 4, "PT35H30M"),
    "7:30": ("0.3125", 8, "PT7H30M"),
}


@pytest.mark.parametrize("case", DURATIONS.values(), ids=DURATIONS)
def test_durations(files, books, case):
    value, style, expected = case
    header, row = model("training")
    cells = [
        books.cell(value, style, "n") if name == "duree" else text
        for name, text in zip(header, row, strict=True)
    ]
    [reading] = files.read(
        files.write("f.xlsx", books.book(books.sheet(books.row(*header), books.row(*cells))))
    )
    assert reading.row.claims["training"]["duration"] == expected


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_error_values_are_errors(with_cell, books, error):
    reading = with_cell("nom", books.cell(error, type="e"))
    assert reading.row is None
    assert [(f.code, f.place.cell) for f in reading.findings] == [("cell.error_value", "Feuil1!C2")]


def test_a_formula_counts_by_its_stored_value(with_cell):
    assert (
        with_cell("nom", '<c t="str"><f>UPPER("exemple")</f><v>EXEMPLE</v></c>').row.claims["family_name"]
        == "EXEMPLE"
    )
    reading = with_cell("nom", '<c><f>UPPER("exemple")</f></c>')
    assert codes(reading) == ["cell.formula_uncomputed"]


def test_rows_of_errors_alone_are_not_blank(read, books):
    """What no value tells of: neither between results nor below them is it passed over."""
    errors = books.row(*(books.cell("#N/A", type="e") for _ in HEADER))
    formulas = books.row(*("<c><f>A1</f></c>" for _ in HEADER))
    readings = read(books.row(*HEADER), errors, books.row(*ROW), formulas, formulas)
    assert [reading.row is None for reading in readings] == [True, False, True, True]
    assert [reading.findings[0].place.line for reading in readings if reading.findings] == [2, 4, 5]


def test_helper_columns_may_go_wrong(read, books):
    """A column that is left out says nothing, be it full of errors to the end of the sheet."""
    wrong = books.cell("#N/A", type="e")
    rows = [books.row(*ROW, wrong), *(books.row(*("<c/>" for _ in ROW), wrong) for _ in range(3))]
    about, reading = read(books.row(*HEADER, "contrôle"), *rows)
    assert codes(about) == ["csv.column_ignored"]
    assert reading.row


def test_a_hidden_row_is_not_issued_unseen(read, books):
    _, hidden = read(
        books.row(*HEADER),
        books.row(*ROW),
        books.row("X-2", *ROW[1:4], "01/02/2000", ROW[5], more='hidden="1"'),
    )
    assert hidden.row is None
    assert codes(hidden) == ["workbook.hidden_row"]


def test_a_hidden_column_is_told(read, books):
    hidden = '<cols><col min="3" max="4" hidden="1"/></cols>'
    about, reading = read(book=books.book(books.sheet(books.row(*HEADER), books.row(*ROW), before=hidden)))
    assert [(f.code, f.place.field) for f in about.findings] == [
        ("workbook.hidden_column", "nom"), ("workbook.hidden_column", "prenoms")
    ]  # fmt: skip
    assert reading.row


def test_merged_cells_are_an_error_of_their_rows(read, books):
    people = [books.row(f"X-{n}", *ROW[1:4], f"0{n}/02/2000", ROW[5]) for n in range(1, 6)]
    merged = '<mergeCells><mergeCell ref="F3:F4"/><mergeCell ref="A6:B6"/></mergeCells>'
    readings = read(book=books.book(books.sheet(books.row(*HEADER), *people, after=merged)))
    assert [codes(reading) for reading in readings] == [
        [], ["workbook.merged"], ["workbook.merged"], [], ["workbook.merged"]
    ]  # fmt: skip


def test_blank_rows_and_spaces_around_say_nothing(read, books):
    rows = [books.row(), books.row("  ", " \u00a0"), books.row(*(f"  {text} " for text in ROW), "", "  ")]
    [reading] = read(books.row("", ""), books.row(*HEADER), *rows)
    assert reading.row.claims["family_name"] == "EXEMPLE"


def test_a_cell_beyond_the_header(read, books):
    [reading] = read(books.row(*HEADER), books.row(*ROW, "", "reste"))
    assert codes(reading) == ["csv.ragged"]


def test_a_sheet_that_starts_elsewhere(read, books):
    """In the third column of the fifth row, as people lay tables out."""
    place = lambda row, cells: "".join(  # noqa: E731
        f'<c r="{sheet.column_letters(n)}{row}" t="inlineStr"><is><t>{text}</t></is></c>'
        for n, text in enumerate(cells, 3)
    )
    rows = [books.row(place(5, HEADER), number=5), books.row(place(6, [*ROW[:4], "x", ROW[5]]), number=6)]
    [reading] = read(*rows)
    assert [f.place.cell for f in reading.findings] == ["Feuil1!G6"]


# Which sheet


def two(books, first="visible", second="visible"):
    sheets = [books.sheet(books.row(*HEADER), books.row(f"{n}", *ROW[1:])) for n in "AB"]
    return books.book(
        ("Un", first, sheets[0]), ("Deux", second, sheets[1]), ("Vide", "visible", books.sheet())
    )


def test_the_only_sheet_with_data_is_read(read, books):
    [reading] = read(
        book=books.book(books.sheet(), books.sheet(books.row(*HEADER), books.row(*ROW)), books.sheet())
    )
    assert reading.row


def test_of_two_sheets_one_must_be_named(read, books):
    refused(lambda: read(book=two(books)), InputError, "workbook.which_sheet")
    for name, other in (("Un", "Deux"), ("Deux", "Un")):
        about, reading = read(book=two(books), sheet=name)
        assert reading.row.reference == {"Un": "A", "Deux": "B"}[name]
        assert [(f.code, f.facts["sheet"]) for f in about.findings] == [("workbook.sheet_unread", other)]
    refused(lambda: read(book=two(books), sheet="Trois"), InputError, "workbook.no_such_sheet")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_told_and_read_only_when_named(read, books, state):
    about, reading = read(book=two(books, second=state))
    assert reading.row.reference == "A"
    assert codes(about) == ["workbook.sheet_unread"]
    refused(lambda: read(book=two(books, state, state)), InputError, "workbook.only_hidden")
    assert read(book=two(books, state, state), sheet="Deux")[-1].row.reference == "B"


def test_nothing_at_all(read, books):
    refused(lambda: read(book=books.book(books.sheet())), InputError, "intake.empty")
    refused(lambda: read(books.row(*HEADER)), InputError, "csv.no_rows")


# The national number


@pytest.mark.parametrize("value", ["185057800608491", 185057800608491, 1850578006084, "1.850578006084E+12"])
@pytest.mark.parametrize("header", ["nom", "remarque", "date_naissance", "reference"])
def test_a_national_number_is_found_in_any_kind_of_cell(with_cell, books, header, value):
    cell = books.cell(value) if value == "185057800608491" else books.cell(value, 9, "n")
    reading = with_cell(header, cell)
    assert codes(reading) == ["row.nir"]
    assert "185057" not in repr(reading)


def test_a_national_number_as_the_name_of_a_sheet(read, books):
    book = books.book(
        ("185057800608491", "visible", books.sheet(books.row(*HEADER), books.row(*ROW[:4], "x", ROW[5])))
    )
    [reading] = read(book=book)
    assert reading.findings[0].place.cell == "'…'!E2"


# What is no workbook of ours


def ole(name):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name.encode("utf-16-le") + bytes(64)


def zipped(*names, content=b"x"):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return output.getvalue()


OTHERS = {
    "protected by a password": (ole("EncryptedPackage"), "workbook.encrypted", "mot de passe"),
    "an old workbook": (ole("Workbook"), "workbook.old", ".xlsx"),
    "a binary workbook": (zipped("xl/workbook.bin"), "workbook.binary", ".xlsx"),
    "OpenDocument": (zipped("mimetype", "content.xml"), "workbook.opendocument", ".xlsx"),
    "any archive": (zipped("a.txt"), "intake.archive", "fichier de résultats"),
    "half an archive": (zipped("xl/workbook.xml")[:40], "intake.archive", "fichier de résultats"),
}


@pytest.mark.parametrize("case", OTHERS.values(), ids=OTHERS)
def test_other_files_are_refused_with_what_to_do(files, case):
    content, code, advice = case
    with pytest.raises(InputError) as caught:
        files.read(files.write("classeur.xlsx", content))
    assert caught.value.code == code
    assert advice in caught.value.says("fr").next_step
