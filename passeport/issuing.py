"""Issue a certifier's file: examine all of it first, then issue what may be issued.

Two passes over the same file, each in flat memory. With errors nothing is issued, unless the certifier
says that the rows in error are to be left out.
"""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from issuer.desk import Desk
from issuer.intake.rows import Finding, Reading
from issuer.issue import Issued, check, issue
from issuer.order import Order
from problems import InputError, Problem
from storage.issuance import Ledger

Readings = Callable[[], Iterable[Reading]]
Tick = Callable[[], None]


@dataclass
class Examination:
    """What the first pass found. ``rows`` may be issued; ``refused`` may not."""

    rows: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_error(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


@dataclass(frozen=True)
class Work:
    """One file at one desk. ``readings`` starts a new pass over the file each time it is called."""

    readings: Readings
    desk: Desk
    ledger: Ledger
    holders: Mapping[str, str]
    now: dt.datetime

    def examine(self, tick: Tick) -> Examination:
        """Read the whole file and check each row as far as possible without issuing it."""
        found = Examination()
        for reading in self.readings():
            tick()
            findings = [*reading.findings, *self._objections(reading)]
            found.findings += findings
            if any(finding.severity == "error" for finding in findings):
                found.refused += 1
            elif reading.row:
                found.rows += 1
        return found

    def issue(self) -> Iterator[Issued]:
        """Yield the credentials of every row without error."""
        yield from issue(self._orders(), self.desk, self.ledger, self.now)

    def _orders(self) -> Iterator[Order]:
        for reading in self.readings():
            if reading.row and not reading.has_error and not self._objections(reading):
                yield self._order(reading)

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
        return Order(row.reference, row.template, row.claims, self.holders.get(row.reference))


def read_holders(path: Path) -> dict[str, str]:
    """Return the holders' keys by reference from ``reference;did:key:…`` lines; raise InputError."""
    keys: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for line, row in enumerate(csv.reader(stream, delimiter=";"), 1):
            if len(row) != 2 or not row[1].startswith("did:key:"):
                raise InputError("issue.holders_line", line=line)
            keys[row[0]] = row[1]
    return keys
