"""The first pass over a file: each row checked as far as possible without issuing it."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from boundary.strict_json import Json, JsonValue
from issuer.desk import Desk
from issuer.identity import is_complete
from issuer.intake.rows import READY, Finding, Reading, Row
from issuer.issue import check
from issuer.operations.office import Office
from issuer.operations.options import Options
from issuer.order import Award, Order
from issuer.ready import Ready
from problems import ConflictError, InputError, Problem
from problems.sentences import Fact
from storage.jobs import JobRow
from storage.offers import Offer


@dataclass(frozen=True)
class Examiner:
    """Turns readings of one file into rows of one job."""

    office: Office
    desk: Desk
    options: Options
    now: dt.datetime

    def rows(self, readings: Iterable[Reading]) -> Iterator[JobRow]:
        """Yield a row for each that was read; what is about the file as a whole counts if it is an error."""
        numbers = itertools.count(1)
        for reading in readings:
            if reading.row or reading.withdrawal or reading.has_error:
                yield self._row(next(numbers), reading)

    def _row(self, number: int, reading: Reading) -> JobRow:
        row, findings = reading.row, [*reading.findings]
        if reading.withdrawal:
            findings.append(Finding("import.withdrawal", reading.withdrawal.place))
        known = False
        if row and not reading.has_error:
            try:
                known = self._check(row)
            except Problem as problem:
                findings.append(Finding(problem.code, row.place, "error", problem.facts))
        said = [_said(finding) for finding in findings]
        if row is None or any(finding.severity == "error" for finding in findings):
            return JobRow(number, _reference(reading), "", "error", findings=said)
        result: Json = {"known": True} if known else {}
        return JobRow(number, row.reference, row.template, "ready", row.claims, said, result)

    def _check(self, row: Row) -> bool:
        """Say whether it was done before; raise the Problem that forbids to do it."""
        order = order_of(row.reference, row.template, row.claims, self.options)
        drafts = check(order, self.desk, self.now)
        self.office.ledger.check(drafts)
        if self.options.mode == "issue":
            return self.office.ledger.status(row.reference) is not None
        if self.options.policy == "person" and not is_complete(row.claims):
            raise InputError("offer.person_unknown")
        return is_offered(self.office, order, self.now) is not None


def order_of(reference: str, template: str, claims: Json, options: Options) -> Order:
    """Return what is asked of the desk. Raises InputError for an offer of what is written already."""
    if template != READY:
        return Award(reference, template, claims, copy="offered" if options.mode == "offer" else "")
    if options.mode == "offer":
        raise InputError("offer.ready_made")
    return Ready(reference, claims)


def is_offered(office: Office, order: Order, now: dt.datetime) -> Offer | None:
    """Return the offer that the order has already; raise ConflictError when it is of other content."""
    for offer in office.offers.of(office.organisation, now, order.reference):
        if offer.state in ("offered", "claimed"):
            if offer.content != order.digest():
                raise ConflictError("offer.exists", reference=order.reference)
            return offer
    return None


def _reference(reading: Reading) -> str:
    return next((finding.place.reference for finding in reading.findings if finding.place.reference), "")


def _said(finding: Finding) -> JsonValue:
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity,
        "line": place.line,
        "field": place.field,
        "cell": place.cell,
        "facts": _plain(finding.facts),
    }


def _plain(facts: Mapping[str, Fact]) -> Json:
    return {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in facts.items()}


def problem_said(problem: Problem) -> JsonValue:
    """Return a problem as a finding about a row as a whole."""
    facts = _plain(problem.facts)
    return {
        "code": problem.code, "severity": "error", "line": None, "field": None, "cell": None, "facts": facts,
    }  # fmt: skip


def batches(rows: Iterable[JobRow], count: int) -> Iterator[Sequence[JobRow]]:
    rest = iter(rows)
    while batch := list(itertools.islice(rest, count)):
        yield batch
