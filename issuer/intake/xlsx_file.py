"""Workbooks (XLSX): one sheet of results, with the columns, rules and findings of any other table.

Each cell is found again by its name (``Feuil1!B12``). What people do not see in a sheet is not issued: a
hidden row is an error, hidden sheets and columns are told. Formulas count by the value that is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from boundary import limits
from issuer.intake.columns import check_template
from issuer.intake.judge import Judge
from issuer.intake.rows import Finding, Place, Reading, shown_name
from issuer.intake.sheet import Layout, column_letters
from issuer.intake.table import Given, Heading, Table, about, headings
from issuer.intake.values import Unreadable
from issuer.intake.workbook import Sheet, Workbook
from issuer.intake.workbook_rows import rows
from issuer.intake.workbook_values import Value, text_of
from issuer.intake.workbook_values import read as read_value
from problems import InputError, LimitError
from skills.register import Register


def read(
    path: Path,
    register: Register,
    today: date,
    *,
    template: str | None = None,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Iterator[Reading]:
    """Yield a reading per row; first, if need be, one without row that says how the sheet was taken.

    ``sheet`` names the one to read; it may be left out when only one visible sheet holds anything.
    ``template`` and ``mapping`` are those of :func:`issuer.intake.csv_file.read`, as are the problems,
    with ParsingError for a workbook that is damaged.
    """
    if template is not None:
        check_template(template)
    with path.open("rb") as file:
        workbook = Workbook(file)
        chosen = workbook.choose(sheet)
        layout = workbook.layout(chosen)
        lines = rows(file, chosen)
        line, header = next(((line, values) for line, values in lines if _says_anything(values)), (1, []))
        if not header:
            raise InputError("intake.empty")
        found = headings([text_of(value) for value in header], mapping or {}, line)
        grid = _Grid(chosen, layout, found, shown_name(path))
        if said := (*grid.about(line), *_unread(workbook, chosen, grid.file)):
            yield Reading(None, said)
        yield from grid.readings(lines, Table(found, Judge(register, today), template))


def _says_anything(values: Sequence[Value]) -> bool:
    return any(not isinstance(value, str) or value.strip() for value in values)


def _unread(workbook: Workbook, chosen: Sheet, file: str) -> Iterator[Finding]:
    """Tell the sheets that hold something and are left out without having been asked for."""
    for sheet in workbook.filled():
        if sheet.part != chosen.part:
            yield Finding("workbook.sheet_unread", Place(file), "warning", {"sheet": sheet.shown})


class _Grid:
    """A sheet and the columns that its header names."""

    def __init__(self, sheet: Sheet, layout: Layout, found: Sequence[Heading], file: str) -> None:
        self.file = file
        self._sheet, self._layout, self._headings = sheet, layout, found
        self._fields = [heading.column.field if heading.column else "" for heading in found]
        self._letters = [column_letters(position) for position in range(1, limits.CSV_COLUMNS + 1)]
        self._told_numbers = False

    def about(self, line: int) -> Iterator[Finding]:
        """Yield what is to be said of the columns, whose header stands in row ``line``."""
        yield from about(self._headings, self.file, line)
        for position, heading in enumerate(self._headings, 1):
            if heading.column and self._layout.hides_column(position):
                yield Finding("workbook.hidden_column", Place(self.file, line, heading.name), "warning")

    def readings(self, lines: Iterator[tuple[int, list[Value]]], table: Table) -> Iterator[Reading]:
        count = 0
        flaws = _Flaws(self._layout, self.file)
        for line, values in self._filled(lines):
            count += 1
            if count > limits.IMPORT_ROWS:
                raise LimitError("intake.too_many_rows", limit=limits.IMPORT_ROWS)
            width = max(len(values), len(self._headings))
            values += [""] * (width - len(values))  # blank cells at the end of a row are not stored
            cells = [self._given(line, position, value) for position, value in enumerate(values)]
            yield table.read(cells, Place(self.file, line), [*flaws.of(line), *self._numbers(line, values)])
        if not count:
            raise InputError("csv.no_rows")

    def _filled(self, lines: Iterator[tuple[int, list[Value]]]) -> Iterator[tuple[int, list[Value]]]:
        """Yield the rows that say anything; an error in a column of ours says something."""
        last = 0
        for last, values in lines:
            if _says_anything(values) or self._is_marked(last):
                yield last, values
        for line in range(last + 1, self._layout.rows + 1):  # formulas never computed, and nothing else
            if self._is_marked(line):
                yield line, []

    def _is_marked(self, line: int) -> bool:
        marks = self._layout.marks.get(line, b"")
        return any(mark and field for mark, field in zip(marks, self._fields, strict=False))

    def _given(self, line: int, position: int, value: Value) -> Given:
        at, text = self._sheet.cell(line, self._letters[position]), text_of(value)
        if len(text) > limits.CSV_FIELD_CHARS:
            raise LimitError("csv.field_too_long", line=line, limit=limits.CSV_FIELD_CHARS)
        column = self._headings[position].column if position < len(self._headings) else None
        if column is None:
            return Given(text, at)
        try:
            return Given(read_value(value, self._layout.mark(line, position + 1), column), at)
        except Unreadable as wrong:
            return Given(text, at, wrong)

    def _numbers(self, line: int, values: Sequence[Value]) -> Iterator[Finding]:
        """Tell once that references are numbers: zeros that they began with are gone."""
        for position, (field, value) in enumerate(zip(self._fields, values, strict=False)):
            if field == "reference" and isinstance(value, float) and not self._told_numbers:
                self._told_numbers = True
                cell = self._sheet.cell(line, self._letters[position])
                place = Place(self.file, line, self._headings[position].name, cell=cell)
                yield Finding("workbook.number_as_reference", place, "warning")


class _Flaws:
    """What is wrong with rows as a whole. To be asked row by row, in order."""

    def __init__(self, layout: Layout, file: str) -> None:
        self._hidden, self._file = layout.hidden_rows, file
        self._merged = layout.merged_rows()
        self._range = next(self._merged, (0, 0))

    def of(self, line: int) -> Iterator[Finding]:
        while 0 < self._range[1] < line:
            self._range = next(self._merged, (0, 0))
        if self._range[0] <= line <= self._range[1]:
            yield Finding("workbook.merged", Place(self._file, line))
        if line in self._hidden:
            yield Finding("workbook.hidden_row", Place(self._file, line))
