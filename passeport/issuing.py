"""Issue a certifier's file: examine all of it first, then issue what may be issued.

Two passes over the same file, each in flat memory. With errors nothing is issued, unless the certifier
says that the rows in error are to be left out.
"""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from issuer.desk import Desk
from issuer.intake.report import Form, Outcome, Treatment, outcome_of, writing
from issuer.intake.rows import Finding, Reading
from issuer.issue import Issued, check, issue
from issuer.order import Order
from problems import InputError, Problem
from problems.sentences import Lang
from storage.issuance import Ledger

Readings = Callable[[], Iterable[Reading]]
Tick = Callable[[], None]
Record = Callable[[Outcome], None]

SHOWN_FINDINGS: Final = 40
FORMS: Final[tuple[Form, ...]] = ("xml", "json", "csv")


@dataclass
class Examination:
    """What the first pass found: how many rows may be issued, what is wrong with the others.

    ``refused`` holds, for each reading in error by its position, all that was found.
    """

    rows: int = 0
    refused: dict[int, Reading] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unsaid: int = 0

    def count(self, position: int, reading: Reading) -> None:
        self.rows += reading.row is not None
        if reading.has_error:
            self.refused[position] = reading
        room = SHOWN_FINDINGS - len(self.findings)
        self.findings += reading.findings[:room]
        self.unsaid += max(0, len(reading.findings) - room)


@dataclass(frozen=True)
class Work:
    """One file at one desk. ``readings`` starts a new pass over the file each time it is called."""

    readings: Readings
    desk: Desk
    ledger: Ledger
    holders: Mapping[str, str]
    now: dt.datetime
    forms: tuple[str, ...] | None = None

    def examine(self, tick: Tick) -> Examination:
        """Read the whole file and check each row as far as possible without issuing it."""
        found = Examination()
        for position, reading in enumerate(self.readings()):
            tick()
            found.count(position, self._examined(reading))
        return found

    def issue(self, found: Examination, record: Record) -> Iterator[Issued]:
        """Yield the credentials of every row without error; tell ``record`` what became of each row."""
        yield from issue(self._orders(found, record), self.desk, self.ledger, self.now)

    def _orders(self, found: Examination, record: Record) -> Iterator[Order]:
        for position, read in enumerate(self.readings()):
            reading = found.refused.get(position, read)
            if outcome := outcome_of(reading):
                record(outcome)
            if reading.row:
                yield self._order(reading)

    def _examined(self, reading: Reading) -> Reading:
        """Return the reading with the desk's objections; one with an error has no row."""
        findings = (*reading.findings, *self._objections(reading))
        refused = any(finding.severity == "error" for finding in findings)
        return Reading(None if refused else reading.row, findings)

    def _objections(self, reading: Reading) -> list[Finding]:
        """What only the desk can object to: claims that make no credential, a reference already used."""
        if reading.row is None or reading.has_error:
            return []
        try:
            drafts = check(self._order(reading), self.desk, self.now)
        except Problem as problem:
            return [Finding(problem.code, reading.row.place, "error", problem.facts)]
        if self.ledger.conflicts(drafts):
            facts = {"reference": reading.row.reference}
            return [Finding("issue.reference_taken", reading.row.place, "error", facts)]
        return []

    def _order(self, reading: Reading) -> Order:
        row = reading.row
        if row is None:
            raise ValueError("a reading without row makes no order")
        return Order(row.reference, row.template, row.claims, self.holders.get(row.reference), self.forms)


def refuse(found: Examination, record: Record) -> None:
    """Tell ``record`` the rows in error, when nothing is issued for their sake."""
    for reading in found.refused.values():
        if outcome := outcome_of(reading):
            record(outcome)


class Reports:
    """The treatment reports of one run, in the form of the Caisse des Dépôts, as JSON and as a table.

    They take their names when the block ends well: a report is whole or is not there.
    """

    def __init__(self, folder: Path, treatment: Treatment, lang: Lang) -> None:
        self._folder, self._treatment, self._lang = folder, treatment, lang
        self._open = ExitStack()

    def __enter__(self) -> Record:
        self._folder.mkdir(parents=True, exist_ok=True)
        outputs = {
            form: self._open.enter_context(
                (self._folder / f".report.{form}").open("w", encoding="utf-8", newline="")
            )
            for form in FORMS
        }
        writers = [
            self._open.enter_context(writing(form, outputs[form], self._treatment, self._lang))
            for form in FORMS
        ]

        def record(outcome: Outcome) -> None:
            for writer in writers:
                writer.add(outcome)

        return record

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        self._open.__exit__(kind, *details)  # type: ignore[arg-type]
        for form in FORMS:
            unfinished = self._folder / f".report.{form}"
            if kind is None:
                unfinished.replace(self._folder / f"report.{form}")
            else:
                unfinished.unlink(missing_ok=True)


def read_holders(path: Path) -> dict[str, str]:
    """Return the holders' keys by reference from ``reference;did:key:…`` lines; raise InputError."""
    keys: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.reader(stream, delimiter=";"), 1):
            if len(row) != 2 or not row[1].startswith("did:key:"):
                raise InputError("issue.holders_line", line=line)
            keys[row[0]] = row[1]
    return keys
