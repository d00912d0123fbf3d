"""Characters that no claim may hold.

Control characters and noncharacters are sorted and escaped differently by JavaScript and by others, so
that one document would have two canonical forms; invisible direction marks make a name read as another.
"""

import re
from typing import Final

from boundary.strict_json import JsonValue, write
from problems import MalformedValueError
from problems.characters import printable as printable

_UNPRINTABLE: Final = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def _unprintable(text: str) -> re.Match[str] | None:
    """What Python calls printable holds none of them, and is told at once."""
    return None if text.isprintable() else _UNPRINTABLE.search(text)


def refuse_unprintable(text: str, at: str) -> None:
    """Raise MalformedValueError when ``text``, found at ``at``, holds such a character."""
    if found := _unprintable(text):
        raise MalformedValueError("characters.refused", at=at, character=f"U+{ord(found[0]):04X}")


def refuse_unprintable_in(value: JsonValue) -> None:
    """Look through every text of a JSON value, member names included."""
    text = write(value)
    if "\\" in text or not text.isprintable():  # what JSON escapes may be one of them
        _refuse_unprintable_at(value)


def _refuse_unprintable_at(value: JsonValue) -> None:
    """Look at each text by itself, and say where it stands."""
    waiting = [(value, "")]
    while waiting:
        item, here = waiting.pop()
        if isinstance(item, str):
            refuse_unprintable(item, here)
        elif isinstance(item, list):
            waiting += [(element, f"{here}/{index}") for index, element in enumerate(item)]
        elif isinstance(item, dict):
            for name in item:
                refuse_unprintable(name, here)
            waiting += [(member, f"{here}/{name}") for name, member in item.items()]
