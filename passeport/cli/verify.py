"""``passeport ask``, ``verify`` and ``scan``: the recruiter's verbs."""

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from boundary import limits
from contexts import CONFORMANCE, PRODUCT
from exchange import presentation, qr
from keys.dids.resolve import resolver
from passeport.cli.session import Session, now, read_file, session, web
from passeport.cli.session import help_text as _
from passeport.machine import report_json
from passeport.show import show_report
from problems import InputError
from proofs import suites
from storage.sqlite.requests import SqliteRequests
from verifier import ask as asking
from verifier import scan
from verifier.policy import Policy, Question
from verifier.report import Report
from verifier.verify import Verifier

Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Online = Annotated[bool, typer.Option("--online", help=_("help.online"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
At = Annotated[str | None, typer.Option("--at", help=_("help.at"))]

_YEARS = range(1970, 2200)
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def register(app: typer.Typer) -> None:
    app.command("ask", help=_("help.ask"))(ask_command)
    app.command("verify", help=_("help.verify"))(verify_command)
    app.command("scan", help=_("help.scan"))(scan_command)


def ask_command(audience: Annotated[str, typer.Option(help=_("help.audience"))], json: Json = False) -> None:
    here = session(json=json)
    if not audience:
        raise InputError("cli.value", name="--audience")
    with closing(SqliteRequests(here.settings.verifier)) as requests:
        question = asking.ask(requests, audience, now())
    if json:
        here.machine({"audience": question.audience, "nonce": question.nonce})
    else:
        here.err.print(here.word("ask.done", audience=question.audience), markup=False)
        typer.echo(question.nonce)


def verify_command(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help=_("help.verify_input"))],
    audience: Annotated[str | None, typer.Option(help=_("help.audience"))] = None,
    nonce: Annotated[str | None, typer.Option(help=_("help.nonce"))] = None,
    proof_only: Annotated[bool, typer.Option("--proof-only", help=_("help.proof_only"))] = False,
    at: At = None,
    pinned: Pinned = None,
    online: Online = False,
    details: Annotated[bool, typer.Option("--details", help=_("help.details"))] = False,
    json: Json = False,
) -> int:
    here = session(json=json)
    policy = Policy(question=_question(audience, nonce), proof_only=proof_only)
    data = _payload(read_file(source, limits.IMAGE_BYTES))
    moment = now() if at is None else _moment(at)
    report = _verifier(policy, pinned, online, here).verify(data, moment)
    if policy.question:
        report = _counted(report, policy.question, here)
    if json:
        here.machine(report_json(report, here.lang))
    else:
        show_report(report, here.out, here.lang, details=details)
    return 0 if report.verified else 1


def scan_command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help=_("help.scan_image"))], json: Json = False
) -> None:
    code = qr.decode(scan.read_image(read_file(image, limits.IMAGE_BYTES)))
    text = presentation.join(qr.presentations(code))
    if json:
        session(json=json).machine({"host": code.host, "payload": text})
    else:
        typer.echo(text)


def _payload(data: bytes) -> bytes:
    """Return the document in ``data``: itself, or what the QR code in the picture carries.

    Only the payload of a code counts; the host that it names was chosen by whoever made it.
    """
    if data.startswith(_PICTURES):
        data = scan.read_image(data).encode()
    if not data[:20].lstrip().lower().startswith((b"https://", b"http://")):
        return data
    code = qr.decode(data.decode("utf-8", "replace").strip())
    return presentation.join(qr.presentations(code)).encode()


def _verifier(policy: Policy, pinned: list[Path] | None, online: bool, here: Session) -> Verifier:
    source = web(pinned, online=online, settings=here.settings)
    contexts = CONFORMANCE if policy.proof_only else PRODUCT
    return Verifier(policy, suites(contexts), resolver(source), source)


def _question(audience: str | None, nonce: str | None) -> Question | None:
    if audience is None and nonce is None:
        return None
    if not (audience and nonce):
        raise InputError("cli.question_halved")
    return Question(audience, nonce)


def _counted(report: Report, question: Question, here: Session) -> Report:
    with closing(SqliteRequests(here.settings.verifier)) as requests:
        return asking.count(report, requests, question)


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError("cli.time", value=text[:40]) from None
    if moment.year not in _YEARS:
        raise InputError("cli.time", value=text[:40])
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
