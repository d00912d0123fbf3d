"""``passeport ask``, ``verify`` and ``scan``: the recruiter's verbs."""

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from boundary import limits
from boundary.strict_json import Json as JsonObject
from contexts import CONFORMANCE, PRODUCT
from exchange import qr
from exchange.qr import QrPayload
from keys.dids.resolve import resolver
from passeport.cli.session import Session, now, read_file, session, web
from passeport.cli.session import help_text as _
from passeport.machine import outcomes_json
from passeport.show import show_outcomes
from problems import InputError, Problem
from proofs import suites
from storage.sqlite.requests import SqliteRequests
from verifier import ask as asking
from verifier.extract import extract
from verifier.policy import Policy, Question
from verifier.report import Report
from verifier.several import verify_each
from verifier.verify import Verifier

Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Online = Annotated[bool, typer.Option("--online", help=_("help.online"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
At = Annotated[str | None, typer.Option("--at", help=_("help.at"))]

_YEARS = range(1970, 2200)


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
    found = extract(read_file(source, limits.PDF_BYTES))
    if policy.question and len(found.documents) > 1:
        raise InputError("cli.question_several", count=len(found.documents))
    moment = now() if at is None else _moment(at)
    verifier = _verifier(policy, pinned, online, here)

    def verify(body: bytes) -> Report:
        report = verifier.verify(body, moment)
        return _counted(report, policy.question, here) if policy.question else report

    outcomes = tuple(verify_each(found.documents, verify))
    if len(outcomes) == 1 and isinstance(outcomes[0].result, Problem):
        raise outcomes[0].result
    if json:
        here.machine(outcomes_json(outcomes, found, here.lang))
    else:
        show_outcomes(outcomes, found, here.out, here.lang, details=details)
    return 0 if all(outcome.verified for outcome in outcomes) else 1


def scan_command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help=_("help.scan_image"))], json: Json = False
) -> None:
    found = extract(read_file(image, limits.PDF_BYTES)).documents
    codes = [
        (one.content, _text(one.content), one.page) for one in found if isinstance(one.content, QrPayload)
    ]
    if not codes:
        raise InputError("image.not_an_image")
    if json:
        told = [_scanned(code.host, text, page) for code, text, page in codes]
        session(json=json).machine(told[0] if len(told) == 1 else [*told])
    else:
        for _code, text, _page in codes:
            typer.echo(text)


def _text(code: QrPayload) -> str:
    """Return what a code says as a text that can be handed on; a twin's is the link itself."""
    return code.prefix + code.body if code.kind == "T" else qr.content(code).decode()


def _scanned(host: str, text: str, page: int | None) -> JsonObject:
    code: JsonObject = {"host": host, "payload": text}
    return code if page is None else {**code, "page": page}


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
