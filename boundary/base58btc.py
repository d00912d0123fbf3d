"""base58btc as Multibase writes it (Controlled Identifiers 1.0 §2.4), and one spelling per value.

Written out here because every signature and every did:key passes, and because a reader that forgives
white space would give one value two spellings.
"""

from typing import Final

from problems import ParsingError

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {digit: value for value, digit in enumerate(_ALPHABET)}
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_VALUES: Final = {pair: value for value, pair in enumerate(_PAIRS)}
_BASE: Final = 58**2
_LONGEST: Final = 256
"""Characters; a signature takes at most 132. Reading base58 costs the square of its length."""


def encode(data: bytes) -> str:
    """Return ``data`` behind the header ``z``."""
    number, pairs = int.from_bytes(data), []
    while number:
        number, high = divmod(number, _BASE**5)  # ten digits at once: what fits a machine word is cheap
        for _ in range(5):
            high, low = divmod(high, _BASE)
            pairs.append(_PAIRS[low])
    digits = "".join(reversed(pairs)).lstrip("1")
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode(text: str) -> bytes:
    """Return the bytes; raise ParsingError unless :func:`encode` would write them exactly so."""
    if text[:1] != "z" or len(text) > _LONGEST:
        raise ParsingError("base58btc.invalid")
    digits = text[1:]
    number = 0
    try:
        for place in range(0, len(digits) - 1, 2):
            number = number * _BASE + _VALUES[digits[place : place + 2]]
        if len(digits) % 2:
            number = number * 58 + _DIGITS[digits[-1]]
    except KeyError:
        raise ParsingError("base58btc.invalid") from None
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
