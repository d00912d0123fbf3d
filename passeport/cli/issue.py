"""``passeport issue``, ``template``, ``revoke`` and ``status publish``: the certifier's verbs."""

import json as json_module
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table
from rich.text import Text

from issuer import intake
from issuer.intake.columns import template_csv
from issuer.intake.report import Treatment
from issuer.intake.rows import Finding
from issuer.issue import Issued
from keys.signer import Algorithm
from passeport import issuers, issuing
from passeport.cli.session import Session, now, secret, session
from passeport.cli.session import help_text as _
from passeport.issuing import Examination, Record, Reports, Work, refuse
from problems import InputError, NotFoundError
from skills import register as registers
from storage.issuance import StatusValue

status_app = typer.Typer(no_args_is_help=True, help=_("help.status"))

IssuerName = Annotated[str, typer.Option(help=_("help.issuer_name"))]
Kind = Annotated[Algorithm, typer.Option(help=_("help.algorithm"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]


@dataclass
class Done:
    """How many rows were issued now, and how many had been before."""

    fresh: int = 0
    again: int = 0

    def count(self, issued: Issued) -> None:
        self.fresh += issued.fresh
        self.again += not issued.fresh


def register(app: typer.Typer) -> None:
    app.command("issue", help=_("help.issue"))(issue)
    app.command("template", help=_("help.template"))(template)
    app.command("revoke", help=_("help.revoke"))(revoke)
    app.add_typer(status_app, name="status")


def issue(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help=_("help.issue_input"))],
    issuer: IssuerName,
    out: Annotated[Path, typer.Option(help=_("help.out"))],
    kind: Annotated[str | None, typer.Option("--template", help=_("help.issue_template"))] = None,
    column: Annotated[list[str] | None, typer.Option(help=_("help.issue_column"))] = None,
    holders: Annotated[Path | None, typer.Option(help=_("help.holders"))] = None,
    fiches: Annotated[list[Path] | None, typer.Option(help=_("help.fiches"))] = None,
    skip_errors: Annotated[bool, typer.Option("--skip-errors", help=_("help.skip_errors"))] = False,
    form: Annotated[list[str] | None, typer.Option(help=_("help.form"))] = None,
    algorithm: Kind = "P-256",
    json: Json = False,
) -> int:
    here, moment = session(), now()
    if not source.is_file():
        raise NotFoundError("cli.no_such_file", path=source.name)
    who = issuers.open_issuer(here.settings, issuer)
    shelf = registers.Chain(*(registers.from_fiches(path) for path in fiches or []), registers.builtin())
    keys = issuing.read_holders(holders) if holders else {}
    mapping = dict(pair.split("=", 1) for pair in column or [] if "=" in pair)
    with who.ledger() as ledger:
        desk = who.desk(algorithm, secret)
        work = Work(
            lambda: intake.read(
                source, register=shelf, today=moment.date(), template=kind, mapping=mapping or None
            ),
            desk,
            ledger,
            keys,
            moment,
            tuple(form) if form else None,
        )
        with _progress(here, json) as (bar, task):
            found = work.examine(lambda: bar.advance(task))
        if not (found.rows or found.refused):
            raise InputError("issue.nothing")
        refused = bool(found.refused) and not skip_errors
        treatment = Treatment(source.name, "", uuid.uuid4().hex)
        with Reports(out, treatment, here.lang) as record:
            done = Done() if refused else _issue_all(work, found, out, record, here, json)
            if refused:
                refuse(found, record)
        issuers.publish_lists(desk, ledger, here.settings.web, moment)
    _tell(found, done, out, here, json)
    if refused:
        raise InputError("issue.refused", count=len(found.refused))
    return 0


def template(
    kind: Annotated[str, typer.Argument(help=_("help.template_kind"))],
    out: Annotated[Path | None, typer.Option(help=_("help.present_out"))] = None,
) -> None:
    text = template_csv(kind)
    if out:
        out.write_text(text, encoding="utf-8-sig", newline="")
        session().say("present.written", path=str(out))
    else:
        typer.echo(text, nl=False)


def revoke(
    reference: Annotated[str, typer.Argument(help=_("help.reference"))],
    issuer: IssuerName,
    reason: Annotated[str, typer.Option(help=_("help.revoke_reason"))],
    suspend: Annotated[bool, typer.Option("--suspend", help=_("help.suspend"))] = False,
    reinstate: Annotated[bool, typer.Option("--reinstate", help=_("help.reinstate"))] = False,
    algorithm: Kind = "P-256",
) -> None:
    here, moment = session(), now()
    value: StatusValue = "valid" if reinstate else "suspended" if suspend else "revoked"
    who = issuers.open_issuer(here.settings, issuer)
    with who.ledger() as ledger:
        desk = who.desk(algorithm, secret)
        count = ledger.set_status(reference, value, reason, moment)
        issuers.publish_lists(desk, ledger, here.settings.web, moment)
    here.say(f"revoke.{value}", reference=reference, count=count)


@status_app.command("publish", help=_("help.status_publish"))
def status_publish(
    issuer: IssuerName,
    out: Annotated[Path | None, typer.Option(help=_("help.publish_out"))] = None,
    algorithm: Kind = "P-256",
) -> None:
    here = session()
    who = issuers.open_issuer(here.settings, issuer)
    web = out or here.settings.web
    with who.ledger() as ledger:
        written = issuers.publish_lists(who.desk(algorithm, secret), ledger, web, now())
    for path in [who.publish_keys(web), *written]:
        here.say("present.written", path=str(path))


def _issue_all(work: Work, found: Examination, out: Path, record: Record, here: Session, json: bool) -> Done:
    done, seen = Done(), ""
    with _progress(here, json, total=found.rows) as (bar, task):
        for issued in work.issue(found, record):
            issuers.write(issued, out)
            if issued.reference != seen:
                done.count(issued)
                bar.advance(task)
            seen = issued.reference
    return done


@contextmanager
def _progress(here: Session, json: bool, total: int | None = None) -> Iterator[tuple[Progress, TaskID]]:
    with Progress(console=here.err, transient=True, disable=json) as bar:
        word = here.word("issue.examining" if total is None else "issue.issuing")
        yield bar, bar.add_task(word, total=total)


def _tell(found: Examination, done: Done, out: Path, here: Session, json: bool) -> None:
    if json:
        here.machine(json_module.loads((out / "report.json").read_text("utf-8")))
        return
    if found.findings:
        here.out.print(_table(found.findings, here))
    if found.unsaid:
        here.say("issue.unsaid", count=found.unsaid, path=str(out / "report.csv"))
    here.say("issue.done", fresh=done.fresh, again=done.again, refused=len(found.refused), path=str(out))


def _table(findings: list[Finding], here: Session) -> Table:
    table = Table(*(here.word(f"column.{c}") for c in ("place", "problem")), show_lines=True)
    for finding in findings:
        said, place = finding.says(here.lang), finding.place
        line = here.word("issue.line", line=place.line) if place.line else ""
        where = "\n".join(part for part in (line, place.reference, place.field) if part)
        what = Text(said.what, style="red" if finding.severity == "error" else "yellow")
        what.append(f"\n→ {said.next_step}" if said.next_step else "", style="default")
        table.add_row(where, what.append(f"  [{finding.code}]", style="dim"))
    return table
