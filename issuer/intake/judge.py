"""From records to readings: the rules, what only the whole file shows, and the claims."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from hashlib import blake2b
from typing import Final

from credentials.templates import check_claims, load
from credentials.templates.claims import ClaimRules
from issuer.intake.claims import claims_of
from issuer.intake.record import Record
from issuer.intake.rows import Finding, Place, Reading, Row, has_error
from issuer.intake.rules import Case, judge
from problems import MalformedValueError
from skills.register import Register

PIPELINE: Final = frozenset({"credential_id", "holder", "issued_at", "issuer", "status", "valid_from"})
"""The claims that the pipeline adds; no file may bring them."""


class Judge:
    """Judges the records of one file, in order."""

    def __init__(self, register: Register, today: date) -> None:
        self._register, self._today = register, today
        self._repeats = Repeats()
        self._sound: set[str] = set()

    def read(self, record: Record, found: Iterable[Finding] = ()) -> Reading:
        """Return the row, or why there is none; ``found`` is what the record's reader noticed."""
        code = record.text("code")
        certification = self._register.find(code) if code else None
        template = record.template or (certification.template if certification else None)
        case = Case(record, certification, template, self._today)
        findings = [*found, *judge(case)]
        row = None
        if template and not has_error(findings):
            row = Row(record.place, record.reference, template, claims_of(record, certification, template))
            findings += self._unfit(row, code)
        findings += self._repeats.of(record, sound=not has_error(findings))
        return Reading(None if has_error(findings) else row, tuple(findings))

    def _unfit(self, row: Row, code: str) -> list[Finding]:
        unfit = check_row(row, without=_OF_REGISTER if code in self._sound else frozenset())
        if not unfit:
            self._sound.add(code)
        return unfit


_OF_REGISTER: Final = frozenset({"certification", "blocks", "part_of"})
"""The same in every row of a certification: checked in its first."""


class Repeats:
    """What only the whole file shows. Keeps 16 bytes and a line number per record, no name."""

    def __init__(self) -> None:
        self._references: dict[bytes, int] = {}
        self._awards: dict[bytes, int] = {}

    def of(self, record: Record, *, sound: bool) -> Iterator[Finding]:
        """Yield a finding for a reference used twice, or one award of one person under two references.

        A record that is not ``sound`` gives no award: another may.
        """
        if first := _first(self._references, record, record.reference):
            yield record.error("row.duplicate_reference", "reference", first=first)
        elif not sound:
            return
        elif first := _first(self._awards, record, *(record.text(name) for name in _WHO_AND_WHAT)):
            same = record.error if record.text("birthdate") else record.warning
            yield same("row.same_award", "reference", first=first)


_WHO_AND_WHAT: Final = (
    "birth_name", "usual_name", "given_name", "given_name_2", "given_name_3", "birthdate",
    "code", "title", "option", "awarded", "valid_until", "start", "end",
    "cefr", "digcomp_overall", "score", "skills",
)  # fmt: skip


def _first(seen: dict[bytes, int], record: Record, *texts: str) -> int | None:
    """Return the line on which these texts stood first; None when they are new, or say nothing."""
    if not any(texts):
        return None
    mark = blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=16).digest()
    if mark in seen:
        return seen[mark]
    seen[mark] = record.place.line or 1
    return None


def check_row(row: Row, without: frozenset[str] = frozenset()) -> list[Finding]:
    """Return what the template itself would refuse in the claims, once the pipeline adds its own.

    Claims named in ``without`` are taken as sound.
    """
    claims = {name: value for name, value in row.claims.items() if name not in without}
    try:
        check_claims(_certifier_rules(row.template, without), claims)
    except MalformedValueError as problem:
        field = str(problem.facts.get("at", ""))
        place = Place(row.place.file, row.place.line, field or row.place.field, row.place.reference)
        return [Finding(problem.code, place, "error", problem.facts)]
    return []


@cache
def _certifier_rules(template: str, without: frozenset[str]) -> ClaimRules:
    return {name: rule for name, rule in load(template).claims.items() if name not in PIPELINE | without}
