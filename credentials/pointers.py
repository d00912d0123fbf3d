"""Places in a document: JSON pointers (RFC 6901) and SD-JWT paths, as patterns and as what is there.

In a pattern ``*`` is every element of a list; ``*[member=value]`` every element with that member, and
several brackets must all hold.
"""

import re
from collections.abc import Sequence
from functools import reduce
from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials.templates import SdPath, Step

Place = SdPath
"""Member names and positions from the top of a document."""

_CONDITION: Final = re.compile(r"\[(\w+)=([^\]]+)\]")


def expand_pointer(document: Json, pattern: str) -> list[Place]:
    """Return the places in ``document`` that the pointer pattern names; none when it is not there."""
    return expand_path(document, pattern.split("/")[1:])


def expand_path(document: Json, pattern: Sequence[str]) -> list[Place]:
    """Return the places in ``document`` that the path pattern names; none when it is not there."""
    places: list[Place] = [()]
    for step in pattern:
        places = [(*place, here) for place in places for here in _steps(value_at(document, place), step)]
    return places


def _steps(node: JsonValue, step: str) -> list[Step]:
    if isinstance(node, dict):
        return [step] if step in node else []
    if not isinstance(node, list):
        return []
    if step.startswith("*"):
        conditions = _CONDITION.findall(step)
        return [index for index, element in enumerate(node) if _holds(element, conditions)]
    return [int(step)] if step.isascii() and step.isdecimal() and int(step) < len(node) else []


def _holds(element: JsonValue, conditions: list[tuple[str, str]]) -> bool:
    if not conditions:
        return True
    return isinstance(element, dict) and all(element.get(name) == value for name, value in conditions)


def value_at(document: JsonValue, place: Place) -> JsonValue:
    """Return what stands at a place that :func:`expand_pointer` or :func:`expand_path` gave."""
    return reduce(_child, place, document)


def _child(node: JsonValue, step: Step) -> JsonValue:
    if isinstance(node, dict):
        return node[str(step)]
    if isinstance(node, list):
        return node[int(step)]
    raise KeyError(step)


def pointer_to(place: Place) -> str:
    """Return the place as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)
