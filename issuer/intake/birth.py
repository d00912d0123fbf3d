"""A date of birth, in parts or whole. One that is not whole is left out of credentials, never guessed."""

import calendar
from collections.abc import Mapping
from datetime import date

from issuer.intake.record import Cell
from issuer.intake.rows import Finding, Place


def birth_cells(parts: Mapping[str, Cell], place: Place) -> tuple[dict[str, Cell], list[Finding]]:
    """Return the cell ``birthdate`` (or ``birth_partial``) of parts ``year``, ``month``, ``day``."""
    if not parts:
        return {}, []
    at = parts.get("day") or next(iter(parts.values()))
    if len(parts) < 3:
        return {"birth_partial": Cell("true", at.field, at.line)}, []
    year, month, day = (int(parts[name].text) for name in ("year", "month", "day"))
    if wrong := impossible_day(year, month, day):
        where = Place(place.file, at.line, at.field, place.reference)
        return {}, [Finding("row.birth_impossible", where, "error", wrong)]
    return {"birthdate": Cell(date(year, month, day).isoformat(), at.field, at.line)}, []


def impossible_day(year: int, month: int, day: int) -> dict[str, int] | None:
    """Return day, month and the last day of that month when there is no such day; else None.

    The year stays out of what people read: with it, a date of birth would be told.
    """
    if not 1 <= month <= 12:
        return {"day": day, "month": month, "last": 31}
    last = calendar.monthrange(year, month)[1]
    return None if 1 <= day <= last else {"day": day, "month": month, "last": last}
