"""Rules on who the row is about."""

import re
from collections.abc import Iterator
from typing import Final

from issuer.intake.case import Case
from issuer.intake.claims import GIVEN_NAMES, NAME_CHARS
from issuer.intake.rows import Finding

_NAMES: Final = ("birth_name", "usual_name", *GIVEN_NAMES)


def named_person(case: Case) -> Iterator[Finding]:
    record = case.record
    if record.lacks("birth_name") and record.lacks("usual_name"):
        yield record.error("row.name_blank", "birth_name")
    if record.lacks("given_name"):
        yield record.error("row.given_name_blank", "given_name")
    for name in _NAMES:
        if len(record.text(name)) > NAME_CHARS:
            yield record.error("row.name_too_long", name, limit=NAME_CHARS)
        elif re.search(r"\d", record.text(name)):
            yield record.warning("row.name_with_digits", name)


def plausible_birth(case: Case) -> Iterator[Finding]:
    born = case.day("birthdate")
    awarded = case.awarded
    if born is None:
        if case.record.text("birth_partial"):
            yield case.record.warning("row.birth_partial", "birth_partial")
    elif born > case.today:
        yield case.record.error("row.birth_in_future", "birthdate")
    elif awarded and born > awarded:
        yield case.record.error("row.birth_after_award", "birthdate")
    elif awarded and not 10 <= awarded.year - born.year <= 100:
        yield case.record.warning("row.age_unlikely", "birthdate")


_BIRTH_COMMUNE: Final = re.compile(
    r"(?:0[1-9]|[1-8]\d|9[0-6]|2[AB])(?!000)\d{3}"  # 20: Corsica before 1976; 91-96: Maghreb before 1962
    r"|97[1-8]\d{2}|98[4-9]\d{2}"  # overseas
    r"|99(?!000)\d{3}"  # abroad
)


def possible_insee_code(case: Case) -> Iterator[Finding]:
    code = case.record.text("birth_commune")
    if code and not _BIRTH_COMMUNE.fullmatch(code):
        yield case.record.error("row.insee_impossible", "birth_commune")
