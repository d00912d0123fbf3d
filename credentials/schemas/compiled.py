"""A schema of ours as one function that says at once that a document keeps it.

An interpreter of JSON Schema takes a hundred times as long as the signature. Here each schema becomes a
function, once per process. It is sure when it says yes; when it says no, the library decides, and says
what is wrong: nothing is refused or explained by what stands here.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from boundary.shape import a_list, a_text, an_integer, an_object, many, texts
from boundary.strict_json import Json, JsonValue

Check: TypeAlias = Callable[[JsonValue], bool]


def compiled(schema: Json, others: Mapping[str, Json]) -> Check:
    """Return the function of ``schema``; its references lead into ``others``, by ``$id``, or into itself.

    Raises ValueError for a keyword that is not translated here.
    """
    identity = a_text(schema.get("$id"), "$id")
    return _Compiler({**others, identity: schema}, identity).check(schema)


@dataclass
class _Shape:
    """What a schema, and those that it includes, ask of the members of one object."""

    checks: list[Check] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    members: dict[str, list[Check]] = field(default_factory=dict)
    closed: list[frozenset[str]] = field(default_factory=list)
    """Sets of names beside which there may be no other member."""


@dataclass(frozen=True)
class _Compiler:
    documents: Mapping[str, Json]
    base: str

    def check(self, schema: JsonValue) -> Check:
        shape = _Shape()
        self._gather(an_object(schema, "schema"), shape)
        if shape.required or shape.members or shape.closed:
            shape.checks.append(_members(shape))
        return _all(shape.checks)

    def _gather(self, schema: Json, shape: _Shape) -> frozenset[str]:
        """Add what ``schema`` asks to ``shape``; return the names of the members that it knows."""
        own = an_object(schema.get("properties", {}), "properties")
        known = set(own)
        for included in many(schema.get("allOf")):
            known |= self._gather(an_object(included, "allOf"), shape)
        if "$ref" in schema:
            there, target = self._follow(a_text(schema["$ref"], "$ref"))
            known |= there._gather(target, shape)
        for name, inner in own.items():
            shape.members.setdefault(name, []).append(self.check(inner))
        shape.required |= set(texts(schema.get("required"), "required"))
        for keyword, names in (("additionalProperties", frozenset(own)), ("unevaluatedProperties", known)):
            if _closes(schema, keyword):
                shape.closed.append(frozenset(names))
        shape.checks += [
            self._keyword(name, schema) for name in schema if name not in _GATHERED and name not in _SILENT
        ]
        return frozenset(known)

    def _keyword(self, name: str, schema: Json) -> Check:
        value = schema[name]
        if name in _PLAIN:
            return _PLAIN[name](value)
        match name:
            case "items":
                return _elements(all, self.check(value))
            case "contains":
                return _elements(any, self.check(value))
            case "anyOf":
                return _any([self.check(one) for one in a_list(value, name)])
            case "if" if _is_exact(value) and "else" not in schema:
                return _implies(self.check(value), self.check(schema.get("then", {})))
        raise ValueError(name)

    def _follow(self, reference: str) -> tuple["_Compiler", Json]:
        """Return the schema that is meant; the documents of ours stand side by side, each in its folder."""
        place, _, pointer = reference.partition("#")
        base = self.base
        if place:
            base = next(name for name in self.documents if name.endswith(place.removeprefix("..")))
        target: JsonValue = self.documents[base]
        for step in pointer.split("/")[1:]:
            target = an_object(target, pointer)[step]
        return _Compiler(self.documents, base), an_object(target, pointer)


_SILENT: Final = frozenset({"$schema", "$id", "$comment", "$defs", "title"})
_GATHERED: Final = frozenset(
    {"$ref", "allOf", "properties", "required", "additionalProperties", "unevaluatedProperties", "then"}
)
_TYPES: Final[Mapping[str, type]] = {
    "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
}  # fmt: skip


def _closes(schema: Json, keyword: str) -> bool:
    if schema.get(keyword, True) not in (True, False):
        raise ValueError(keyword)
    return not schema.get(keyword, True)


def _members(shape: _Shape) -> Check:
    required = frozenset(shape.required)
    members = {name: _all(checks) for name, checks in shape.members.items()}
    allowed = frozenset.intersection(*shape.closed) if shape.closed else None

    def check(value: JsonValue) -> bool:
        if not isinstance(value, dict):
            return True
        names = value.keys()
        if not required <= names or (allowed is not None and not names <= allowed):
            return False
        for name, inner in value.items():
            found = members.get(name)
            if found is not None and not found(inner):
                return False
        return True

    return check


def _all(checks: Sequence[Check]) -> Check:
    if not checks:
        return lambda _: True
    if len(checks) == 1:
        return checks[0]
    first, rest = checks[0], _all(checks[1:])
    return lambda value: first(value) and rest(value)


def _any(checks: Sequence[Check]) -> Check:
    return lambda value: any(check(value) for check in checks)


def _implies(condition: Check, consequence: Check) -> Check:
    return lambda value: consequence(value) or not condition(value)


def _is_exact(schema: JsonValue) -> bool:
    """Whether the function of a schema is sure of its no as well: then it may stand in an ``if``."""
    if not isinstance(schema, dict) or not schema.keys() <= {"properties", "required", "const", "enum"}:
        return False
    return all(map(_is_exact, an_object(schema.get("properties", {}), "properties").values()))


def _elements(quantifier: Callable[[list[bool]], bool], check: Check) -> Check:
    return lambda value: not isinstance(value, list) or quantifier([check(element) for element in value])


def _type(expected: JsonValue) -> Check:
    kinds = tuple(_TYPES[name] for name in texts(expected, "type"))
    if int in kinds:  # True is no integer
        return lambda value: isinstance(value, kinds) and not isinstance(value, bool)
    return lambda value: isinstance(value, kinds)


def _const(expected: JsonValue) -> Check:
    """Only of texts, lists of texts and truth values: for Python 1 is True."""
    if isinstance(expected, bool):
        return lambda value: value is expected
    texts(expected, "const")
    return lambda value: value == expected


def _enum(expected: JsonValue) -> Check:
    values = frozenset(texts(expected, "enum"))
    return lambda value: isinstance(value, str) and value in values


def _dependent(expected: JsonValue) -> Check:
    needs = {name: frozenset(texts(needed, name)) for name, needed in an_object(expected, "needs").items()}
    return lambda value: (
        not isinstance(value, dict)
        or all(name not in value or needed <= value.keys() for name, needed in needs.items())
    )


def _pattern(expected: JsonValue) -> Check:
    search = re.compile(a_text(expected, "pattern")).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _sized(kind: type[Sized], compare: Callable[[int, int], bool]) -> Callable[[JsonValue], Check]:
    def made(expected: JsonValue) -> Check:
        bound = an_integer(expected, "size")
        return lambda value: not isinstance(value, kind) or compare(len(value), bound)

    return made


def _valued(compare: Callable[[float, float], bool]) -> Callable[[JsonValue], Check]:
    def made(expected: JsonValue) -> Check:
        bound = an_integer(expected, "value")
        return lambda value: not isinstance(value, (int, float)) or compare(value, bound)

    return made


def _unique(expected: JsonValue) -> Check:
    """Sure of lists of texts only."""
    return lambda value: (
        not (expected and isinstance(value, list))
        or (all(isinstance(element, str) for element in value) and len(set(map(str, value))) == len(value))
    )


_PLAIN: Final[Mapping[str, Callable[[JsonValue], Check]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _sized(str, operator.ge),
    "maxLength": _sized(str, operator.le),
    "minItems": _sized(list, operator.ge),
    "maxItems": _sized(list, operator.le),
    "uniqueItems": _unique,
    "minProperties": _sized(dict, operator.ge),
    "minimum": _valued(operator.ge),
    "maximum": _valued(operator.le),
    "dependentRequired": _dependent,
}
