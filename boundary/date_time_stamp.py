"""XSD dateTimeStamp (XML Schema 1.1 part 2, §3.4.28): a dateTime that says its offset."""

import datetime as dt
import re
from typing import Final

from problems import MalformedValueError

_FORM: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)


def read(text: str, at: str) -> dt.datetime:
    """Return the instant, cut to microseconds; raise MalformedValueError naming the member ``at``.

    Years before 1 and after 9999 and the hour 24 are lawful and refused: nobody means such a time.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise MalformedValueError("shape.date_time_expected", at=at)
    seconds, fraction, offset = form.groups()
    try:
        return dt.datetime.fromisoformat(seconds + (fraction or ".0")[:7] + offset)
    except ValueError:  # 30 February
        raise MalformedValueError("shape.date_time_expected", at=at) from None


def write(instant: dt.datetime) -> str:
    """Return the instant in UTC, to the second."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
