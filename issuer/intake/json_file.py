"""Rows of claims as JSON, for whatever has no other file: any template, claims as the template takes them.

One object or a list of objects ``{"template", "reference", "claims"}``. A certification is given by its
code; what the register says of it is the register's to say. An object with ``@context`` is a JSON-LD
credential that the certifier built, to be signed as it is.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import rfc8785

from boundary import files, limits, strict_json
from boundary.strict_json import Json, JsonValue
from credentials import templates
from credentials.nir import looks_like_nir
from issuer.intake.characters import is_garbled, is_sound
from issuer.intake.judge import PIPELINE, Repeats, check_row
from issuer.intake.record import Cell, Record
from issuer.intake.rows import READY, Finding, Place, Reading, Row, has_error, shown_name
from issuer.intake.rules import CLAIM_RULES, Case, judge
from problems import InputError, LimitError
from skills.certification import Certification
from skills.register import Register

_MEMBERS: Final = frozenset({"template", "reference", "claims"})


def read(path: Path, register: Register, today: date) -> Iterator[Reading]:
    """Yield a reading per row.

    Raises the problems of :mod:`boundary.strict_json`, LimitError beyond the limits of a file, InputError
    when there is no row at all.
    """
    data = files.read(path, limit=limits.ROWS_JSON_BYTES)
    value = strict_json.read(data, limit=limits.ROWS_JSON_BYTES)
    rows = value if isinstance(value, list) else [value]
    if not rows:
        raise InputError("rows.none")
    if len(rows) > limits.IMPORT_ROWS:
        raise LimitError("intake.too_many_rows", limit=limits.IMPORT_ROWS)
    desk = _Reader(shown_name(path), register, today)
    starts = _starts(data.decode("utf-8"), 1 if isinstance(value, list) else 0)
    for line, row in zip(starts, rows, strict=False):
        yield desk.reading(row, line)


def one(row: Json, name: str, register: Register, today: date) -> Reading:
    """Return the reading of a single row, which is called ``name`` where findings tell their place."""
    return _Reader(name, register, today).reading(row, 1)


_MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}\n]|[^\s,:\]\[{}"]+')


def _starts(text: str, depth: int) -> Iterator[int]:
    """Yield the line on which each value at ``depth`` brackets starts. The text is sound JSON."""
    line, level = 1, 0
    for found in _MARKS.finditer(text):
        mark = found[0]
        if mark == "\n":
            line += 1
        elif mark in ("]", "}"):
            level -= 1
        else:
            if level == depth:
                yield line
            level += mark in ("[", "{")


@dataclass
class _Reader:
    file: str
    register: Register
    today: date

    def __post_init__(self) -> None:
        self._repeats = Repeats()

    def reading(self, value: JsonValue, line: int) -> Reading:
        place = Place(self.file, line)
        if not isinstance(value, dict):
            return _refused(Finding("rows.not_a_row", place))
        if leaked := list(_unsound(value, place, "")):
            return _refused(*leaked)
        return self._credential(value, place) if "@context" in value else self._row(value, place)

    def _credential(self, document: Json, place: Place) -> Reading:
        """Take a credential that is built already, under its own id or else under its digest."""
        given = document.get("id")
        reference = given if isinstance(given, str) else hashlib.sha256(rfc8785.dumps(document)).hexdigest()
        place = replace(place, reference=reference)
        record = Record(place, {"reference": Cell(reference, "id", place.line)})
        found = tuple(self._repeats.of(record, sound=False))
        return Reading(None if has_error(found) else Row(place, reference, READY, document), found)

    def _row(self, value: Json, place: Place) -> Reading:
        template, reference, claims = value.get("template"), value.get("reference"), value.get("claims")
        if not isinstance(claims, dict):
            return _refused(Finding("rows.not_a_row", place))
        if not isinstance(template, str) or template not in templates.names():
            known = ", ".join(templates.names())
            return _refused(Finding("rows.template_unknown", place, "error", {"expected": known}))
        if value.keys() - _MEMBERS:
            return _refused(Finding("rows.not_a_row", place))
        place = replace(place, reference=reference if isinstance(reference, str) else None)
        claims, certification, found = self._certified(claims, place)
        record = _record(claims, place)
        case = Case(record, certification, template, self.today)
        found = [*found, *_reserved(claims, place), *judge(case, CLAIM_RULES)]
        row = Row(place, record.reference, template, claims)
        if not has_error(found):
            found += check_row(row)
        found += self._repeats.of(record, sound=not has_error(found))
        return Reading(None if has_error(found) else row, tuple(found))

    def _certified(self, claims: Json, place: Place) -> tuple[Json, Certification | None, list[Finding]]:
        """Put what the register says in place of a certification's code, and the whole of a bloc."""
        given = claims.get("certification")
        code = given.get("code") if isinstance(given, dict) else given
        certification = self.register.find(code) if isinstance(code, str) else None
        if certification is None:
            return claims, None, []
        if isinstance(given, dict) and given != certification.claims():
            differs = replace(place, field="certification")
            return claims, certification, [Finding("rows.certification_differs", differs)]
        completed = {**claims, "certification": certification.claims()}
        if certification.part_of:
            completed["part_of"] = {"code": certification.part_of.code, "name": certification.part_of.name}
        return completed, certification, []


