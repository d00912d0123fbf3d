"""``passeport wallet present --offline`` and ``--paper``: the short form of one credential."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from credentials.twin import facts_twin
from exchange import offline, qr
from exchange.presentation import BEARER
from passeport import passport
from passeport.cli import disk
from passeport.cli.code import Code, draw
from passeport.cli.session import Session, now, secret
from problems import InputError
from wallet import history, hold, twins


@dataclass(frozen=True)
class Outlet:
    """Where a twin goes: a file of its own, a picture, the terminal; its link, when nowhere else."""

    file: Path | None
    picture: Path | None
    terminal: bool


def require_alone(option: str, others: Mapping[str, object]) -> None:
    """Refuse options that a twin cannot honour: it answers nobody, and has one form."""
    for name, value in others.items():
        if value:
            raise InputError("cli.contradiction", one=option, other=name)


def show(names: Sequence[str], here: Session, host: str, outlet: Outlet, *, paper: bool) -> None:
    """Show one twin, all of it; on a screen signed by its holder now."""
    if len(names) != 1 or ":" in names[0]:
        raise InputError("present.twin_whole")
    with passport.opened(here.settings.wallet, secret) as vault:
        held = hold.find(vault, names[0])
        shown = twins.paper(held) if paper else twins.screen(held, vault, now())
        code = draw(qr.encode_twin(shown, host), outlet.picture, terminal=outlet.terminal)
        if outlet.picture:
            disk.write(outlet.picture, code.picture(outlet.picture), mode=0o644)
        if outlet.file:
            disk.write(outlet.file, shown)
        facts = facts_twin(offline.read(shown).twin)
        history.note([history.of_facts(held, facts)], vault, BEARER, "handed_over", now())
    _tell(shown, code, outlet, here)


def _tell(shown: bytes, code: Code, outlet: Outlet, here: Session) -> None:
    if here.json:
        here.machine(
            {
                "path": str(outlet.file) if outlet.file else None,
                "bytes": len(shown),
                "qr": {
                    "path": str(outlet.picture) if outlet.picture else None,
                    "text": code.text,
                    "version": code.version,
                },
            }
        )
        return
    if outlet.terminal:
        typer.echo(code.drawn)
    if outlet.picture:
        facts = {"bytes": len(shown), "characters": len(code.text), "version": code.version}
        here.say("present.twin_drawn", path=str(outlet.picture), **facts)
    if outlet.file:
        here.say("present.written", path=str(outlet.file))
    elif not (outlet.picture or outlet.terminal):
        typer.echo(code.text)
