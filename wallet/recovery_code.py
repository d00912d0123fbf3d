"""The recovery code: 128 random bits that a person prints, keeps in a drawer, and types years later.

Seven groups of four characters of Crockford's base 32, which has no I, L, O or U; the last characters
check the others. Case, spaces and dashes do not matter, and look-alikes are read as what they look like.
"""

import hashlib
from collections.abc import Callable
from typing import Final

from problems import SecretError

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTES: Final = 16
_CHECK_BITS: Final = 12
_CHARS: Final = 28  # 128 bits and 12 check bits, five to a character
_GROUP: Final = 4
_LOOK_ALIKES: Final = str.maketrans("OIL", "011", " -\u2010\u2011\u2012\u2013\u2014\u00a0\t\r\n.")


def generate(random: Callable[[int], bytes]) -> str:
    """Return a new code, in groups."""
    data = random(_BYTES)
    number = int.from_bytes(data) << _CHECK_BITS | _check(data)
    places = range(5 * (_CHARS - 1), -1, -5)
    characters = "".join(_ALPHABET[number >> place & 31] for place in places)
    return "-".join(characters[start : start + _GROUP] for start in range(0, _CHARS, _GROUP))


def looks_like(text: str) -> bool:
    """Whether ``text`` has the length and the characters of a code, mistyped or not."""
    characters = _normal(text)
    return len(characters) == _CHARS and set(characters) <= set(_ALPHABET)


def canonical(text: str) -> str:
    """Return the code as :func:`generate` would write it, without dashes.

    Raises SecretError ``wallet.code_mistyped`` unless it is one: a single wrong character, or two swapped,
    is noticed 4,095 times out of 4,096.
    """
    characters = _normal(text)
    if not looks_like(text):
        raise SecretError("wallet.code_mistyped")
    number = 0
    for character in characters:
        number = number << 5 | _ALPHABET.index(character)
    data = (number >> _CHECK_BITS).to_bytes(_BYTES)
    if number & (1 << _CHECK_BITS) - 1 != _check(data):
        raise SecretError("wallet.code_mistyped")
    return characters


def _normal(text: str) -> str:
    return text.upper().translate(_LOOK_ALIKES)


def _check(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"passeport recovery code" + data).digest()) >> 256 - _CHECK_BITS
