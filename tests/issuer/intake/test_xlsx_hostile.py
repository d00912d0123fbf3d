"""Hostile workbooks: refused with their code, at no cost, and an honest one is read right after."""

import contextlib
import io
import itertools
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundary import limits
from issuer import intake
from issuer.intake import columns
from issuer.intake.xlsx_model import template_xlsx
from problems import LimitError, ParsingError, Problem

HEADER = ("reference", "code", "nom", "prenoms", "date_naissance", "date_obtention")
ROW = ("X-1", "RNCP37674", "EXEMPLE", "Camille Fictive", "29/02/2000", "27/03/2026")


def refused(act, kind, code):
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code


def entities(books):
    good = books.row(*HEADER)
    entity = '<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><worksheet>&a;</worksheet>'
    yield "an entity in a sheet", books.book(entity), ParsingError, "xml.dtd_forbidden"
    yield (
        "an entity in the texts",
        books.book(books.sheet(good), **{"xl/sharedStrings.xml": entity}),
        ParsingError,
        "xml.dtd_forbidden",
    )
    yield (
        "an entity in the texts under another case",
        books.book(books.sheet(good), **{"XL/SharedStrings.xml": entity}),
        ParsingError,
        "xml.dtd_forbidden",
    )


def oversized(books):
    good = books.row(*HEADER)
    yield (
        "a cell at the end of the world",
        books.book(books.sheet(good, '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
        LimitError,
        "workbook.too_tall",
    )
    yield (
        "a cell far to the right",
        books.book(books.sheet(good, '<row r="2"><c r="XFD2"><v>1</v></c></row>')),
        LimitError,
        "csv.too_many_columns",
    )
    yield (
        "more cells than memory",
        books.book(
            books.sheet(
                books.row(*HEADER, *[""] * 100, "x"), '<row r="240000"><c r="A240000"><v>1</v></c></row>'
            )
        ),
        LimitError,
        "workbook.too_many_cells",
    )
    many = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, limits.MERGED_RANGES + 2))
    yield (
        "merged without end",
        books.book(books.sheet(good, after=f"<mergeCells>{many}</mergeCells>")),
        LimitError,
        "workbook.too_many_merged",
    )


def out_of_place(books):
    yield (
        "rows out of order",
        books.book(books.sheet(books.row("x", number=5), books.row("y", number=2))),
        ParsingError,
        "workbook.damaged",
    )
    yield (
        "a cell twice",
        books.book(books.sheet('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>')),
        ParsingError,
        "workbook.damaged",
    )
    yield (
        "a cell of another row",
        books.book(books.sheet('<row r="1"><c r="A7"><v>1</v></c></row>')),
        ParsingError,
        "workbook.damaged",
    )
    for reference in ("1A", "ZZZZZ9", "A0", "a1", "A1048577", "A99999999999999999999", ""):
        row = f'<row r="1"><c r="{reference}"><v>1</v></c><c r="{reference}"><v>1</v></c></row>'
        if reference:
            yield f"a reference {reference}", books.book(books.sheet(row)), ParsingError, "workbook.damaged"


def damaged(books):
    good = books.row(*HEADER)
    yield (
        "a row of no number",
        books.book(books.sheet('<row r="-1"><c><v>1</v></c></row>')),
        ParsingError,
        "workbook.damaged",
    )
    yield (
        "a text that is not there",
        books.book(books.sheet(good, books.row('<c t="s"><v>99</v></c>'))),
        ParsingError,
        "workbook.damaged",
    )
    yield "no sheet at all", books.book(), ParsingError, "workbook.damaged"
    yield (
        "a sheet that is not there",
        books.book(
            books.sheet(good), **{"xl/_rels/workbook.xml.rels": links(books, "worksheets/sheet9.xml")}
        ),
        ParsingError,
        "archive.part_missing",
    )
    yield (
        "a sheet outside",
        books.book(books.sheet(good), **{"xl/_rels/workbook.xml.rels": links(books, "../../../etc/passwd")}),
        ParsingError,
        "archive.part_missing",
    )
    yield (
        "a merged range of no cells",
        books.book(books.sheet(good, after='<mergeCells><mergeCell ref="A1"/></mergeCells>')),
        ParsingError,
        "workbook.damaged",
    )
    yield "XML cut short", books.book(books.sheet(good)[:-20]), ParsingError, "xml.truncated"


def links(books, target):
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return (
        f'<Relationships><Relationship Id="r1" Type="{office}/worksheet" Target="{target}"/></Relationships>'
    )


