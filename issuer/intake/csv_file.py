"""Tables of results (CSV), as spreadsheets write them: one row per result, a header that names columns.

Separator, encoding and the form of dates are found by looking. Columns that are not ours are left out,
and said; a cell that is not understood is an error at its line and column.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from boundary import limits
from credentials.characters import printable
from issuer.intake.characters import clean
from issuer.intake.columns import Column, check_template, column_of, columns, is_national_number
from issuer.intake.dialect import Dialect, lines, sniff
from issuer.intake.judge import Judge
from credentials.nir import looks_like_nir
from issuer.intake.record import Cell, Record
from issuer.intake.rows import Finding, Place, Reading, shown_name
from issuer.intake.values import Unreadable, plain
from problems import InputError, LimitError
from skills.register import Register

_ESSENTIAL: Final = ("reference", "given_name")
_NAMED: Final = ("birth_name", "usual_name")


@dataclass(frozen=True)
class _Heading:
    """A column of this file: its header as it may be repeated, and the column of ours that it is, if any."""

    name: str
    column: Column | None


def read(
    path: Path,
    register: Register,
    today: date,
    *,
    template: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Reading]:
    """Yield a reading per row; first, if need be, one without row that says how the file was taken.

    ``template`` is the kind of credential of rows that do not say theirs; ``mapping`` gives, for headers
    of the file, the header of ours that is meant. Raises InputError when the table as a whole cannot be
    read, LimitError beyond the limits of a file.
    """
    if template is not None:
        check_template(template)
    dialect, file = sniff(path), shown_name(path)
    rows = _rows(path, dialect)
    line, header = next(rows, (1, []))
    if not header:
        raise InputError("intake.empty")
    headings = _headings(header, mapping or {}, line)
    if about := tuple(_about(dialect, headings, file, line)):
        yield Reading(None, about)
    judge, count = Judge(register, today), 0
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > limits.IMPORT_ROWS:
            raise LimitError("intake.too_many_rows", limit=limits.IMPORT_ROWS)
        yield _reading(headings, cells, Place(file, line), judge, template)
    if not count:
        raise InputError("csv.no_rows")


def _rows(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts."""
    reader = csv.reader(lines(path, dialect.encoding), delimiter=dialect.separator, strict=True)
    line, announcement = 1, dialect.announced
    try:
        for cells in reader:
            if any(len(cell) > limits.CSV_FIELD_CHARS for cell in cells):
                raise LimitError("csv.field_too_long", line=line, limit=limits.CSV_FIELD_CHARS)
            if any(cells) and not announcement:
                yield line, cells
            announcement = announcement and not any(cells)
            line = reader.line_num + 1
    except csv.Error:  # an open quote, or a field beyond even the reader's own limit
        raise InputError("csv.quote", line=line) from None


def _headings(header: Sequence[str], mapping: Mapping[str, str], line: int) -> list[_Heading]:
    if len(header) > limits.CSV_COLUMNS:
        raise LimitError("csv.too_many_columns", limit=limits.CSV_COLUMNS)
    meant = _mapped(mapping, header)
    headings = [_Heading(_shown(name), meant.get(plain(name)) or column_of(name)) for name in header]
    _check_distinct(headings, line)
    _check_essential(headings, line)
    for position, heading in enumerate(headings, 1):
        if is_national_number(heading.name):
            raise InputError("csv.national_number", position=position)
    return headings


def _mapped(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, Column]:
    there = {plain(name) for name in header}
    meant: dict[str, Column] = {}
    for name, ours in mapping.items():
        column = column_of(ours)
        if column is None:
            raise InputError("csv.mapping_unknown", column=_shown(ours))
        if plain(name) not in there:
            raise InputError("csv.mapping_absent", column=_shown(name))
        meant[plain(name)] = column
    return meant


def _shown(header: str) -> str:
    return "…" if looks_like_nir(header) else printable(header.strip())[:60]


def _check_distinct(headings: Sequence[_Heading], line: int) -> None:
    seen: dict[str, int] = {}
    for position, heading in enumerate(headings, 1):
        name = heading.column.field if heading.column else f"? {plain(heading.name)}"
        first = seen.setdefault(name, position)
        if first != position and heading.name:
            raise InputError("csv.duplicate_header", first=first, second=position, line=line)


def _check_essential(headings: Sequence[_Heading], line: int) -> None:
    """Until these are there, the first line may be no header at all: nothing of it is repeated."""
    there = {heading.column.field for heading in headings if heading.column}
    missing = [columns()[field].header for field in _ESSENTIAL if field not in there]
    if not there.intersection(_NAMED):
        missing.append(columns()["birth_name"].header)
    if missing:
        raise InputError("csv.columns_missing", columns=", ".join(missing), line=line)


def _about(dialect: Dialect, headings: Sequence[_Heading], file: str, line: int) -> Iterator[Finding]:
    if dialect.assumed:
        yield Finding("csv.encoding_assumed", Place(file), "warning")
    for position, heading in enumerate(headings, 1):
        if heading.column is None and heading.name:
            place = Place(file, line, heading.name)
            yield Finding("csv.column_ignored", place, "warning", {"position": position})


def _reading(
    headings: Sequence[_Heading], cells: Sequence[str], place: Place, judge: Judge, template: str | None
) -> Reading:
    place = Place(place.file, place.line, None, _reference(headings, cells))
    if leaked := tuple(_leaks(headings, cells, place)):
        return Reading(None, leaked)
    if len(cells) != len(headings):
        ragged = {"expected": len(headings), "found": len(cells)}
        return Reading(None, (Finding("csv.ragged", place, "error", ragged),))
    read: dict[str, Cell] = {}
    unread: set[str] = set()
    found: list[Finding] = []
    for heading, text in zip(headings, cells, strict=True):
        try:
            _take(heading, text, place, read)
        except Unreadable as wrong:
            where = Place(place.file, place.line, heading.name, place.reference)
            found.append(Finding(wrong.code, where, "error", wrong.facts))
            unread.add(heading.column.field if heading.column else "")
    kind = read.pop("template").text if "template" in read else ""
    return judge.read(Record(place, read, kind or template, frozenset(unread)), found)


def _take(heading: _Heading, text: str, place: Place, read: dict[str, Cell]) -> None:
    """Put what a cell says into ``read``. Raises Unreadable."""
    column, text = heading.column, clean(text)
    if column is None:
        return
    value = column.reader(text, plain(heading.name)) if text else ""
    read[column.field] = Cell(value, heading.name, place.line)
    if text and not value:  # a birth date that is not whole
        read["birth_partial"] = Cell("true", heading.name, place.line)


def _leaks(headings: Sequence[_Heading], cells: Sequence[str], place: Place) -> Iterator[Finding]:
    """Look for a national number in every cell, those of columns that are left out included."""
    for position, text in enumerate(cells):
        if looks_like_nir(text):
            name = headings[position].name if position < len(headings) else None
            yield Finding("row.nir", Place(place.file, place.line, name, place.reference))


def _reference(headings: Sequence[_Heading], cells: Sequence[str]) -> str | None:
    for heading, text in zip(headings, cells, strict=False):
        if heading.column and heading.column.field == "reference":
            text = clean(text)
            return text if text and len(text) <= 255 and not looks_like_nir(text) else None
    return None
