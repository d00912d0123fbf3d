"""Look through a worksheet before it is read: how far it goes, and what its reader would not tell.

The library that reads values leaves out error values, formulas never computed and what is hidden, and takes
memory for every cell up to the last one (ECMA-376-1 §18.3). A sheet is therefore gone through first, in
flat memory but for a byte per cell of the rows that hold something of the kind.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import Final

from boundary import limits, xml_scan
from problems import LimitError, ParsingError

_LAST_ROW: Final = 1_048_576
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANGE: Final = re.compile(r"[A-Z]{1,3}([1-9][0-9]{0,6}):[A-Z]{1,3}([1-9][0-9]{0,6})")
_TRUE: Final = ("1", "true")


class Mark(IntEnum):
    """What a cell has that its value does not tell."""

    NONE = 0
    ERROR = 1
    """The value is an error such as #N/A."""
    UNCOMPUTED = 2
    """A formula whose result is not in the file."""
    SHOWN_OTHERWISE = 3
    """A number whose format shows something else: 01000 for 1000, 85 % for 0.85."""


@dataclass
class Layout:
    """Rows and columns count from 1. ``rows`` and ``columns`` tell the last that hold anything."""

    rows: int = 0
    columns: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int]] = field(default_factory=list)
    """First and last row of each merged range."""
    marks: dict[int, bytearray] = field(default_factory=dict)

    def mark(self, row: int, column: int) -> Mark:
        marks = self.marks.get(row, b"")
        return Mark(marks[column - 1]) if column <= len(marks) else Mark.NONE

    def hides_column(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)

    def merged_rows(self) -> Iterator[tuple[int, int]]:
        """Yield the rows that merged ranges touch, as ranges in order that do not overlap."""
        end = 0
        for first, last in sorted(self.merged):
            if last > end:
                yield max(first, end + 1), last
                end = last


class _Enough(Exception):
    """What was asked is known."""


def holds_anything(source: Iterable[bytes]) -> bool:
    """Return whether any cell has a value; read no further than the first."""
    scan = _Scan(frozenset(), only_presence=True)
    try:
        xml_scan.scan(source, scan.start, scan.end)
    except _Enough:
        return True
    return False


def look_through(source: Iterable[bytes], altering: Collection[int]) -> Layout:
    """Return the layout of a worksheet. ``altering`` are the styles whose format shows another number.

    Raises LimitError for a sheet that is too tall, too wide or too large, ParsingError for one that no
    spreadsheet writes: cells out of order, references that are none.
    """
    scan = _Scan(altering)
    xml_scan.scan(source, scan.start, scan.end)
    layout = scan.layout
    if layout.rows * layout.columns > limits.WORKBOOK_CELLS:
        raise LimitError("workbook.too_many_cells", limit=limits.WORKBOOK_CELLS)
    return layout


class _Scan:
    def __init__(self, altering: Collection[int], *, only_presence: bool = False) -> None:
        self.layout = Layout()
        self._altering = frozenset(map(str, altering))
        self._only_presence = only_presence
        self._row = self._column = 0
        self._type = self._style = ""
        self._has_value = self._has_formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "is"):
            self._has_value = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._start_row(attributes)
        elif name == "mergeCell":
            self._merge(attributes)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            ends = attributes.get("min", ""), attributes.get("max", "")
            self.layout.hidden_columns.append((_whole(ends[0]), _whole(ends[1])))

    def end(self, tag: str) -> None:
        if tag.rpartition(" ")[2] != "c":
            return
        mark = self._mark()
        if self._has_value or mark:
            self._extend()
        if mark:
            self._set(mark)

    def _start_row(self, attributes: dict[str, str]) -> None:
        row = _whole(attributes["r"]) if "r" in attributes else self._row + 1
        if not self._row < row <= _LAST_ROW:
            raise ParsingError("workbook.damaged")
        self._row, self._column = row, 0
        if attributes.get("hidden") in _TRUE:
            self.layout.hidden_rows.add(row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if reference := attributes.get("r"):
            column, row = _place(reference)
            if row != self._row or column <= self._column:
                raise ParsingError("workbook.damaged")
        self._column = column
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._has_value = self._has_formula = False

    def _mark(self) -> Mark:
        if self._type == "e":
            return Mark.ERROR
        if self._has_formula and not self._has_value:
            return Mark.UNCOMPUTED
        if self._has_value and self._type == "n" and self._style in self._altering:
            return Mark.SHOWN_OTHERWISE
        return Mark.NONE

    def _extend(self) -> None:
        if self._only_presence:
            raise _Enough
        if self._row > limits.WORKBOOK_ROWS:
            raise LimitError("workbook.too_tall", row=self._row, limit=limits.WORKBOOK_ROWS)
        if self._column > limits.CSV_COLUMNS:
            raise LimitError("csv.too_many_columns", limit=limits.CSV_COLUMNS)
        self.layout.rows = self._row
        self.layout.columns = max(self.layout.columns, self._column)

    def _set(self, mark: Mark) -> None:
        marks = self.layout.marks.setdefault(self._row, bytearray())
        marks.extend(bytes(self._column - len(marks)))
        marks[-1] = mark

    def _merge(self, attributes: dict[str, str]) -> None:
        found = _RANGE.fullmatch(attributes.get("ref", ""))
        if not found:
            raise ParsingError("workbook.damaged")
        if len(self.layout.merged) >= limits.MERGED_RANGES:
            raise LimitError("workbook.too_many_merged", limit=limits.MERGED_RANGES)
        self.layout.merged.append((int(found[1]), int(found[2])))


def _place(reference: str) -> tuple[int, int]:
    """Return column and row of ``B12``."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ParsingError("workbook.damaged")
    return column_number(found[1]), int(found[2])


@cache
def column_number(letters: str) -> int:
    """Return 1 for A, 28 for AB."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


@cache
def column_letters(number: int) -> str:
    """Return A for 1, AB for 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _whole(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise ParsingError("workbook.damaged")
    return int(text)
