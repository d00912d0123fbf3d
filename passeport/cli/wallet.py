"""``passeport wallet``: keep, look at, remove, back up. Declaring and presenting are in ``share``."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from boundary import limits
from boundary.strict_json import Json as JsonObject
from boundary.strict_json import JsonValue
from credentials import twin
from passeport import passport
from passeport.cli import disk, links, online, share
from passeport.cli.session import Session, new_secret, now, read_file, secret, session, web
from passeport.cli.session import help_text as _
from problems import Problem
from problems.dates import day
from wallet import backup, hold
from wallet.contents import Held
from wallet.hold import Shelved
from wallet.opened import open_held

_FORMS: Final = {"application/vc": "JSON-LD", "application/dc+sd-jwt": "SD-JWT"}

app = typer.Typer(no_args_is_help=True, help=_("help.wallet"))
share.register(app)
online.register(app)
links.register(app)

Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
Name = Annotated[str, typer.Argument(metavar="ID", help=_("help.credential_id"))]
Pinned = Annotated[list[Path] | None, typer.Option("--pinned", help=_("help.pinned"))]
Online = Annotated[bool, typer.Option("--online", help=_("help.online"))]


@app.command(help=_("help.wallet_create"))
def create(json: Json = False) -> None:
    here = session(json=json)
    code = passport.create(here.settings.wallet, new_secret)
    if json:
        here.machine({"recoveryCode": code})
    else:
        here.say("wallet.created", code=code)


@app.command(help=_("help.wallet_key"))
def key(
    reference: Annotated[str | None, typer.Argument(help=_("help.key_reference"))] = None, json: Json = False
) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        made = vault.new_key(now(), reference=reference)
    if json:
        here.machine({"reference": reference, "key": made.did})
    else:
        typer.echo(f"{reference or ''};{made.did}")


@app.command(help=_("help.wallet_add"))
def add(
    source: Annotated[list[Path], typer.Argument(metavar="FILE…", help=_("help.wallet_add_file"))],
    pinned: Pinned = None,
    online: Online = False,
    json: Json = False,
) -> int:
    here = session(json=json)
    verifier = passport.verifier(web(pinned, online=online, settings=here.settings))
    added: list[JsonValue] = []
    with passport.opened(here.settings.wallet, secret) as vault:
        for path in source:
            try:
                body = read_file(path, limits.JSON_BYTES)
                if twin.is_twin(body):
                    kept = passport.take_twin(body, vault, verifier)
                    _twin_added(kept, added, here)
                    continue
                held = passport.take(body, vault, verifier, now())
            except Problem as problem:
                return _stopped(problem, path, added, here)
            added.append(share.described_briefly(held))
            if not json:
                here.say("wallet.added", id=held.id[:8], title=hold.facts_of(held).title)
    if json:
        here.machine(added)
    return 0


@app.command("list", help=_("help.wallet_list"))
def list_(json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        shelf = hold.shelf(vault)
    if json:
        here.machine([_described(shelved, here) for shelved in shelf])
        return
    if not shelf:
        here.say("wallet.empty")
        return
    columns = ("id", "title", "issuer", "proof", "until", "form")
    table = Table(*(here.word(f"column.{c}") for c in columns))
    for shelved in shelf:
        table.add_row(*_row(shelved, here))
        for endorsement in shelved.endorsements:
            table.add_row(*_row(endorsement, here, "  ✎ "))
    here.out.print(table)


@app.command(help=_("help.wallet_show"))
def show(name: Name, json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        held = hold.find(vault, name)
        seen = online.seen(held, vault)
    opened = open_held(held)
    if json:
        told: JsonObject = {"id": held.id, "form": held.media_type, "document": opened.document}
        here.machine({**told, "presented": seen})
        return
    here.out.print(f"{opened.facts.title}", style="bold")
    choosable = {item.id for item in opened.items}
    table = Table(*(here.word(f"column.{c}") for c in ("item", "label", "value")))
    for item in opened.facts.shown:
        mark = item.id if item.id in choosable else here.word("wallet.always")
        table.add_row(mark, item.label[here.lang], "\n".join(item.lines[here.lang]))
    here.out.print(table)


@app.command(help=_("help.wallet_remove"))
def remove(name: Name, json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        removed = vault.remove(hold.find(vault, name).id)
    here.done("wallet.removed", id=removed.id, title=hold.facts_of(removed).title)


@app.command(help=_("help.wallet_export"))
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help=_("help.backup_file"))], json: Json = False
) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        data, code = backup.export_with_code(vault)
    disk.write(out, data)
    here.done("wallet.exported", path=str(out), code=code)


@app.command(help=_("help.wallet_restore"))
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=_("help.backup_file"))],
    code: Annotated[str | None, typer.Option(help=_("help.backup_code"))] = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    data = read_file(source, limits.BACKUP_BYTES)
    with passport.opened(here.settings.wallet, secret) as vault:
        done = backup.restore(vault, data, code or secret("recovery_code"))
    here.done("wallet.restored", credentials=done.credentials, keys=done.keys, already=done.already)


def _twin_added(held: Held, added: list[JsonValue], here: Session) -> None:
    added.append({"twinOf": held.id})
    if not here.json:
        here.say("wallet.twin_added", id=held.id[:8], title=hold.facts_of(held).title)


def _stopped(problem: Problem, path: Path, added: list[JsonValue], here: Session) -> int:
    """Say at which file, and what was added before it: that stays."""
    if not here.json:
        here.err.print(here.word("wallet.stopped", path=path.name, count=len(added)))
    here.refuse(problem, added=added, file=path.name)
    return 2


def _row(shelved: Shelved, here: Session, indent: str = "") -> list[str]:
    facts = shelved.facts
    return [
        shelved.held.id[:8],
        indent + facts.title,
        facts.issuer_name or here.word("wallet.myself"),
        here.word("level.declared" if facts.self_declared else "level.certified"),
        day(facts.valid_until, here.lang) if facts.valid_until else "–",
        _form(shelved.held),
    ]


def _described(shelved: Shelved, here: Session) -> JsonObject:
    facts, until = shelved.facts, shelved.facts.valid_until
    return {
        "id": shelved.held.id,
        "form": shelved.held.media_type,
        "title": facts.title,
        "type": facts.kind,
        "issuer": {"id": facts.issuer_id, "name": facts.issuer_name},
        "holder": facts.holder_id,
        "declared": facts.self_declared,
        "validUntil": until.astimezone(dt.UTC).isoformat() if until else None,
        "items": [{"id": i.id, "label": i.label[here.lang]} for i in open_held(shelved.held).items],
        "endorsements": [_described(endorsement, here) for endorsement in shelved.endorsements],
    }


def _form(held: Held) -> str:
    return _FORMS.get(held.media_type, held.media_type.removeprefix("application/"))
