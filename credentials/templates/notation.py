"""How a body is written: JSON with holes.

``"$a.b"``
    the value of claim ``a.b``, of any JSON type
``"{a.b} text {c}"``
    a text with claims inside
``{"$each": "$xs", ...}``
    in a list: once for each element of ``xs``; inside, ``$.f`` and ``{.f}`` read the element
``{"$if": "$a", ...}``
    only when claim ``a`` is there
``{"$value": ...}``
    the value itself, beside ``$if`` or ``$each``
``{"$one_or_many": [...]}``
    a list, or its only element (ecdsa-sd-2023 compacts before it selects: a list of one disappears there)
``{"$include": "a b", ...}``
    the members of fragments ``a`` and ``b``

A filter may follow a claim: ``$valid_from|epoch``. A claim that is not there takes with it the member
or element that would hold it, and the object or list that would be left empty.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, JsonValue

_HOLE: Final = re.compile(r"\{([a-z_.][a-z0-9_.|]*)\}")


def _epoch(value: str) -> int:
    return int(dt.datetime.fromisoformat(value).timestamp())


_FILTERS: Final[Mapping[str, Callable[[str], JsonValue]]] = {"epoch": _epoch, "lower": str.lower}


def include(node: Json, fragments: Mapping[str, Json]) -> Json:
    """Return the body with every ``$include`` replaced by the members that it names."""
    members: Json = {}
    for name in str(node.get("$include", "")).split():
        members |= include(fragments[name], fragments)
    return members | {name: _include(value, fragments) for name, value in node.items() if name != "$include"}


def _include(node: JsonValue, fragments: Mapping[str, Json]) -> JsonValue:
    if isinstance(node, list):
        return [_include(element, fragments) for element in node]
    return include(node, fragments) if isinstance(node, dict) else node


@dataclass(frozen=True)
class _Scope:
    row: Json
    element: JsonValue = None

    def read(self, claim: str) -> JsonValue:
        """Return the value of a claim; None when it is not there."""
        path, *filters = claim.split("|")
        value = self.element if path.startswith(".") else self.row
        for name in filter(None, path.split(".")):
            value = value.get(name) if isinstance(value, dict) else None
        for name in filters:
            value = None if value is None else _FILTERS[name](str(value))
        return value


def fill(body: Json, row: Json) -> Json:
    """Return the body with the claims of ``row`` in its holes."""
    filled = _fill(body, _Scope(row))
    return filled if isinstance(filled, dict) else {}


def _fill(node: JsonValue, scope: _Scope) -> JsonValue:
    if isinstance(node, str):
        return scope.read(node[1:]) if node.startswith("$") else _fill_text(node, scope)
    if isinstance(node, list):
        return _fill_list(node, scope)
    if isinstance(node, dict):
        return _fill_object(node, scope)
    return node


def _fill_text(text: str, scope: _Scope) -> str | None:
    values = {hole: scope.read(hole) for hole in _HOLE.findall(text)}
    if None in values.values():
        return None
    return _HOLE.sub(lambda match: str(values[match[1]]), text)


def _fill_list(nodes: list[JsonValue], scope: _Scope) -> JsonValue:
    filled = [value for node in nodes for value in _elements(node, scope)]
    return [value for value in filled if value is not None] or None


def _elements(node: JsonValue, scope: _Scope) -> list[JsonValue]:
    if not (isinstance(node, dict) and "$each" in node):
        return [_fill(node, scope)]
    rows = scope.read(str(node["$each"])[1:])
    body: JsonValue = {name: value for name, value in node.items() if name != "$each"}
    return [_fill(body, _Scope(scope.row, row)) for row in rows] if isinstance(rows, list) else []


def _fill_object(node: Json, scope: _Scope) -> JsonValue:
    if "$if" in node and scope.read(str(node["$if"])[1:]) is None:
        return None
    if "$value" in node:
        return _fill(node["$value"], scope)
    if "$one_or_many" in node:
        return _one_or_many(_fill(node["$one_or_many"], scope))
    filled = {name: _fill(value, scope) for name, value in node.items() if name != "$if"}
    return {name: value for name, value in filled.items() if value is not None} or None


def _one_or_many(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
