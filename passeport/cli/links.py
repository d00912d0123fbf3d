"""``passeport wallet share``, ``links`` and ``unlink``: a share behind a link, and its end."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from boundary import limits
from boundary.fetch import Client, Fetcher, is_public
from boundary.strict_json import Json as JsonObject
from passeport import passport
from passeport.cli import disk
from passeport.cli.code import draw
from passeport.cli.session import help_text as _
from passeport.cli.session import now, secret, session
from passeport.cli.share import Json, Show, choices
from problems.dates import day
from wallet import share
from wallet.share import Shared

Name = Annotated[str, typer.Argument(metavar="ID", help=_("help.link_id"))]


def register(app: typer.Typer) -> None:
    app.command("share", help=_("help.wallet_share"))(share_command)
    app.command("links", help=_("help.wallet_links"))(links_command)
    app.command("unlink", help=_("help.wallet_unlink"))(unlink_command)


def share_command(
    show: Show,
    link: Annotated[str, typer.Option(metavar="URL", help=_("help.share_link"))],
    days: Annotated[int, typer.Option(min=1, max=92, help=_("help.share_days"))] = 30,
    views: Annotated[
        int | None, typer.Option(min=1, max=limits.LINK_VIEWS, help=_("help.share_views"))
    ] = None,
    qr_file: Annotated[Path | None, typer.Option("--qr", help=_("help.present_qr"))] = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        made = share.share(
            choices(show, vault),
            vault,
            link,
            client,
            now(),
            lifetime=dt.timedelta(days=days),
            max_views=views,
        )
    if qr_file:
        disk.write(qr_file, draw(made.link.url, qr_file, terminal=False).picture(qr_file), mode=0o644)
    if json:
        here.machine({**_told(made), "url": made.link.url, "qr": str(qr_file) if qr_file else None})
        return
    typer.echo(made.link.url)
    here.err.print(here.word("share.made", day=day(made.expires, here.lang), id=made.id[:8]), markup=False)


def links_command(json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        made = share.links(vault)
    if json:
        here.machine([{**_told(one), "url": one.link.url} for one in made])
        return
    if not made:
        here.say("share.none")
        return
    table = Table(*(here.word(f"column.{name}") for name in ("id", "title", "link_until", "link_views")))
    for one in made:
        views = str(one.max_views) if one.max_views else here.word("share.unlimited")
        table.add_row(one.id[:8], ", ".join(one.titles), day(one.expires, here.lang), views)
    here.out.print(table)


def unlink_command(name: Name, json: Json = False) -> None:
    here = session(json=json)
    with passport.opened(here.settings.wallet, secret) as vault:
        cut = share.unlink(vault, name, client)
    here.done("share.cut", id=cut.id[:8])


def client(origin: str) -> Client:
    """Return who asks the service that the person named: on this machine if that is where it is."""
    if not origin.startswith(("http://localhost", "http://127.0.0.1")):
        return Fetcher()
    return Fetcher(
        addresses=lambda address: address.is_loopback or is_public(address), ports=None, plain=True
    )


def _told(made: Shared) -> JsonObject:
    return {
        "id": made.id,
        "titles": [*made.titles],
        "expires": made.expires.isoformat(),
        "maxViews": made.max_views,
    }
