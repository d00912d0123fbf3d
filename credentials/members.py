"""Members of a document as values: texts, URLs, instants, days."""

import datetime as dt
import re
from typing import Final

from boundary import date_time_stamp
from boundary.shape import a_text, an_integer
from boundary.strict_json import Json, JsonValue
from problems import MalformedValueError

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def instant(document: Json, *names: str) -> dt.datetime | None:
    """Return the dateTime of the first of these members that is there. Raises MalformedValueError."""
    for name in names:
        if name in document:
            return date_time_stamp.read(a_text(document[name], name), name)
    return None


def moment(payload: Json, name: str) -> dt.datetime | None:
    """Read a NumericDate (RFC 7519 §2) in whole seconds."""
    if name not in payload:
        return None
    try:
        return dt.datetime.fromtimestamp(an_integer(payload[name], name), dt.UTC)
    except (OverflowError, ValueError, OSError):
        raise MalformedValueError("model.date_out_of_range", at=name) from None


def date(value: JsonValue, at: str) -> dt.date | None:
    """Return a day written as ``2026-03-27``; None when there is none. Raises MalformedValueError."""
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(a_text(value, at))
    except ValueError:
        raise MalformedValueError("claim.date", at=at) from None


def optional_text(node: Json, name: str) -> str | None:
    """Return a text member, None when it is not there. Raises MalformedValueError."""
    return a_text(node[name], name) if name in node else None


def require_url(value: JsonValue, at: str) -> str:
    """Return a URL (VCDM 2.0 §4.4 asks for one wherever there is an id). Raises MalformedValueError."""
    if not isinstance(value, str) or not _URL.fullmatch(value):
        raise MalformedValueError("model.url_expected", at=at)
    return value