def hostile(books):
    return itertools.chain(entities(books), oversized(books), out_of_place(books), damaged(books))


def test_hostile_workbooks_are_refused_and_an_honest_one_is_read_right_after(read, books):
    for label, book, kind, code in hostile(books):
        started = time.process_time()
        with pytest.raises(kind) as caught:
            read(book=book)
        assert caught.value.code == code, label
        assert time.process_time() - started < 1, label
    assert read(books.row(*HEADER), books.row(*ROW))[0].row


def test_a_dimension_that_promises_the_world(read, books):
    huge = '<dimension ref="A1:XFD1048576"/>'
    started = time.process_time()
    assert read(book=books.book(books.sheet(books.row(*HEADER), books.row(*ROW), before=huge)))[0].row
    assert time.process_time() - started < 1


def test_bombs_cost_next_to_nothing(read, books):
    """A part that says how large it is, and one that says that it is small."""
    zeros = b"0" * (limits.WORKBOOK_TEXTS_BYTES + 1)
    honest = books.book(books.sheet(books.row(*HEADER)), **{"xl/sharedStrings.xml": zeros})
    assert len(honest) < 1 << 20
    started = time.process_time()
    refused(lambda: read(book=honest), LimitError, "archive.too_large")
    liar = honest.replace(len(zeros).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    refused(lambda: read(book=liar), ParsingError, "archive.damaged")
    assert time.process_time() - started < 1


def test_a_day_beyond_any_calendar(read, books):
    row = books.row(*ROW[:5], books.cell("1e300", 4, "n"))
    refused(lambda: read(books.row(*HEADER), row), ParsingError, "workbook.damaged")


def test_a_long_cell(read, books):
    refused(
        lambda: read(books.row(*HEADER), books.row(*ROW[:2], "x" * (limits.CSV_FIELD_CHARS + 1))),
        LimitError,
        "csv.field_too_long",
    )


def test_too_many_results(read, books, monkeypatch):
    monkeypatch.setattr(limits, "IMPORT_ROWS", 2)
    rows = [books.row(f"X-{n}", *ROW[1:]) for n in range(3)]
    refused(lambda: read(books.row(*HEADER), *rows), LimitError, "intake.too_many_rows")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_bytes_changed_anywhere_are_read_or_refused_with_a_problem(files, data):
    book = bytearray(template_xlsx("diploma"))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, len(book) - 1))
        book[at] = data.draw(st.integers(0, 255))
    path = files.write("abime.xlsx", bytes(book))
    with contextlib.suppress(Problem):
        list(intake.read(path, register=files.register, today=files.today))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_parts_changed_anywhere_are_read_or_refused_with_a_problem(files, data):
    """Inside the archive, whose sums hold: what reaches the reader of values."""
    with zipfile.ZipFile(io.BytesIO(template_xlsx("diploma"))) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    part = parts[data.draw(st.sampled_from([name for name in parts if name.startswith("xl/")]))]
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(part) - 1))
        part[at : at + data.draw(st.integers(0, 6))] = data.draw(st.sampled_from(PIECES))
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, bytes(content))
    path = files.write("abime.xlsx", output.getvalue())
    with contextlib.suppress(Problem):
        list(intake.read(path, register=files.register, today=files.today))


PIECES = [
    b"",
    b"0",
    b"9999999999",
    b"-1",
    b'"',
    b"<",
    b">",
    b"A1",
    b"ZZ99",
    b" t='s'",
    b" t='e'",
    b"</c>",
    b"<v>7</v>",
]


def header_names():
    return [column.header for column in columns.columns().values()]


def test_any_cells_at_all_are_read_or_refused_with_a_problem(files, books):
    """Every kind of cell under every column of ours."""
    header = header_names()
    kinds = [
        books.cell(value, style, type_)
        for style in range(10)
        for value, type_ in [("1", "n"), ("-1.5", "n"), ("36585", "n"), ("1", "b"), ("x", "str"),
                             ("#N/A", "e"), ("nonsense", "d"), ("NaN", "n"), ("", "n"),
                             ("2025-07-04", "d"), ("2025-07-04T10:00:00", "d")]
    ]  # fmt: skip
    rows = [books.row(*(kind for _ in header)) for kind in kinds]
    readings = files.read(files.write("tout.xlsx", books.book(books.sheet(books.row(*header), *rows))))
    assert not any(reading.row for reading in readings)
