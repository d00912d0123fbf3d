"""Take a value of the expected type out of parsed JSON, or say which member is wrong.

These are the gate between untyped input and typed code: behind them nothing is guessed.
"""

from boundary.strict_json import Json, JsonValue
from problems import MalformedValueError


def an_object(value: JsonValue, at: str) -> Json:
    if not isinstance(value, dict):
        raise MalformedValueError("shape.object_expected", at=at)
    return value


def a_text(value: JsonValue, at: str) -> str:
    if not isinstance(value, str):
        raise MalformedValueError("shape.text_expected", at=at)
    return value


def an_integer(value: JsonValue, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedValueError("shape.integer_expected", at=at)
    return value


def a_list(value: JsonValue, at: str) -> list[JsonValue]:
    if not isinstance(value, list):
        raise MalformedValueError("shape.list_expected", at=at)
    return value


def many(value: JsonValue) -> list[JsonValue]:
    """Return a list for what may be one or many; absent is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: JsonValue, at: str) -> list[str]:
    """Return one or many texts as a list."""
    return [a_text(item, at) for item in many(value)]
