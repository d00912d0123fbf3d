"""Claims path pointers (OpenID4VP 1.0 §7): names, positions, and null for every element of a list."""

from typing import TypeAlias

from boundary import limits
from boundary.strict_json import JsonValue
from problems import ProtocolError

Path: TypeAlias = tuple[str | int | None, ...]
Place: TypeAlias = tuple[str | int, ...]
"""Where something stands, without null."""


def read_path(value: JsonValue) -> Path:
    """Return the path that ``value`` spells; raise ProtocolError ``dcql.path``."""
    if not isinstance(value, list) or not 0 < len(value) <= limits.DCQL_PATH_STEPS:
        raise ProtocolError("dcql.path", error="invalid_request")
    return tuple(map(_step, value))


def _step(step: JsonValue) -> str | int | None:
    whole = isinstance(step, int) and not isinstance(step, bool) and step >= 0
    if step is not None and not isinstance(step, str) and not whole:
        raise ProtocolError("dcql.path", error="invalid_request")
    return step  # type: ignore[return-value]  # the three kinds that are left


def select(root: JsonValue, path: Path) -> list[tuple[Place, JsonValue]]:
    """Return what ``path`` leads to in a JSON-based credential, with where it stands (§7.1.1).

    What does not fit a step falls away; nothing left is an empty list.
    """
    found: list[tuple[Place, JsonValue]] = [((), root)]
    for step in path:
        found = [((*place, key), child) for place, node in found for key, child in _children(node, step)]
    return found


def _children(node: JsonValue, step: str | int | None) -> list[tuple[str | int, JsonValue]]:
    if isinstance(step, str):
        return [(step, node[step])] if isinstance(node, dict) and step in node else []
    if not isinstance(node, list):
        return []
    if step is None:
        return list(enumerate(node))
    return [(step, node[step])] if step < len(node) else []
