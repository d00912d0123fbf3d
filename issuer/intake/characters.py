"""What a text of a certifier's file may be made of, and the signs of one that was damaged on its way."""

import re
import unicodedata
from typing import Final

from credentials.characters import printable

_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200e\u200f\u2060-\u2064\ufeff\ue000-\uf8ff]")
_STACKED: Final = 4
"""Marks on one letter: Vietnamese writes two; more than four is no name."""

_GARBLED: Final = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|\ufffd")
"""UTF-8 once read as Windows-1252 (« FranÃ§ois »), or a character already lost."""


def clean(text: str) -> str:
    """Return the text with composed accents (NFC) and without blanks around."""
    return unicodedata.normalize("NFC", text.strip())


def is_sound(text: str) -> bool:
    """Return whether every character can be seen and signed alike everywhere."""
    if text.isascii() and text.isprintable():
        return True
    if printable(text) != text or _INVISIBLE.search(text):
        return False
    return not _has_stack(text) and not any(unicodedata.category(c) in ("Cn", "Cs") for c in text)


def is_garbled(text: str) -> bool:
    """Return whether the text bears the marks of a wrong encoding."""
    return not text.isascii() and _GARBLED.search(text) is not None


def _has_stack(text: str) -> bool:
    run = 0
    for character in unicodedata.normalize("NFD", text):
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _STACKED:
            return True
    return False
