"""What a row of claims may hold: the rules of ``_claims.toml``, and the check of a row against them.

A row is refused for a claim that is missing, unknown, of the wrong type, too long, not in its table of
codes, or made of characters that cannot be signed alike everywhere.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from boundary.strict_json import Json, JsonValue
from credentials.characters import refuse_unprintable
from credentials.nir import looks_like_nir
from credentials.templates.codes import code_tables
from problems import MalformedValueError
from problems.sentences import Fact


@dataclass(frozen=True, eq=False)
class ClaimRule:
    """One claim: its type, and what is asked of it (see ``_claims.toml``)."""

    type: str
    required: bool = False
    many: bool = False
    most: int = 500
    codes: str = ""
    max: int = 2_000
    needs: tuple[str, ...] = ()


ClaimRules = Mapping[str, ClaimRule]

_URI: Final = r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"
_PATTERNS: Final = {
    "uri": _URI,
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "date": r"(19|20)\d\d-\d\d-\d\d",
    "duration": r"P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?)?",
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*",
    "digest": r"[uz][A-Za-z0-9_-]{20,120}",
    "index": r"0|[1-9][0-9]{0,9}",
    "siret": r"[0-9]{14}",
    "ref": r"s[0-9]{1,3}",
    "holder_id": r"did:(key|jwk):[A-Za-z0-9._-]+|urn:uuid:[0-9a-f-]{36}",
    "certification_code": r"RNCP[0-9]{1,6}(BC[0-9]{2,3})?|RS[0-9]{1,6}",
    "certification_code_or_all": r"RNCP[0-9]{1,6}(BC[0-9]{2,3})?|RS[0-9]{1,6}|\*",
    "text": r".*",
    "code": r".*",
}
_COMPILED: Final = {name: re.compile(pattern, re.ASCII) for name, pattern in _PATTERNS.items()}


@cache
def claim_sets() -> Mapping[str, ClaimRules]:
    """Return the sets of claims that templates name."""
    return {name: parse_rules(table) for name, table in _document()["set"].items()}


@cache
def shapes() -> Mapping[str, ClaimRules]:
    """Return the claims that are made of claims."""
    return {name: parse_rules(table) for name, table in _document()["shape"].items()}


def parse_rules(table: dict[str, Any]) -> ClaimRules:
    """Return the rules that a TOML table of ours holds; a misspelt rule is a TypeError at load."""
    return {
        name: ClaimRule(**{**members, "needs": tuple(members.get("needs", ()))})
        for name, members in table.items()
    }


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(files("credentials.templates").joinpath("_claims.toml").read_text("utf-8"))


def check_claims(rules: ClaimRules, row: Json, at: str = "") -> None:
    """Return when ``row`` keeps every rule; a claim that is null counts as absent.

    Raises MalformedValueError naming the claim (never its value).
    """
    if not _fits(_Same(rules))(row):
        _refuse_claims(rules, row, at)


class _Same:
    """Rules as themselves: a mapping cannot be looked up by."""

    __slots__ = ("rules",)

    def __init__(self, rules: ClaimRules) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rules is other.rules


@lru_cache(maxsize=256)
def _fits(same: _Same) -> Callable[[JsonValue], bool]:
    """Return the function that says whether a row keeps the rules, and never what is wrong."""
    checks = {name: _claim_fits(rule) for name, rule in same.rules.items()}
    required = [name for name, rule in same.rules.items() if rule.required]
    needs = [(name, rule.needs) for name, rule in same.rules.items() if rule.needs]

    def fits(row: JsonValue) -> bool:
        if not isinstance(row, dict):
            return False
        for name, value in row.items():
            if value is not None and (name not in checks or not checks[name](value)):
                return False
        return all(row.get(name) is not None for name in required) and all(
            row.get(name) is None or all(row.get(other) is not None for other in others)
            for name, others in needs
        )

    return fits


def _claim_fits(rule: ClaimRule) -> Callable[[JsonValue], bool]:
    fits = _value_fits(rule)
    if not rule.many:
        return fits
    return lambda value: isinstance(value, list) and 0 < len(value) <= rule.most and all(map(fits, value))


def _value_fits(rule: ClaimRule) -> Callable[[JsonValue], bool]:
    if rule.type in shapes():
        return _fits(_Same(shapes()[rule.type]))
    if rule.type in _PATTERNS:
        return lambda value: isinstance(value, str) and _is_sound(rule, value)
    return lambda value: _is_plain(rule.type, value)


def _refuse_claims(rules: ClaimRules, row: Json, at: str) -> None:
    """Raise what is wrong with the row, in the order of the rules."""
    there: Json = {name: value for name, value in row.items() if value is not None}
    for name in there.keys() - rules.keys():
        raise _wrong("unknown", f"{at}{name}")
    for name, rule in rules.items():
        if name in there:
            _check_needs(rule, there, at, name)
            _check_claim(rule, there[name], f"{at}{name}")
        elif rule.required:
            raise _wrong("missing", f"{at}{name}")


def _check_needs(rule: ClaimRule, there: Json, at: str, name: str) -> None:
    for needed in rule.needs:
        if needed not in there:
            raise _wrong("needs", f"{at}{name}", needed=f"{at}{needed}")


def _check_claim(rule: ClaimRule, value: JsonValue, at: str) -> None:
    if not rule.many:
        return _check_value(rule, value, at)
    if not isinstance(value, list) or not value:
        raise _wrong("type", at, expected="list")
    if len(value) > rule.most:
        raise _wrong("too_many", at, limit=rule.most)
    for position, element in enumerate(value):
        _check_value(rule, element, f"{at}.{position}")
    return None


def _check_value(rule: ClaimRule, value: JsonValue, at: str) -> None:
    if rule.type in shapes():
        if not isinstance(value, dict):
            raise _wrong("type", at, expected=rule.type)
        _refuse_claims(shapes()[rule.type], value, f"{at}.")
    elif rule.type in _PATTERNS:
        _check_text(rule, value, at)
    elif not _is_plain(rule.type, value):
        raise _wrong("type", at, expected=rule.type)


def _is_plain(type_: str, value: JsonValue) -> bool:
    match type_:
        case "true":
            return value is True
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    raise ValueError(f"no claim type {type_}")


def _check_text(rule: ClaimRule, value: JsonValue, at: str) -> None:
    if not isinstance(value, str):
        raise _wrong("type", at, expected=rule.type)
    if not _is_sound(rule, value):
        _refuse_text(rule, value, at)


@lru_cache(maxsize=1024)  # most texts of a row stand in the rows around it too
def _is_sound(rule: ClaimRule, text: str) -> bool:
    try:
        _refuse_text(rule, text, "")
    except MalformedValueError:
        return False
    return True


def _refuse_text(rule: ClaimRule, value: str, at: str) -> None:
    """Return when the text is what its rule asks for; raise what is wrong with it otherwise."""
    if not value.strip():
        raise _wrong("blank", at)
    if len(value) > rule.max:
        raise _wrong("too_long", at, limit=rule.max)
    refuse_unprintable(value, at)
    if not _COMPILED[rule.type].fullmatch(value):
        raise _wrong("type", at, expected=rule.type)
    if rule.codes and value not in code_tables()[rule.codes]:
        raise _wrong("code", at, table=rule.codes)
    if rule.type in ("date", "datetime"):
        _check_moment(value, at)
    if rule.type in ("text", "uri") and looks_like_nir(value):
        raise _wrong("national_number", at)


def _check_moment(value: str, at: str) -> None:
    try:
        dt.datetime.fromisoformat(value)
    except ValueError:
        raise _wrong("date", at) from None


def _wrong(what: str, at: str, **facts: Fact) -> MalformedValueError:
    return MalformedValueError(f"claim.{what}", at=at, **facts)
