"""The numbers of French organisations (SIREN, 9 digits) and of their establishments (SIRET, 14 digits).

Both end with a check digit of Luhn's algorithm (INSEE, répertoire Sirene). The establishments of La Poste
alone have another rule: the sum of their digits is a multiple of five.
"""

import re
from typing import Final

_SIREN: Final = re.compile(r"[0-9]{9}")
_SIRET: Final = re.compile(r"[0-9]{14}")
_LA_POSTE: Final = "356000000"


def is_siren(text: str) -> bool:
    return _SIREN.fullmatch(text) is not None and _luhn(text)


def is_siret(text: str) -> bool:
    if _SIRET.fullmatch(text) is None or not is_siren(siren(text)):
        return False
    return _luhn(text) or (siren(text) == _LA_POSTE and sum(map(int, text)) % 5 == 0)


def siren(siret: str) -> str:
    """Return the number of the organisation to which an establishment belongs."""
    return siret[:9]


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
