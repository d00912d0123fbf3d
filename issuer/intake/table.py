"""A table of results, whichever file it came in: a header that names columns, then a row per result.

Columns that are not ours are left out, and said; a cell that is not understood is an error at its place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from boundary import limits
from credentials.characters import printable
from credentials.nir import looks_like_nir
from issuer.intake.characters import clean
from issuer.intake.columns import Column, column_of, columns, is_national_number
from issuer.intake.judge import Judge
from issuer.intake.record import Cell, Record
from issuer.intake.rows import Finding, Place, Reading
from issuer.intake.values import Unreadable, plain
from problems import InputError, LimitError

_ESSENTIAL: Final = ("reference", "given_name")
_NAMED: Final = ("birth_name", "usual_name")


@dataclass(frozen=True)
class Heading:
    """A column of this file: its header as it may be repeated, and the column of ours that it is, if any."""

    name: str
    column: Column | None


class Given(NamedTuple):
    """A cell as it was given: its text, its own name in a workbook (``Feuil1!B12``), and what forbids to
    take the text for what its author meant."""

    text: str
    at: str | None = None
    wrong: Unreadable | None = None


def headings(header: Sequence[str], mapping: Mapping[str, str], line: int) -> list[Heading]:
    """Return what each column is. ``mapping`` gives, for headers of the file, the header of ours meant.

    Raises InputError when the table cannot be read by this header, LimitError for too many columns.
    """
    if len(header) > limits.CSV_COLUMNS:
        raise LimitError("csv.too_many_columns", limit=limits.CSV_COLUMNS)
    meant = _mapped(mapping, header)
    found = [Heading(_shown(name), meant.get(plain(name)) or column_of(name)) for name in header]
    _check_distinct(found, line)
    _check_essential(found, line)
    for position, heading in enumerate(found, 1):
        if is_national_number(heading.name):
            raise InputError("csv.national_number", position=position)
    return found


def about(found: Sequence[Heading], file: str, line: int) -> Iterator[Finding]:
    """Yield what is to be said of the columns as such."""
    for position, heading in enumerate(found, 1):
        if heading.column is None and heading.name:
            place = Place(file, line, heading.name)
            yield Finding("csv.column_ignored", place, "warning", {"position": position})


@dataclass(frozen=True)
class Table:
    """What the rows of one table are read with. ``template`` is for rows that do not say theirs."""

    headings: Sequence[Heading]
    judge: Judge
    template: str | None

    def read(self, cells: Sequence[Given], place: Place, found: Sequence[Finding] = ()) -> Reading:
        """Return the reading of one row; ``found`` is what its reader noticed."""
        place = replace(place, reference=self._reference(cells))
        if leaked := tuple(self._leaks(cells, place)):
            return Reading(None, leaked)
        if len(cells) != len(self.headings):
            ragged = {"expected": len(self.headings), "found": len(cells)}
            return Reading(None, (*found, Finding("csv.ragged", place, "error", ragged)))
        record, unreadable = self._record(cells, place)
        return self.judge.read(record, [*found, *unreadable])

    def _record(self, cells: Sequence[Given], place: Place) -> tuple[Record, list[Finding]]:
        read: dict[str, Cell] = {}
        unread: set[str] = set()
        found: list[Finding] = []
        for heading, given in zip(self.headings, cells, strict=True):
            if heading.column is None:
                continue
            try:
                _take(heading.column, heading.name, given, place, read)
            except Unreadable as wrong:
                where = replace(place, field=heading.name, cell=given.at)
                found.append(Finding(wrong.code, where, "error", wrong.facts))
                unread.add(heading.column.field)
        kind = read.pop("template").text if "template" in read else ""
        return Record(place, read, kind or self.template, frozenset(unread)), found

    def _leaks(self, cells: Sequence[Given], place: Place) -> Iterator[Finding]:
        """Look for a national number in every cell, those of columns that are left out included."""
        for position, given in enumerate(cells):
            if looks_like_nir(given.text):
                name = self.headings[position].name if position < len(self.headings) else None
                yield Finding("row.nir", replace(place, field=name, cell=given.at))

    def _reference(self, cells: Sequence[Given]) -> str | None:
        for heading, given in zip(self.headings, cells, strict=False):
            if heading.column and heading.column.field == "reference":
                text = clean(given.text)
                return text if text and len(text) <= 255 and not looks_like_nir(text) else None
        return None


def _take(column: Column, name: str, given: Given, place: Place, read: dict[str, Cell]) -> None:
    """Put what a cell says into ``read``. Raises Unreadable."""
    if given.wrong:
        raise given.wrong
    text = clean(given.text)
    value = column.reader(text, plain(name)) if text else ""
    read[column.field] = Cell(value, name, place.line, given.at)
    if text and not value:  # a birth date that is not whole
        read["birth_partial"] = Cell("true", name, place.line, given.at)


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


def _check_distinct(found: Sequence[Heading], line: int) -> None:
    seen: dict[str, int] = {}
    for position, heading in enumerate(found, 1):
        name = heading.column.field if heading.column else f"? {plain(heading.name)}"
        first = seen.setdefault(name, position)
        if first != position and heading.name:
            raise InputError("csv.duplicate_header", first=first, second=position, line=line)


def _check_essential(found: Sequence[Heading], line: int) -> None:
    """Until these are there, the first line may be no header at all: nothing of it is repeated."""
    there = {heading.column.field for heading in found if heading.column}
    missing = [columns()[field].header for field in _ESSENTIAL if field not in there]
    if not there.intersection(_NAMED):
        missing.append(columns()["birth_name"].header)
    if missing:
        raise InputError("csv.columns_missing", columns=", ".join(missing), line=line)
