"""``passeport ask``, ``verify`` and ``scan``: the recruiter's verbs."""

from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from boundary import bundle, limits
from boundary.strict_json import Json as JsonObject
from exchange import qr
from exchange.qr import QrPayload
from passeport import certificates
from passeport.cli import link
from passeport.cli.batch import verify_bundle
from passeport.cli.inspection import Inspection, Notary, inspection, notary, question
from passeport.cli.session import help_text as _
from passeport.cli.session import now, read_file, session
from passeport.machine import outcomes_json
from passeport.show import show_outcomes
from problems import InputError, Problem
from storage.sqlite.once import SqliteOnce
from verifier import ask as asking
from verifier.extract import extract
from verifier.policy import Policy
from verifier.receipt import CheckedFile
from verifier.several import verify_each

Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Online = Annotated[bool, typer.Option("--online", help=_("help.online"))]
Anchors = Annotated[Path | None, typer.Option("--anchors", help=_("help.anchors"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
At = Annotated[str | None, typer.Option("--at", help=_("help.at"))]


def register(app: typer.Typer) -> None:
    app.command("ask", help=_("help.ask"))(ask_command)
    app.command("verify", help=_("help.verify"))(verify_command)
    app.command("scan", help=_("help.scan"))(scan_command)


def ask_command(audience: Annotated[str, typer.Option(help=_("help.audience"))], json: Json = False) -> None:
    here = session(json=json)
    if not audience:
        raise InputError("cli.value", name="--audience")
    with closing(SqliteOnce(here.settings.once)) as once:
        question = asking.ask(once, audience, now())
    if json:
        here.machine({"audience": question.audience, "nonce": question.nonce})
    else:
        here.err.print(here.word("ask.done", audience=question.audience), markup=False)
        typer.echo(question.nonce)


def verify_command(
    source: Annotated[str, typer.Argument(metavar="INPUT", help=_("help.verify_input"))],
    audience: Annotated[str | None, typer.Option(help=_("help.audience"))] = None,
    nonce: Annotated[str | None, typer.Option(help=_("help.nonce"))] = None,
    proof_only: Annotated[bool, typer.Option("--proof-only", help=_("help.proof_only"))] = False,
    at: At = None,
    pinned: Pinned = None,
    online: Online = False,
    anchors: Anchors = None,
    details: Annotated[bool, typer.Option("--details", help=_("help.details"))] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help=_("help.batch_csv"))] = None,
    receipt: Annotated[Path | None, typer.Option("--receipt", help=_("help.receipt"))] = None,
    signed_by: Annotated[str | None, typer.Option("--as", help=_("help.receipt_as"))] = None,
    json: Json = False,
) -> int:
    here = session(json=json)
    trusted = tuple(certificates.anchors(anchors)) if anchors else ()
    policy = Policy(question=question(audience, nonce), proof_only=proof_only, anchors=trusted)
    work = inspection(policy, at, pinned, online=online, here=here)
    signing = notary(receipt, signed_by, here)
    path = Path(source)
    if not link.is_link(source) and bundle.is_bundle(path):
        return verify_bundle(path, work, signing, csv)
    if csv is not None:
        raise InputError("cli.csv_of_one")
    data = source.encode() if link.is_link(source) else read_file(path, limits.IMAGE_BYTES)
    opening = link.Opening(here.settings.loopback, online=online)
    return _verify_file(data, opening, work, signing, details=details)


def _verify_file(
    data: bytes, opening: link.Opening, work: Inspection, signing: Notary | None, *, details: bool
) -> int:
    here = work.here
    bundle.refuse_archive(data)
    found = extract(opening.readable(data))
    found, work = opening.opened(found, work)
    if work.policy.question and len(found.documents) > 1:
        raise InputError("cli.question_several", count=len(found.documents))
    outcomes = tuple(verify_each(found.documents, work.verify))
    if len(outcomes) == 1 and isinstance(outcomes[0].result, Problem):
        raise outcomes[0].result
    if signing:
        signing.write([CheckedFile(sha256(data).hexdigest(), outcomes)], work)
    if here.json:
        here.machine(outcomes_json(outcomes, found, here.lang))
    else:
        show_outcomes(outcomes, found, here.out, here.lang, details=details)
    return 0 if all(outcome.verified for outcome in outcomes) else 1


def scan_command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help=_("help.scan_image"))], json: Json = False
) -> None:
    found = extract(read_file(image, limits.IMAGE_BYTES)).documents
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
