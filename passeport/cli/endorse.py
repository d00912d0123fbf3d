"""``passeport endorse`` (an employer's word on skills) and ``passeport derive``."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from boundary import limits
from issuer import endorse as endorsing
from issuer.endorse import Opinion, Word
from issuer.issue import issue
from keys.signer import Algorithm
from passeport import issuers, passport
from passeport.cli import share
from passeport.cli.session import Session, now, read_file, secret, session, web
from passeport.cli.session import help_text as _
from passeport.show import show_report
from problems import InputError
from verifier.opened import Opened
from verifier.verify import Verifier

Skill = Annotated[list[str], typer.Option("--skill", metavar="REF[=LEVEL]", help=_("help.endorse_skill"))]


def register(app: typer.Typer) -> None:
    app.command("endorse", help=_("help.endorse"))(endorse)
    app.command("derive", help=_("help.derive"))(share.derive)


def endorse(
    source: Annotated[list[Path], typer.Argument(metavar="CREDENTIAL…", help=_("help.endorse_file"))],
    issuer: Annotated[str, typer.Option(help=_("help.issuer_name"))],
    skill: Skill,
    out: Annotated[Path, typer.Option(help=_("help.out"))],
    relationship: Annotated[str, typer.Option(help=_("help.relationship"))] = "EMPLOYEUR",
    comment: Annotated[str | None, typer.Option(help=_("help.comment"))] = None,
    algorithm: Annotated[Algorithm, typer.Option(help=_("help.algorithm"))] = "P-256",
    pinned: Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))] = None,
    online: Annotated[bool, typer.Option("--online", help=_("help.online"))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("help.json"))] = False,
) -> None:
    here, moment = session(json=json), now()
    verifier = passport.verifier(web(pinned, online=online, settings=here.settings))
    forms = [_verified(path, verifier, moment, here) for path in source]
    order = endorsing.order(forms, Opinion([_word(text) for text in skill], relationship, comment))
    employer = issuers.open_issuer(here.settings, issuer)
    with employer.ledger() as ledger:
        desk = employer.desk(algorithm, secret)
        out.mkdir(parents=True, exist_ok=True)
        written = [str(issuers.write(done, out)) for done in issue([order], desk, ledger, moment)]
        issuers.publish_lists(desk, ledger, here.settings.web, moment)
    if json:
        here.machine({"written": [*written]})
        return
    for path in written:
        here.say("issue.written", path=path)


def _verified(path: Path, verifier: Verifier, moment: dt.datetime, here: Session) -> Opened:
    """Return the one credential in the file; nobody countersigns what did not verify."""
    report = verifier.verify(read_file(path, limits.JSON_BYTES), moment)
    opened = report.credentials[0].opened if len(report.credentials) == 1 else None
    if opened is None or not report.verified:
        if not here.json:
            show_report(report, here.err, here.lang)
        raise InputError("endorse.not_verified", path=path.name)
    return opened


def _word(text: str) -> Word:
    ref, _, level = text.partition("=")
    return Word(ref, level or None)
