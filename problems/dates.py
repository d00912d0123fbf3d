"""Dates in the reader's language."""

import datetime as dt
import re
from typing import Final, Literal

Lang = Literal["fr", "en"]

_MONTHS: Final[dict[Lang, str]] = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?")


def in_words(text: str, lang: Lang) -> str:
    """Return an ISO date or date and time in words; any other text as it is."""
    if not _ISO.fullmatch(text):
        return text
    try:
        return (
            moment(dt.datetime.fromisoformat(text), lang)
            if "T" in text
            else day(dt.date.fromisoformat(text), lang)
        )
    except (ValueError, OverflowError):  # no such day, or none in UTC
        return text


def day(moment: dt.datetime | dt.date, lang: Lang) -> str:
    """Return ``3 juillet 2026``; a moment is shown by its UTC date (MODEL, decision 8)."""
    date = moment.astimezone(dt.UTC).date() if isinstance(moment, dt.datetime) else moment
    number = "1er" if lang == "fr" and date.day == 1 else str(date.day)
    return f"{number} {_MONTHS[lang].split()[date.month - 1]} {date.year}"


def moment(at: dt.datetime, lang: Lang) -> str:
    """Return the day with the time in UTC."""
    return f"{day(at, lang)}, {at.astimezone(dt.UTC):%H:%M} UTC"
