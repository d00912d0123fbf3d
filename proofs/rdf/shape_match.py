"""Whether a document has the shape of another, and which texts stand where that one's texts stood.

A shape fixes everything but those texts: the names of all members, the lengths of all lists, types,
contexts, numbers. So the documents of one shape differ in nothing on which the walk could take another turn.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, TypeAlias

from boundary.strict_json import Json, JsonValue

Path: TypeAlias = tuple[str | int, ...]


class Mismatch(Exception):
    """The document has another shape."""


class Matcher(ABC):
    """The value at one place."""

    @abstractmethod
    def read(self, value: JsonValue, found: list[Any]) -> None:
        """Add the open texts of ``value`` to ``found``; raise Mismatch, KeyError when it does not match."""


class _Object(Matcher):
    def __init__(self, fixed: Json, texts: Sequence[str], inner: Sequence[tuple[str, Matcher]]) -> None:
        self._size = len(fixed) + len(texts) + len(inner)
        self._fixed, self._expected = getter(list(fixed)), tuple(fixed.values())
        self._texts, self._inner = getter(texts), inner

    def read(self, value: JsonValue, found: list[Any]) -> None:
        if type(value) is not dict or len(value) != self._size or self._fixed(value) != self._expected:
            raise Mismatch
        found += self._texts(value)
        for name, matcher in self._inner:
            matcher.read(value[name], found)


class _List(Matcher):
    def __init__(self, items: Sequence[Matcher]) -> None:
        self._items = items

    def read(self, value: JsonValue, found: list[Any]) -> None:
        if type(value) is not list or len(value) != len(self._items):
            raise Mismatch
        for matcher, item in zip(self._items, value, strict=True):
            matcher.read(item, found)


class _Text(Matcher):
    def read(self, value: JsonValue, found: list[Any]) -> None:
        found.append(value)


class _Same(Matcher):
    """A number, a truth value or null: 1, 1.0 and True are equal in Python, and three things in JSON."""

    def __init__(self, value: JsonValue) -> None:
        self._expected = repr(value)

    def read(self, value: JsonValue, found: list[Any]) -> None:
        del found
        if isinstance(value, dict | list) or repr(value) != self._expected:
            raise Mismatch


def matcher_of(value: JsonValue, at: Path, opened: Mapping[Path, object], order: list[Path]) -> Matcher:
    """Return the matcher of what has the shape of ``value``, with open texts at the paths of ``opened``.

    ``order`` receives those paths as they will be read.
    """
    if isinstance(value, dict):
        return _object_matcher(value, at, opened, order)
    if isinstance(value, list):
        return _List([matcher_of(item, (*at, place), opened, order) for place, item in enumerate(value)])
    if at in opened:
        order.append(at)
        return _Text()
    return _Same(value)


def _object_matcher(value: Json, at: Path, opened: Mapping[Path, object], order: list[Path]) -> Matcher:
    texts = [name for name in value if (*at, name) in opened]
    order += [(*at, name) for name in texts]
    fixed: Json = {
        name: member
        for name, member in value.items()
        if name not in texts and _is_fixed(member, (*at, name), opened)
    }
    inner = [name for name in value if name not in texts and name not in fixed]
    return _Object(
        fixed, texts, [(name, matcher_of(value[name], (*at, name), opened, order)) for name in inner]
    )


def _is_fixed(value: JsonValue, at: Path, opened: Mapping[Path, object]) -> bool:
    """Whether a value can be compared at once: a text, or a list of texts, none of them open."""
    if isinstance(value, list):
        places = enumerate(value)
        return all(isinstance(item, str) and (*at, place) not in opened for place, item in places)
    return isinstance(value, str)


def texts_of(value: JsonValue, at: Path = ()) -> Iterator[Path]:
    """Yield the path of every text in ``value``."""
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from texts_of(member, (*at, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from texts_of(item, (*at, place))


def text_at(value: Any, path: Path) -> str:
    for step in path:
        value = value[step]
    return str(value)


def replaced(value: JsonValue, by: Mapping[Path, str], at: Path = ()) -> JsonValue:
    """Return ``value`` with other texts at some paths."""
    if isinstance(value, dict):
        return {name: replaced(member, by, (*at, name)) for name, member in value.items()}
    if isinstance(value, list):
        return [replaced(item, by, (*at, place)) for place, item in enumerate(value)]
    return by.get(at, value)


_NOTHING: Final[tuple[Any, ...]] = ()


def getter(keys: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the members at ``keys`` out of a mapping or a sequence, as a tuple."""
    if not keys:
        return lambda _: _NOTHING
    if len(keys) == 1:
        [key] = keys
        return lambda value: (value[key],)
    return itemgetter(*keys)
