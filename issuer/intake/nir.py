"""The national identity number (NIR, « numéro de sécurité sociale ») is recognised to be refused.

It must reach no credential, database, log, report or message: whoever finds one here names the place and
never the value. What looks like one is treated as one: a mistyped number still points to a person.
"""

import re
import unicodedata
from typing import Final

_GAP = r"[^0-9A-Za-z]{0,2}"
_NIR: Final = re.compile(
    r"(?<![0-9A-Za-z])"
    r"[1-478]" + _GAP +  # sex; 3, 4, 7, 8 while a number is being assigned
    r"\d{2}" + _GAP +  # year of birth
    r"(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)" + _GAP +  # month; from 20 on, months that are not known
    r"(?:2[ABab]|\d{2})" + _GAP +  # département, 2A and 2B in Corsica, 99 abroad
    r"\d{3}" + _GAP +  # commune or country
    r"\d{3}"  # order
    r"(?:" + _GAP + r"\d{2})?"  # key
    r"(?![0-9A-Za-z])"
)  # fmt: skip
_SHORTEST: Final = 13


def looks_like_nir(text: str) -> bool:
    """Return whether 13 digits (or 15, with the key) somewhere in ``text`` are built as a NIR is."""
    plain = "".join(_digit(character) for character in unicodedata.normalize("NFKC", text))
    return len(plain) >= _SHORTEST and _NIR.search(plain) is not None


def _digit(character: str) -> str:
    """Return the ASCII digit of a decimal digit in any script, any other character as it is."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
