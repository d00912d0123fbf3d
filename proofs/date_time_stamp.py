"""XSD dateTimeStamp (XML Schema 1.1 part 2, §3.4.28): a dateTime that says its offset."""

import datetime as dt
import re
from typing import Final

_FORM: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?"
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)


def parse(text: str) -> dt.datetime:
    """Return the instant, cut to microseconds; raise ValueError.

    Years before 1 and after 9999 and the hour 24 are lawful and refused: nobody signs at such a time.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("not a dateTimeStamp")
    seconds, fraction, offset = form.groups()
    return dt.datetime.fromisoformat(seconds + (fraction or ".0")[:7] + offset)
