"""``passeport issue`` and ``template``: from a certifier's file to signed credentials."""

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from boundary import files
from boundary.strict_json import Json as JsonObject
from issuer import intake
from issuer.intake.columns import template_csv
from issuer.intake.xlsx_model import template_xlsx
from issuer.issue import Issued
from keys.signer import Algorithm
from passeport import issuers, issuing, workers
from passeport.cli import disk, findings
from passeport.cli.session import Session, now, secret, session
from passeport.cli.session import help_text as _
from passeport.cli.withdraw import Order, withdraw
from passeport.issuing import Examination, Judged, Readings, Tick, Work
from passeport.reports import Record, path, reports
from passeport.spool import Spool
from problems import InputError, Problem
from skills import register as registers

IssuerName = Annotated[str, typer.Option(help=_("help.issuer_name"))]
Kind = Annotated[Algorithm, typer.Option(help=_("help.algorithm"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]


@dataclass(frozen=True)
class Source:
    """The certifier's file, and how it is to be read."""

    file: Path
    template: str | None
    columns: tuple[str, ...]
    fiches: tuple[Path, ...]
    sheet: str | None = None

    def readings(self, today: dt.date) -> Readings:
        shelf = registers.Chain(*map(registers.from_fiches, self.fiches), registers.builtin())
        mapping = dict(map(_pair, self.columns)) or None
        return issuing.unchanged(
            self.file,
            lambda: intake.read(
                self.file,
                register=shelf,
                today=today,
                template=self.template,
                mapping=mapping,
                sheet=self.sheet,
            ),
        )


@dataclass
class Done:
    """How many rows were issued now, and how many had been before."""

    issued: int = 0
    again: int = 0

    def count(self, done: Issued) -> None:
        self.issued += done.fresh
        self.again += not done.fresh


def register(app: typer.Typer) -> None:
    app.command("issue", help=_("help.issue"))(issue)
    app.command("template", help=_("help.template"))(template)


def issue(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help=_("help.issue_input"))],
    issuer: IssuerName,
    out: Annotated[Path, typer.Option(help=_("help.out"))],
    kind: Annotated[str | None, typer.Option("--template", help=_("help.issue_template"))] = None,
    column: Annotated[list[str] | None, typer.Option(help=_("help.issue_column"))] = None,
    sheet: Annotated[str | None, typer.Option(help=_("help.issue_sheet"))] = None,
    holders: Annotated[Path | None, typer.Option(help=_("help.holders"))] = None,
    fiches: Annotated[list[Path] | None, typer.Option(help=_("help.fiches"))] = None,
    skip_errors: Annotated[bool, typer.Option("--skip-errors", help=_("help.skip_errors"))] = False,
    allow_revocations: Annotated[
        bool, typer.Option("--allow-revocations", help=_("help.allow_revocations"))
    ] = False,
    form: Annotated[list[str] | None, typer.Option(help=_("help.form"))] = None,
    twin: Annotated[bool, typer.Option("--twin", help=_("help.twin"))] = False,
    algorithm: Kind = "P-256",
    processes: Annotated[int | None, typer.Option(min=1, max=256, help=_("help.processes"))] = None,
    json: Json = False,
) -> int:
    here, moment = session(json=json), now()
    disk.require_file(source)
    who = issuers.open_issuer(here.settings, issuer)
    given = Source(source, kind, tuple(column or ()), tuple(fiches or ()), sheet)
    keys = issuing.read_holders(holders) if holders else {}
    asked = workers.Remembered(secret)
    with who.ledger() as ledger, Spool[Judged](who.folder) as kept:
        desk = who.desk(algorithm, asked)
        if intake.withdraws(source):
            order = Order(source, out, allow_revocations, skip_errors)
            return withdraw(order, given.readings(moment.date()), desk, ledger, here, moment)
        same = workers.SameDesk(who, algorithm, desk.signer.verification_method, asked.given)
        with workers.crew(desk, same, processes or workers.cores()) as crew:
            forms = tuple(form) if form else None
            work = Work(given.readings(moment.date()), desk, ledger, keys, kept, moment, forms, twin, crew)
            found = _examined(work, here)
            if found.refused and not (skip_errors and found.rows):
                return _refuse(work, found, source, out, here)
            done = _issue(work, found, source, out, here)
        issuers.publish_lists(desk, ledger, here.settings.web, moment)
    _tell(found, done, out, here, None)
    return 0


def template(
    kind: Annotated[str, typer.Argument(help=_("help.template_kind"))],
    out: Annotated[Path | None, typer.Option(help=_("help.present_out"))] = None,
    json: Json = False,
) -> None:
    here, text = session(json=json), template_csv(kind)
    if out:
        table = template_xlsx(kind) if out.suffix.lower() == ".xlsx" else text.encode("utf-8-sig")
        disk.write(out, table, mode=0o644)
        here.done("present.written", path=str(out))
    elif json:
        here.machine({"template": kind, "csv": text})
    else:
        typer.echo(text, nl=False)


def _pair(text: str) -> tuple[str, str]:
    theirs, equals, ours = text.partition("=")
    if not (theirs and equals and ours):
        raise InputError("issue.column")
    return theirs, ours


def _examined(work: Work, here: Session) -> Examination:
    with findings.progress(here, "issue.examining") as tick:
        found = work.examine(tick)
    if not (found.rows or found.refused):
        raise InputError("issue.nothing")
    return found


def _refuse(work: Work, found: Examination, source: Path, out: Path, here: Session) -> int:
    with reports(out, findings.treatment(source), here.lang) as record:
        work.refuse(record)
    code = "issue.refused" if found.rows else "issue.all_refused"
    _tell(found, Done(), out, here, InputError(code, count=found.refused))
    return 2


def _issue(work: Work, found: Examination, source: Path, out: Path, here: Session) -> Done:
    """Write the credentials, all of them on disk before the report says so."""
    with reports(out, findings.treatment(source), here.lang) as record:
        with findings.progress(here, "issue.issuing", total=found.rows) as tick:
            done = _issue_rows(work, record, out, tick)
        files.settle()
    return done


def _issue_rows(work: Work, record: Record, out: Path, tick: Tick) -> Done:
    done, seen = Done(), None
    for issued, twins in work.issue_with_twins(record):
        issuers.write(issued, out)
        for made in twins:
            issuers.write_twin(made, out)
        if issued.reference != seen:
            done.count(issued)
            tick()
        seen = issued.reference
    return done


def _tell(found: Examination, done: Done, out: Path, here: Session, problem: Problem | None) -> None:
    if here.json:
        counts: JsonObject = {**asdict(done), "refused": found.refused, "folder": str(out)}
        findings.machine(counts, path(out, "json"), dict(problem.details(here.lang)) if problem else None)
        return
    if found.findings:
        here.out.print(findings.table(found.findings, here))
    if found.unsaid:
        here.say("issue.unsaid", count=found.unsaid, path=str(path(out, "csv")))
    here.say("issue.done", fresh=done.issued, again=done.again, refused=found.refused, path=str(out))
    if problem:
        here.refuse(problem)
