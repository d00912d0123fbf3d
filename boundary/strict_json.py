"""The one JSON reader for what comes from outside (I-JSON, RFC 7493, and stricter).

Two readers that disagree about a document are a hole: one checks, the other acts. So whatever
readers are known to treat differently is refused: duplicate names, NaN and infinities, integers
beyond 2^53, numbers that overflow, lone surrogates, byte order marks, deep nesting.
"""

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Final, NoReturn, TypeAlias

from boundary import limits
from problems import LimitError, ParsingError

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None
Json: TypeAlias = dict[str, JsonValue]


def read(data: bytes | str, *, limit: int = limits.JSON_BYTES) -> JsonValue:
    """Return the value that ``data`` holds.

    Raises LimitError when it is longer than ``limit`` bytes, ParsingError for everything else.
    """
    text = _text(data, limit)
    _refuse_depth(text)
    try:
        value = _parsed(text)
    except json.JSONDecodeError as error:
        raise ParsingError("json.syntax", line=error.lineno, column=error.colno) from None
    if _may_hold_surrogates(text):
        _refuse_surrogates(value)
    return value


def _parsed(text: str) -> JsonValue:
    """Nearly all JSON has no space around it; what has, or is wrong, goes the whole way."""
    try:
        value, end = _DECODER.raw_decode(text)
    except json.JSONDecodeError:
        value, end = None, -1
    parsed: JsonValue = value if end == len(text) else _DECODER.decode(text)
    return parsed


def read_object(data: bytes | str, *, limit: int = limits.JSON_BYTES) -> Json:
    """Like :func:`read`, and refuse anything but an object at the top."""
    value = read(data, limit=limit)
    if not isinstance(value, dict):
        raise ParsingError("json.not_an_object")
    return value


def write(value: JsonValue) -> str:
    """Return compact JSON with characters as themselves."""
    if _WRITE_IN_C is None:
        return _ENCODER.encode(value)
    return "".join(_WRITE_IN_C(value, 0))


def encode(value: JsonValue) -> bytes:
    """Return the bytes of :func:`write`, which :func:`read` will give back as they are.

    Raises what reading them would raise, ParsingError or LimitError, without reading them.
    """
    refuse_unreadable(value)
    try:
        data = write(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ParsingError("json.lone_surrogate") from None
    if len(data) > limits.JSON_BYTES:
        raise LimitError("json.too_large", limit=limits.JSON_BYTES)
    return data


def refuse_unreadable(value: JsonValue, depth: int = 0) -> None:
    """Raise ParsingError for numbers and depths of our own that :func:`read` would refuse."""
    if isinstance(value, dict):
        _refuse_unreadable_in(value.values(), depth)
    elif isinstance(value, list):
        _refuse_unreadable_in(value, depth)
    elif isinstance(value, (int, float)) and not abs(value) <= limits.JSON_INTEGER:  # "not": NaN is refused
        raise ParsingError("json.number_out_of_range")


def _refuse_unreadable_in(values: Iterable[JsonValue], depth: int) -> None:
    if depth == limits.JSON_DEPTH:
        raise ParsingError("json.too_deep", limit=limits.JSON_DEPTH)
    for value in values:
        if not isinstance(value, str):  # most are, and those say nothing here
            refuse_unreadable(value, depth + 1)


def _text(data: bytes | str, limit: int) -> str:
    if len(data) > limit:
        raise LimitError("json.too_large", limit=limit)
    if isinstance(data, str):
        text = data
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParsingError("json.not_utf8", position=error.start) from None
    if text.startswith("\ufeff"):
        raise ParsingError("json.byte_order_mark")
    return text


_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, or what begins as one and never ends."""
_BRACKET: Final = re.compile(r"[][{}]")


def _refuse_depth(text: str) -> None:
    """Count brackets outside strings, before the recursive reader meets them."""
    if text.count("[") + text.count("{") <= limits.JSON_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > limits.JSON_DEPTH:
            raise ParsingError("json.too_deep", limit=limits.JSON_DEPTH)


def _object(pairs: list[tuple[str, JsonValue]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParsingError("json.duplicate_name", name=twice[:80].encode("utf-8", "replace").decode())
    return value


def _integer(digits: str) -> int:
    if len(digits) > limits.JSON_NUMBER_CHARS or abs(int(digits)) > limits.JSON_INTEGER:
        raise ParsingError("json.number_out_of_range")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits) if len(digits) <= limits.JSON_NUMBER_CHARS else math.inf
    if not math.isfinite(value) or abs(value) > limits.JSON_INTEGER:
        raise ParsingError("json.number_out_of_range")
    return value


def _constant(name: str) -> NoReturn:
    raise ParsingError("json.not_a_number", name=name)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant
)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_MAKE_IN_C: Final = getattr(json.encoder, "c_make_encoder", None)  # CPython has it
_WRITE_IN_C: Final[Callable[[JsonValue, int], Iterable[str]] | None] = _MAKE_IN_C and _MAKE_IN_C(
    None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", False, False, False
)
"""What ``_ENCODER`` makes anew for each value, which takes longer than to write a small one."""


def _may_hold_surrogates(text: str) -> bool:
    """A lone surrogate comes by an escape, or stood in a text that never was bytes."""
    if "\\u" in text:
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _refuse_surrogates(value: JsonValue) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            _refuse_surrogate(item)
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            for name in item:
                _refuse_surrogate(name)
            waiting.extend(item.values())


def _refuse_surrogate(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ParsingError("json.lone_surrogate") from None
