"""Characters that change what a reader sees: shown as a sign, so that they cannot.

Escape sequences repaint a terminal, direction marks turn text around, invisible characters make two names
look alike. Texts from outside pass here before they stand in a sentence or on a screen.
"""

import re
from typing import Final

_MISLEADING: Final = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\uffa0\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e01ef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def printable(text: str) -> str:
    """Return the text with a visible sign in place of each such character."""
    return _MISLEADING.sub("\ufffd", text)


def escaped(text: str) -> str:
    """Return JSON text with each such character but line ends as its escape, for programs and terminals."""
    return _MISLEADING.sub(lambda found: found[0] if found[0] == "\n" else _escape(found[0]), text)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
