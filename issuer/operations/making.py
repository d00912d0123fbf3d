"""The second pass: each row that is ready becomes an offer, or credentials.

Whatever is done again, by this worker or by one that follows it, comes to the same: an offer is derived from
its row, a credential is the ledger's.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from issuer.desk import Desk
from issuer.issue import issue
from issuer.offer import Sent
from issuer.operations.examining import is_offered, order_of, problem_said
from issuer.operations.office import Office
from issuer.operations.options import Options
from issuer.order import Award, Order
from problems import ConflictError, Problem
from storage.jobs import JobRow, Made, RowOutcome


@dataclass(frozen=True)
class Maker:
    """Makes what the rows of one job ask for."""

    office: Office
    desk: Desk
    options: Options
    job: str
    now: dt.datetime

    def make(self, rows: Sequence[JobRow]) -> list[Made]:
        """Return what became of each row, all of it durable. Raises a transient Problem."""
        if self.options.mode == "offer":
            return [self._alone(row) for row in rows]
        try:
            return self._issued(rows)
        except Problem as problem:
            if problem.transient:
                raise
            return [self._alone(row) for row in rows]

    def _alone(self, row: JobRow) -> Made:
        try:
            return self._offered(row) if self.options.mode == "offer" else self._issued([row])[0]
        except Problem as problem:
            if problem.transient:
                raise
            return Made(row.number, "error", findings=[problem_said(problem)])

    def _offered(self, row: JobRow) -> Made:
        order = self._order(row)
        offering = self.office.offering(offer_name(self.job, row.number))
        mine = offering.named(self.now)
        if mine is not None:
            return Made(row.number, "done", {"offer": mine.id})
        try:
            sent = self._make(row, order)
        except ConflictError as problem:
            there = is_offered(self.office, order, self.now)
            if problem.code != "offer.exists" or there is None:
                raise
            return Made(row.number, "again", {"offer": there.id})
        return Made(row.number, "done", {"offer": sent.offer.id})

    def _make(self, row: JobRow, order: Order) -> Sent:
        if not isinstance(order, Award):
            raise TypeError("only awards are offered")
        offering = self.office.offering(offer_name(self.job, row.number))
        return offering.make(self.office.organisation, order, self.options.policy, self.desk, self.now)

    def _issued(self, rows: Sequence[JobRow]) -> list[Made]:
        orders = [self._order(row) for row in rows]
        made: dict[str, list[str]] = {}
        for done in issue(orders, self.desk, self.office.ledger, self.now):
            made.setdefault(done.reference, []).append(done.credential_id)
        return [Made(row.number, _outcome(row), {"credentials": [*made[row.reference]]}) for row in rows]

    def _order(self, row: JobRow) -> Order:
        return order_of(row.reference, row.template, row.claims or {}, self.options)


def offer_name(job: str, number: int) -> str:
    """Return the name from which the offer of a row is derived."""
    return f"import\x00{job}\x00{number}"


def _outcome(row: JobRow) -> RowOutcome:
    """What was there when the file was examined was not made by this job, however often it is taken up."""
    return "again" if row.result.get("known") else "done"
