"""The one CBOR reader for what comes from outside: deterministic encoding (RFC 8949 §4.2.1), and less.

There is one spelling per value, so that no two readers can differ and no byte can be changed unnoticed:
shortest heads, definite lengths, keys in bytewise order, none twice, nothing after the end. Of the data
model there are integers of 64 bits, byte and text strings, arrays, maps, true, false and null. Tags and
floating-point numbers have no place in what we read; the one tag that COSE asks for is read there.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import cbor2

from boundary import limits
from problems import LimitError, MalformedValueError, ParsingError

Key: TypeAlias = int | str | bytes
Cbor: TypeAlias = int | str | bytes | list["Cbor"] | dict[Key, "Cbor"] | None
"""A CBOR value; bool is an int to Python."""

_BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(2, 8)
_PLAIN_SIMPLE: Final = (20, 21, 22)  # false, true, null
_ONE_BYTE, _RESERVED = 24, 28
_KEYS: Final = (int, str, bytes)


def read(data: bytes, *, limit: int = limits.CBOR_BYTES, any_order: bool = False) -> Cbor:
    """Return the value that ``data`` is the one encoding of.

    With ``any_order`` the keys of maps may come in any order, where a format does not ask for more.
    Raises LimitError ``cbor.too_large`` beyond ``limit`` bytes, ParsingError ``cbor.…``.
    """
    if len(data) > limit:
        raise LimitError("cbor.too_large", limit=limit)
    _walk(data)
    try:
        value: Cbor = cbor2.loads(data, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, TypeError) as error:  # TypeError: a list as a key
        raise ParsingError("cbor.malformed") from error
    if any(type(key) not in _KEYS for key in _keys(value)):  # to Python, true is 1
        raise ParsingError("cbor.unsupported")
    if (_encoded(value) if any_order else write(value)) != data:
        raise ParsingError("cbor.other_spelling")
    return value


def write(value: Cbor) -> bytes:
    """Return the deterministic encoding of ``value``."""
    return _encoded(_ordered(value))


def an_array(value: Cbor, at: str, size: int | None = None) -> list[Cbor]:
    """Return an array, of ``size`` elements if one is given; raise MalformedValueError naming ``at``."""
    if not isinstance(value, list) or size not in (None, len(value)):
        raise MalformedValueError("cbor.shape", at=at)
    return value


def a_map(value: Cbor, at: str) -> dict[Key, Cbor]:
    if not isinstance(value, dict):
        raise MalformedValueError("cbor.shape", at=at)
    return value


def some_bytes(value: Cbor, at: str, size: int | None = None) -> bytes:
    if not isinstance(value, bytes) or size not in (None, len(value)):
        raise MalformedValueError("cbor.shape", at=at)
    return value


def a_text(value: Cbor, at: str) -> str:
    if not isinstance(value, str):
        raise MalformedValueError("cbor.shape", at=at)
    return value


def an_integer(value: Cbor, at: str, least: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        raise MalformedValueError("cbor.shape", at=at)
    return value


def only(members: Mapping[Key, Cbor], allowed: frozenset[int], at: str) -> None:
    """Refuse a map with a key that is not one of ``allowed``."""
    if not members.keys() <= allowed:
        raise MalformedValueError("cbor.shape", at=at)


def _encoded(value: Cbor) -> bytes:
    return cbor2.dumps(value)


def _ordered(value: Cbor) -> Cbor:
    """§4.2.1: keys in the bytewise order of their encodings (cbor2's own order is that of RFC 7049)."""
    if isinstance(value, list):
        return [_ordered(element) for element in value]
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=_encoded)}
    return value


def _keys(value: Cbor) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(inner)


def _walk(data: bytes) -> None:
    """Go from head to head (§3) before the reader does: it makes dates, expressions and cycles of tags."""
    position, waiting = 0, [1]
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        waiting[-1] -= 1
        major, argument, position = _head(data, position)
        if major in (_BYTES, _TEXT):
            position += argument
        elif major in (_ARRAY, _MAP):
            waiting.append(argument * (2 if major == _MAP else 1))
        if len(waiting) > limits.CBOR_DEPTH:
            raise ParsingError("cbor.too_deep", limit=limits.CBOR_DEPTH)
        if position > len(data):
            raise ParsingError("cbor.malformed")
    if position != len(data):
        raise ParsingError("cbor.trailing_data")


def _head(data: bytes, position: int) -> tuple[int, int, int]:
    """Return major type, argument, and where the content begins."""
    if position >= len(data):
        raise ParsingError("cbor.malformed")
    major, short = data[position] >> 5, data[position] & 0x1F
    if major == _TAG or short >= _RESERVED or (major == _SIMPLE and short not in _PLAIN_SIMPLE):
        raise ParsingError("cbor.unsupported")
    size = 1 << short - _ONE_BYTE if short >= _ONE_BYTE else 0
    start = position + 1
    return major, int.from_bytes(data[start : start + size]) if size else short, start + size
