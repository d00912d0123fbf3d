"""``passeport wallet declare`` and ``present``, and ``passeport derive``: what a holder shows."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Final

import typer

from boundary import limits
from boundary.strict_json import Json as JsonObject
from boundary.strict_json import JsonValue
from exchange import presentation, qr
from exchange.presentation import Part
from passeport import passport
from passeport.cli import disk, offline
from passeport.cli.code import Code, draw
from passeport.cli.session import help_text as _
from passeport.cli.session import now, read_file, secret, session
from problems import InputError
from wallet import derive as wallet_derive
from wallet import history, hold
from wallet.contents import Held
from wallet.declare import declare_skill
from wallet.present import TOKEN_FORMS, Binding, Choice, TokenForm, bearer
from wallet.vault import Vault

DEFAULT_HOST: Final = "passeport.example"

Show = Annotated[list[str], typer.Option("--show", metavar="ID[:ITEM,…]", help=_("help.show"))]
Out = Annotated[Path | None, typer.Option(help=_("help.present_out"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]


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
    json: Json = False,
) -> None:
    here = session(json=json)
    described: JsonObject = {"name": skill, "framework": framework, "code": code, "level": level}
    said: JsonObject = {name: value for name, value in described.items() if value is not None}
    person: JsonObject = {"given_name": given_name, "family_name": family_name}
    with passport.opened(here.settings.wallet, secret) as vault:
        declared = declare_skill(vault, said, person, now())
    if json:
        here.machine([described_briefly(held) for held in declared])
        return
    for held in declared:
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
    form: Annotated[str | None, typer.Option(help=_("help.present_form"))] = None,
    screen: Annotated[bool, typer.Option("--offline", help=_("help.present_offline"))] = False,
    paper: Annotated[bool, typer.Option("--paper", help=_("help.present_paper"))] = False,
    json: Json = False,
) -> None:
    here = session(json=json)
    if screen or paper:
        asked = {"--audience": audience, "--nonce": nonce, "--form": form}
        offline.require_alone("--paper" if paper else "--offline", {**asked, "--offline": screen and paper})
        offline.show(show, here, host, offline.Outlet(out, qr_file, terminal), paper=paper)
        return
    binding, envelope = _binding(audience, nonce, days, now()), _envelope(form)
    with (
        passport.opened(here.settings.wallet, secret) as vault,
        history.handing_over(choices(show, vault), vault, binding, envelope) as parts,
    ):
        text = presentation.write_parts(parts)
        code = _code(parts, host, qr_file, terminal) if qr_file or terminal else None
        if qr_file and code:
            disk.write(qr_file, code.picture(qr_file), mode=0o644)
        if out:
            disk.write(out, text.encode())
    if json:
        here.machine(_shared(text, out, qr_file, code))
        return
    if terminal and code:
        typer.echo(code.drawn)
    if qr_file and code:
        here.say("present.drawn", path=str(qr_file), version=code.version)
    if out:
        here.say("present.written", path=str(out))
    elif not code:
        typer.echo(text)


def derive(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=_("help.derive_file"))],
    reveal: Annotated[list[str] | None, typer.Option("--reveal", help=_("help.reveal"))] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    here, parts = session(json=json), presentation.read(read_file(source, limits.JSON_BYTES))
    if len(parts) != 1:
        raise InputError("wallet.several", count=len(parts))
    text = wallet_derive.derive(parts[0], reveal or [])
    if out:
        disk.write(out, text.encode())
        here.done("present.written", path=str(out))
    elif json:
        here.machine({"credential": text})
    else:
        typer.echo(text)


def described_briefly(held: Held) -> JsonValue:
    """Return what a program needs to go on with a credential that was just kept."""
    return {"id": held.id, "form": held.media_type, "title": hold.facts_of(held).title}


def _code(parts: list[Part], host: str, path: Path | None, terminal: bool) -> Code:
    text = qr.encode_offline([presentation.write_parts([part]) for part in parts], host)
    return draw(text, path, terminal=terminal)


def _binding(audience: str | None, nonce: str | None, days: int, moment: dt.datetime) -> Binding:
    """Return the binding to a question, or, when there is none, to any bearer for some days."""
    if audience is None and nonce is None:
        return bearer(moment, dt.timedelta(days=days))
    if not (audience and nonce):
        raise InputError("cli.question_halved")
    return Binding(audience, nonce, moment)


def _envelope(form: str | None) -> TokenForm | None:
    if form is not None and form not in TOKEN_FORMS:
        raise InputError("present.form", form=form[:40], known=", ".join(TOKEN_FORMS))
    return next((known for known in TOKEN_FORMS if known == form), None)


def choices(show: list[str], vault: Vault) -> list[Choice]:
    """Return one choice per credential: what is asked of it in several options is shown together."""
    chosen: dict[str, Choice] = {}
    for text in show:
        name, _, items = text.partition(":")
        held = hold.find(vault, name)
        before = chosen.get(held.id, Choice(held)).items
        chosen[held.id] = Choice(held, (*before, *(item for item in items.split(",") if item)))
    return list(chosen.values())


def _shared(text: str, out: Path | None, qr_file: Path | None, code: Code | None) -> JsonObject:
    """``presentation`` only when no file has it."""
    return {
        "presentation": None if out else text,
        "path": str(out) if out else None,
        "qr": {"path": str(qr_file) if qr_file else None, "text": code.text, "version": code.version}
        if code
        else None,
    }
