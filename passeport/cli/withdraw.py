"""``passeport issue`` with a file that withdraws: its list is shown first, and revoked only when told to."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from boundary.strict_json import Json
from issuer.desk import Desk
from passeport import issuers
from passeport.cli import findings
from passeport.cli.session import Session
from passeport.issuing import Readings
from passeport.reports import path, reports
from passeport.withdrawing import Listed, Withdrawing
from problems import InputError, Problem
from storage.issuance import Ledger


@dataclass(frozen=True)
class Order:
    """The file, where its report goes, and what its sender allows."""

    source: Path
    out: Path
    allowed: bool
    skip_errors: bool


def withdraw(
    order: Order, readings: Readings, desk: Desk, ledger: Ledger, here: Session, now: dt.datetime
) -> int:
    """Examine the file, and revoke what it lists if that is allowed. Return the exit status."""
    treatment = findings.treatment(order.source)
    work = Withdrawing(readings, ledger, f"SUPPRESSION {treatment.flux}".strip(), now)
    with findings.progress(here, "issue.examining") as tick:
        listed = work.examine(tick)
    problem = _objection(order, listed)
    with reports(order.out, treatment, here.lang) as record:
        if problem:
            for waiting in work.refuse(record):
                listed.tell((waiting,))
        else:
            with findings.progress(here, "withdraw.revoking", total=listed.waiting) as tick:
                work.revoke(record, tick)
            issuers.publish_lists(desk, ledger, here.settings.web, now)
    _tell(listed, 0 if problem else listed.waiting, order, here, problem)
    return 2 if problem else 0


def _objection(order: Order, listed: Listed) -> Problem | None:
    """Errors come first: a list that is wrong is not to be confirmed."""
    if listed.refused and not (order.skip_errors and listed.sound):
        code = "issue.refused" if listed.sound else "issue.all_refused"
        return InputError(code, count=listed.refused)
    if listed.waiting and not order.allowed:
        return InputError("issue.revocations_not_allowed", count=listed.waiting)
    return None


def _tell(listed: Listed, revoked: int, order: Order, here: Session, problem: Problem | None) -> None:
    done = {"revoked": revoked, "again": listed.before, "refused": listed.refused}
    if here.json:
        counts: Json = {**done, "waiting": listed.waiting - revoked, "folder": str(order.out)}
        findings.machine(
            counts, path(order.out, "json"), dict(problem.details(here.lang)) if problem else None
        )
        return
    if listed.findings:
        here.out.print(findings.table(listed.findings, here))
    if listed.unsaid:
        here.say("issue.unsaid", count=listed.unsaid, path=str(path(order.out, "csv")))
    here.say("withdraw.done", **done, path=str(order.out))
    if problem:
        here.refuse(problem)
