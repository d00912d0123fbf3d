"""How the values of a workbook read as the texts of a table, each for the column in which it stands.

A workbook knows texts, numbers, dates, times and booleans, and turns one into another while people type:
``00123`` becomes 123 and « 1-2 » the first of February. What can no longer be known is refused, never
guessed.
"""

import datetime as dt
from typing import Final

from issuer.intake.columns import Column
from issuer.intake.sheet import Mark
from issuer.intake.values import Unreadable

Value = str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
"""What python-calamine gives; blank cells are empty texts. ``int`` is a ``float`` to the type checker."""

_EXACT: Final = 10**15  # a spreadsheet keeps 15 figures
_DAYS: Final = ("day", "birth")
_TIMES: Final = ("duration",)
_QUANTITIES: Final = (*_DAYS, *_TIMES, "period")
_DECIMALS: Final = frozenset({"score", "score_min", "score_max", "digcomp_overall"})
_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Before it, day numbers count a 29 February 1900 that never was (the 1904 system has no such days)."""

_MARKED: Final = {Mark.ERROR: "cell.error_value", Mark.UNCOMPUTED: "cell.formula_uncomputed"}


def text_of(value: Value) -> str:
    """Return a value as a text, whatever the column: for headers, and to look for what no cell may hold."""
    match value:
        case str():
            return value
        case bool():
            return ""
        case int() | float():
            return _figures(value)
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return ""


def read(value: Value, mark: Mark, column: Column) -> str:
    """Return the text that a table would have in this column. Raises :class:`Unreadable`."""
    if code := _MARKED.get(mark):
        raise Unreadable(code)
    match value:
        case str():
            return value
        case bool():
            raise Unreadable("cell.boolean")
        case int() | float():
            return _number(value, mark, column)
        case dt.date():
            return _date(value, column)
        case dt.time():
            return _time(value.hour * 60 + value.minute, value.second, column)
        case dt.timedelta():
            minutes, seconds = divmod(value, dt.timedelta(minutes=1))
            return _time(minutes, seconds.total_seconds(), column)


def _number(value: float, mark: Mark, column: Column) -> str:
    text = _figures(value)
    if column.reads in _QUANTITIES:
        return text
    if mark == Mark.SHOWN_OTHERWISE:
        raise Unreadable("cell.number_shown_otherwise")
    if not abs(value) < _EXACT:
        raise Unreadable("cell.number_inexact")
    if not text.lstrip("-").isdigit() and column.field not in _DECIMALS:
        raise Unreadable("cell.number_decimal")
    if column.field == "exam_postal_code" and len(text) != 5:
        raise Unreadable("cell.number_lost_zero")
    return text


def _figures(value: float) -> str:
    """Return the figures that a spreadsheet shows: 15 of them, no exponent."""
    return f"{value:.0f}" if value % 1 == 0 else f"{value:.15g}"


def _date(value: dt.date, column: Column) -> str:
    if column.reads not in _DAYS:
        raise Unreadable("cell.became_date")
    if isinstance(value, dt.datetime):
        raise Unreadable("cell.date_with_time")
    if value < _FIRST_DAY:
        raise Unreadable("cell.date_year")
    return value.isoformat()


def _time(minutes: int, seconds: float, column: Column) -> str:
    if column.reads not in _TIMES:
        raise Unreadable("cell.became_time")
    if minutes <= 0 or seconds:
        raise Unreadable("cell.duration")
    return f"{minutes // 60}:{minutes % 60:02}"
