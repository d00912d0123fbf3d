"""``passeport wallet declare`` and ``present``, and ``passeport derive``: what a holder shows."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from boundary import files, limits
from boundary.strict_json import Json
from exchange import presentation, qr
from exchange.presentation import Part
from passeport import passport, qr_image
from passeport.cli.session import Session, now, read_file, secret, session
from passeport.cli.session import help_text as _
from problems import InputError
from wallet import derive as wallet_derive
from wallet import hold
from wallet.declare import declare_skill
from wallet.present import Binding, Choice, bearer, present
from wallet.vault import Vault

DEFAULT_HOST = "passeport.example"

Show = Annotated[list[str], typer.Option("--show", metavar="ID[:ITEM,…]", help=_("help.show"))]
Out = Annotated[Path | None, typer.Option(help=_("help.present_out"))]


def register(app: typer.Typer) -> None:
    app.command("declare", help=_("help.wallet_declare"))(declare)
    app.command("present", help=_("help.wallet_present"))(present_command)


def declare(
    skill: Annotated[str, typer.Argument(help=_("help.skill_name"))],
    given_name: Annotated[str, typer.Option(help=_("help.given_name"))],
    family_name: Annotated[str, typer.Option(help=_("help.family_name"))],
    framework: Annotated[str | None, typer.Option(help=_("help.skill_framework"))] = None,
    code: Annotated[str | None, typer.Option(help=_("help.skill_code"))] = None,
    level: Annotated[str | None, typer.Option(help=_("help.skill_level"))] = None,
) -> None:
    here, moment = session(), now()
    described: Json = {"name": skill, "framework": framework, "code": code, "level": level}
    described["level_scale"] = "workplace-4" if level else None
    person: Json = {"given_name": given_name, "family_name": family_name}
    with passport.opened(here.settings.wallet, secret) as vault:
        key = vault.new_key(moment, reference=skill)
        signer = vault.signer_for(key.did)
        for _form, body in declare_skill(_given(described), person, key, signer, moment):
            held = hold.take(body, vault, moment)
            here.say("wallet.added", id=held.id[:8], title=hold.facts_of(held).title)


def present_command(
    show: Show,
    audience: Annotated[str | None, typer.Option(help=_("help.present_audience"))] = None,
    nonce: Annotated[str | None, typer.Option(help=_("help.present_nonce"))] = None,
    days: Annotated[int, typer.Option(min=1, max=92, help=_("help.present_days"))] = 30,
    out: Out = None,
    qr_file: Annotated[Path | None, typer.Option("--qr", help=_("help.present_qr"))] = None,
    terminal: Annotated[bool, typer.Option("--terminal", help=_("help.present_terminal"))] = False,
    host: Annotated[str, typer.Option(help=_("help.present_host"))] = DEFAULT_HOST,
) -> None:
    here, moment = session(), now()
    if (audience is None) != (nonce is None):
        raise InputError("cli.question_halved")
    lifetime = dt.timedelta(days=days)
    binding = Binding(audience, nonce, moment) if audience and nonce else bearer(moment, lifetime)
    with passport.opened(here.settings.wallet, secret) as vault:
        parts = present([_choice(text, vault) for text in show], vault, binding)
    if qr_file or terminal:
        _draw(parts, host, qr_file, terminal, here)
    if out:
        files.write(out, presentation.write_parts(parts).encode())
        here.say("present.written", path=str(out))
    elif not (qr_file or terminal):
        typer.echo(presentation.write_parts(parts))


def derive(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=_("help.derive_file"))],
    reveal: Annotated[list[str] | None, typer.Option("--reveal", help=_("help.reveal"))] = None,
    out: Out = None,
) -> None:
    parts = presentation.read(read_file(source, limits.JSON_BYTES))
    text = wallet_derive.derive(parts[0], reveal or [])
    if out:
        files.write(out, text.encode())
        session().say("present.written", path=str(out))
    else:
        typer.echo(text)


def _choice(text: str, vault: Vault) -> Choice:
    name, _, items = text.partition(":")
    return Choice(hold.find(vault, name), tuple(item for item in items.split(",") if item))


def _draw(parts: list[Part], host: str, path: Path | None, terminal: bool, here: Session) -> None:
    texts = [presentation.write_parts([part]) for part in parts]
    code = qr.encode_offline(texts, host)
    if terminal:
        typer.echo(qr_image.terminal(code))
    if path is None:
        return
    if path.suffix.lower() == ".svg":
        files.write(path, qr_image.svg(code).encode(), mode=0o644)
    else:
        qr_image.png(code, path)
    here.say("present.drawn", path=str(path), version=qr_image.version(code))


def _given(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}
