"""``passeport revoke`` and ``status publish``: what has become of what was issued."""

from pathlib import Path
from typing import Annotated

import typer

from credentials.nir import looks_like_nir
from passeport import issuers
from passeport.cli.issue import IssuerName, Json, Kind
from passeport.cli.session import help_text as _
from passeport.cli.session import now, secret, session
from problems import InputError
from storage.issuance import StatusValue

status_app = typer.Typer(no_args_is_help=True, help=_("help.status"))


def register(app: typer.Typer) -> None:
    app.command("revoke", help=_("help.revoke"))(revoke)
    app.add_typer(status_app, name="status")


def revoke(
    reference: Annotated[str, typer.Argument(help=_("help.reference"))],
    issuer: IssuerName,
    reason: Annotated[str, typer.Option(help=_("help.revoke_reason"))],
    suspend: Annotated[bool, typer.Option("--suspend", help=_("help.suspend"))] = False,
    reinstate: Annotated[bool, typer.Option("--reinstate", help=_("help.reinstate"))] = False,
    algorithm: Kind = "P-256",
    json: Json = False,
) -> None:
    here, moment = session(json=json), now()
    if suspend and reinstate:
        raise InputError("cli.contradiction", one="--suspend", other="--reinstate")
    if looks_like_nir(reason) or looks_like_nir(reference):
        raise InputError("cli.national_number")
    value: StatusValue = "valid" if reinstate else "suspended" if suspend else "revoked"
    who = issuers.open_issuer(here.settings, issuer)
    with who.ledger() as ledger:
        desk = who.desk(algorithm, secret)
        count = ledger.set_status(reference, value, reason, moment)
        issuers.publish_lists(desk, ledger, here.settings.web, moment)
    here.done(f"revoke.{value}", reference=reference, count=count)


@status_app.command("publish", help=_("help.status_publish"))
def status_publish(
    issuer: IssuerName,
    out: Annotated[Path | None, typer.Option(help=_("help.publish_out"))] = None,
    algorithm: Kind = "P-256",
    json: Json = False,
) -> None:
    here = session(json=json)
    who = issuers.open_issuer(here.settings, issuer)
    web = out or here.settings.web
    with who.ledger() as ledger:
        lists = issuers.publish_lists(who.desk(algorithm, secret), ledger, web, now())
    written = [str(path) for path in (who.publish_keys(web), *lists)]
    if json:
        here.machine({"written": [*written]})
        return
    for path in written:
        here.say("present.written", path=path)
