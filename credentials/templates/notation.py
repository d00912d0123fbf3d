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
from typing import Final, TypeAlias

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


Filler: TypeAlias = Callable[[Json], Json]
_Fill: TypeAlias = Callable[[Json, JsonValue], JsonValue]
"""Gives what a node becomes, of the row and of the element of the nearest ``$each``; None for nothing."""


def fill(body: Json, row: Json) -> Json:
    """Return the body with the claims of ``row`` in its holes."""
    return compiled(body)(row)


def compiled(body: Json) -> Filler:
    """Return the function that fills the holes of ``body``: it is parsed once, and filled for each row."""
    fill_node = _node(body)

    def filler(row: Json) -> Json:
        filled = fill_node(row, None)
        return filled if isinstance(filled, dict) else {}

    return filler


def _node(node: JsonValue) -> _Fill:
    if isinstance(node, str):
        return _claim(node[1:]) if node.startswith("$") else _text(node)
    if isinstance(node, list):
        return _list(node)
    if isinstance(node, dict):
        return _object(node)
    return lambda _row, _element: node


def _claim(claim: str) -> _Fill:
    """The value of a claim; None when it is not there."""
    path, *filters = claim.split("|")
    names = tuple(filter(None, path.split(".")))
    of_element, steps = path.startswith("."), [_FILTERS[name] for name in filters]

    def read(row: Json, element: JsonValue) -> JsonValue:
        value = element if of_element else row
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        for step in steps:
            value = None if value is None else step(str(value))
        return value

    return read


def _text(text: str) -> _Fill:
    literals, holes = _HOLE.split(text)[::2], [_claim(hole) for hole in _HOLE.findall(text)]
    if not holes:
        return lambda _row, _element: text

    def write(row: Json, element: JsonValue) -> JsonValue:
        values = [hole(row, element) for hole in holes]
        if None in values:
            return None
        return literals[0] + "".join(
            f"{value}{after}" for value, after in zip(values, literals[1:], strict=True)
        )

    return write


def _list(nodes: list[JsonValue]) -> _Fill:
    parts = [_elements(node) for node in nodes]

    def collect(row: Json, element: JsonValue) -> JsonValue:
        filled: list[JsonValue] = [
            value for part in parts for value in part(row, element) if value is not None
        ]
        return filled or None

    return collect


def _elements(node: JsonValue) -> Callable[[Json, JsonValue], list[JsonValue]]:
    if not (isinstance(node, dict) and "$each" in node):
        fill_one = _node(node)
        return lambda row, element: [fill_one(row, element)]
    body: JsonValue = {name: value for name, value in node.items() if name != "$each"}
    rows_of, fill_each = _claim(str(node["$each"])[1:]), _node(body)

    def repeat(row: Json, element: JsonValue) -> list[JsonValue]:
        rows = rows_of(row, element)
        return [fill_each(row, one) for one in rows] if isinstance(rows, list) else []

    return repeat


def _object(node: Json) -> _Fill:
    if "$if" not in node:
        return _unconditional(node)
    condition = _claim(str(node["$if"])[1:])
    fill_rest = _unconditional({name: value for name, value in node.items() if name != "$if"})
    return lambda row, element: None if condition(row, element) is None else fill_rest(row, element)


def _unconditional(node: Json) -> _Fill:
    if "$value" in node:
        return _node(node["$value"])
    if "$one_or_many" in node:
        fill_list = _node(node["$one_or_many"])
        return lambda row, element: _one_or_many(fill_list(row, element))
    members = [(name, _node(value)) for name, value in node.items()]

    def build(row: Json, element: JsonValue) -> JsonValue:
        filled: Json = {}
        for name, fill_member in members:
            value = fill_member(row, element)
            if value is not None:
                filled[name] = value
        return filled or None

    return build


def _one_or_many(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
