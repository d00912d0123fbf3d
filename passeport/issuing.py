"""Issue a certifier's file: examine all of it first, then issue what may be issued.

Two passes, each in flat memory: the second goes over what the first found. With errors nothing is issued,
unless the certifier says that the rows in error are to be left out.
"""

import csv
import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from boundary import files, limits
from issuer.bulk import Alone, Crew
from issuer.desk import Desk
from issuer.intake.report import outcome_of
from issuer.intake.rows import READY, Finding, Reading, shown_name
from issuer.issue import BATCH, Issued, issue_checked
from issuer.order import Award, Order
from issuer.ready import Ready
from issuer.tasks import Checked, Checking
from issuer.twins import IssuedTwin, issue_twins
from passeport.reports import Record
from passeport.spool import Spool
from problems import ConflictError, InputError, Problem
from storage.issuance import Draft, Ledger

Readings = Callable[[], Iterable[Reading]]
Tick = Callable[[], None]

SHOWN_FINDINGS: Final = 40


Judged = tuple[Reading, Sequence[Draft]]
"""A reading with the desk's objections, without row if it has an error; and what is to be recorded for it."""


@dataclass
class Examination:
    """What the first pass found: how many rows may be issued and how many not, the first findings."""

    rows: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    unsaid: int = 0

    def count(self, judged: Reading) -> None:
        self.rows += judged.row is not None
        self.refused += judged.has_error
        room = SHOWN_FINDINGS - len(self.findings)
        self.findings += judged.findings[:room]
        self.unsaid += max(0, len(judged.findings) - room)


@dataclass(frozen=True)
class Work:
    """One file at one desk. ``readings`` starts the pass over the file, ``kept`` is for what that finds."""

    readings: Readings
    desk: Desk
    ledger: Ledger
    holders: Mapping[str, str]
    kept: Spool[Judged]
    now: dt.datetime
    forms: tuple[str, ...] | None = None
    twins: bool = False
    crew: Crew | None = None
    """Who checks and secures; this process if None."""

    def examine(self, tick: Tick) -> Examination:
        """Read the whole file and check each row as far as possible without issuing it."""
        found = Examination()
        for judged, drafts in self._judged(self.readings()):
            tick()
            self.kept.add((judged, drafts))
            found.count(judged)
        return found

    def issue(self, record: Record) -> Iterator[Issued]:
        """Yield the credentials of every row without error; tell ``record`` what became of each row."""
        orders = self._orders(record)
        yield from issue_checked(orders, self.desk, self.ledger, self.now, crew=self.crew)

    def issue_with_twins(self, record: Record) -> Iterator[tuple[Issued, Sequence[IssuedTwin]]]:
        """Yield the credentials, each with its twins if they are wanted."""
        issued = self.issue(record)
        if self.twins:
            yield from issue_twins(issued, self.desk, self.ledger, self.now)
        else:
            yield from ((one, ()) for one in issued)

    def refuse(self, record: Record) -> None:
        """Tell ``record`` the rows in error, when nothing is issued for their sake."""
        for judged, _ in self.kept:
            outcome = outcome_of(judged)
            if outcome and not outcome.accepted:
                record(outcome)

    def _orders(self, record: Record) -> Iterator[tuple[Order, Sequence[Draft]]]:
        for judged, drafts in self.kept:
            if outcome := outcome_of(judged):
                record(outcome)
            if judged.row:
                yield self._order(judged), drafts

    def _judged(self, readings: Iterable[Reading]) -> Iterator[Judged]:
        """Yield each reading with the desk's objections; one with an error has no row."""
        waiting: deque[Sequence[Reading]] = deque()

        def tasks() -> Iterator[Checking]:
            rest = iter(readings)
            while batch := list(itertools.islice(rest, BATCH)):
                waiting.append(batch)
                yield Checking([self._order(one) for one in batch if _is_sound(one)], self.now)

        for checked in (self.crew or Alone(self.desk)).each(tasks()):
            outcomes = iter(checked)
            for reading in waiting.popleft():
                yield self._objected(reading, next(outcomes)) if _is_sound(reading) else (reading, ())

    def _objected(self, reading: Reading, checked: Checked) -> Judged:
        findings = (*reading.findings, *self._objections(reading, checked))
        if isinstance(checked, Problem) or any(finding.severity == "error" for finding in findings):
            return Reading(None, findings), ()
        return Reading(reading.row, findings), checked

    def _objections(self, reading: Reading, checked: Checked) -> Iterator[Finding]:
        """What only the desk can object to: claims that make no credential, a reference already used."""
        try:
            if isinstance(checked, Problem):
                raise checked
            self.ledger.check(checked)
        except Problem as problem:
            if reading.row:
                yield Finding(problem.code, reading.row.place, "error", problem.facts)
            return
        if reading.row and self.ledger.status(reading.row.reference) == "revoked":
            yield Finding("row.reference_revoked", reading.row.place, "warning")

    def _order(self, reading: Reading) -> Order:
        row = reading.row
        if row is None:
            raise ValueError("a reading without row makes no order")
        if row.template == READY:
            return Ready(row.reference, row.claims, self.forms)
        return Award(row.reference, row.template, row.claims, self.holders.get(row.reference), self.forms)


def _is_sound(reading: Reading) -> bool:
    return reading.row is not None and not reading.has_error


def unchanged(path: Path, read: Callable[[], Iterable[Reading]]) -> Readings:
    """Return ``read``, which raises ConflictError from the moment that the file is another."""
    seen = _identity(path)

    def again() -> Iterable[Reading]:
        if _identity(path) != seen:
            raise ConflictError("issue.file_changed", file=shown_name(path))
        return read()

    return again


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def read_holders(path: Path) -> dict[str, str]:
    """Return the holders' keys by reference from ``reference;did:key:…`` lines; raise InputError."""
    keys: dict[str, str] = {}
    for line, row in enumerate(_rows(files.read(path, limit=limits.ROWS_JSON_BYTES)), 1):
        if not row:
            continue
        if len(row) != 2 or not row[1].startswith("did:key:"):
            raise InputError("issue.holders_line", line=line)
        if keys.setdefault(row[0], row[1]) != row[1]:
            raise InputError("issue.holders_twice", line=line)
    return keys


def _rows(data: bytes) -> Iterator[list[str]]:
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError("issue.holders_line", line=data.count(b"\n", 0, error.start) + 1) from None
    for number, line in enumerate(lines, 1):
        try:
            yield next(csv.reader([line], delimiter=";", strict=True), [])
        except csv.Error:
            raise InputError("issue.holders_line", line=number) from None
