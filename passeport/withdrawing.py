"""Revoke what a file of a certifier lists (accrochage 1.1.5, ``action`` SUPPRESSION), once examined whole.

Each reference is revoked in one transaction, in every form and copy, and told before the next: whoever is
interrupted gives the same file again.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from issuer.intake.report import outcome_of
from issuer.intake.rows import Finding, Reading
from passeport.issuing import SHOWN_FINDINGS, Readings, Tick
from passeport.reports import Record
from storage.issuance import Ledger


@dataclass
class Listed:
    """What the first pass found: how many references would be revoked, were before, or are in error."""

    waiting: int = 0
    before: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)
    unsaid: int = 0

    @property
    def sound(self) -> int:
        return self.waiting + self.before

    def tell(self, findings: tuple[Finding, ...]) -> None:
        room = SHOWN_FINDINGS - len(self.findings)
        self.findings += findings[:room]
        self.unsaid += max(0, len(findings) - room)


@dataclass(frozen=True)
class Withdrawing:
    """One file at one ledger. ``reason`` is what the ledger remembers."""

    readings: Readings
    ledger: Ledger
    reason: str
    now: dt.datetime

    def examine(self, tick: Tick) -> Listed:
        """Read the whole file and revoke nothing."""
        listed = Listed()
        for reading in map(self._judged, self.readings()):
            tick()
            listed.tell(reading.findings)
            listed.refused += reading.has_error
            if reading.withdrawal:
                listed.before += bool(reading.findings)
                listed.waiting += not reading.findings
        return listed

    def refuse(self, record: Record) -> Iterator[Finding]:
        """Tell ``record`` what is in error and what would be revoked; yield the latter."""
        for reading in map(self._judged, self.readings()):
            if reading.withdrawal and not reading.findings:
                place, facts = reading.withdrawal.place, {"reference": reading.withdrawal.reference}
                waits = Finding("row.revocation_waits", place, "error", facts)
                yield waits
                reading = Reading(None, (waits,))
            if outcome := outcome_of(reading):
                record(outcome)

    def revoke(self, record: Record, tick: Tick) -> None:
        """Revoke what is sound; tell ``record`` what became of each row, once it is durable."""
        for reading in map(self._judged, self.readings()):
            if reading.withdrawal and not reading.findings:
                reading = self._revoked(reading)
                tick()
            if outcome := outcome_of(reading):
                record(outcome)

    def _revoked(self, reading: Reading) -> Reading:
        if reading.withdrawal is None:
            raise ValueError("a reading without withdrawal revokes nothing")
        reference, place = reading.withdrawal.reference, reading.withdrawal.place
        count = self.ledger.set_status(reference, "revoked", self.reason, self.now)
        return replace(reading, findings=(Finding("row.revoked", place, "note", {"count": count}),))

    def _judged(self, reading: Reading) -> Reading:
        """Return the reading with what the ledger knows of its reference."""
        if reading.withdrawal is None:
            return reading
        reference, place = reading.withdrawal.reference, reading.withdrawal.place
        match self.ledger.status(reference):
            case None:
                unknown = Finding("issue.reference_unknown", place, "error", {"reference": reference})
                return Reading(None, (unknown,))
            case "revoked":
                return replace(reading, findings=(Finding("row.revoked_before", place, "note"),))
            case _:
                return reading