def _refused(*findings: Finding) -> Reading:
    return Reading(None, findings)


def _reserved(claims: Json, place: Place) -> Iterator[Finding]:
    for claim in sorted(PIPELINE & claims.keys()):
        yield Finding("rows.reserved", replace(place, field=claim), "error", {"claim": claim})


def _unsound(value: JsonValue, place: Place, at: str) -> Iterator[Finding]:
    """Look through every text, member names included; only names of ours are repeated."""
    here = replace(place, field=at or None)
    if isinstance(value, str):
        if looks_like_nir(value):
            yield Finding("row.nir", here)
        elif not is_sound(value):
            yield Finding("row.characters", here)
        elif is_garbled(value):
            yield Finding("row.garbled", here)
    elif isinstance(value, int | float) and looks_like_nir(f"{value:.0f}"):
        yield Finding("row.nir", here)
    elif isinstance(value, list):
        for element in value:
            yield from _unsound(element, place, at)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _unsound(name, place, at)
            known = re.fullmatch(r"[a-z_]{1,40}", name)
            yield from _unsound(member, place, (f"{at}." if at else "") + (name if known else "…"))


_CELLS: Final[Mapping[str, str]] = {
    "birth_family_name": "birth_name",
    "family_name": "usual_name",
    "given_name": "given_name",
    "birthdate": "birthdate",
    "awarded": "awarded",
    "valid_until": "valid_until",
    "admission_mode": "admission_mode",
    "access_route": "access_route",
    "vae_route": "vae_route",
    "certification.code": "code",
    "exam.start": "exam_start",
    "exam.end": "exam_end",
    "training.start": "start",
    "training.end": "end",
    "cefr.overall": "cefr",
    "digcomp.overall": "digcomp_overall",
    "score.value": "score",
    "evidence.url": "evidence_url",
    "achievement.id": "title",
}


def _record(claims: Json, place: Place) -> Record:
    """The same rules hold of claims: show them as a record."""
    cells = {"reference": Cell(place.reference or "", "reference", place.line)}
    for path, name in _CELLS.items():
        value = _at(claims, path)
        if isinstance(value, str) and value:
            text = value[:10] if name == "valid_until" else value
            cells[name] = Cell(text, path, place.line)
    if isinstance(code := claims.get("certification"), str):
        cells["code"] = Cell(code, "certification", place.line)
    return Record(place, cells)


def _at(claims: Json, path: str) -> JsonValue:
    value: JsonValue = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
