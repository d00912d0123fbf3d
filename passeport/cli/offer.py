"""``passeport offer``: from a certifier's file to links that people take their certificates with."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

import typer

from boundary.strict_json import JsonValue
from exchange.openid4vci import offer as links
from issuer.intake.rows import READY, Row
from issuer.offer import Offering, Sent
from issuer.order import Award
from passeport import issuers, qr_image
from passeport.cli import disk
from passeport.cli.issue import IssuerName, Json, Kind, Source
from passeport.cli.serve import settings_of
from passeport.cli.session import Session, now, secret, session
from passeport.cli.session import help_text as _
from passeport.issuing import Readings
from problems import InputError, NotFoundError
from storage.sqlite.offers import SqliteOffers

Claimer = Literal["link", "code", "person"]


def register(app: typer.Typer) -> None:
    app.command("offer", help=_("help.offer"))(offer)


def offer(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help=_("help.issue_input"))],
    issuer: IssuerName,
    reference: Annotated[list[str] | None, typer.Option(help=_("help.offer_reference"))] = None,
    claimer: Annotated[Claimer, typer.Option("--to", help=_("help.offer_to"))] = "code",
    kind: Annotated[str | None, typer.Option("--template", help=_("help.issue_template"))] = None,
    public_url: Annotated[str | None, typer.Option(help=_("help.public_url"))] = None,
    qr: Annotated[Path | None, typer.Option(help=_("help.offer_qr"))] = None,
    algorithm: Kind = "P-256",
    json: Json = False,
) -> None:
    here, moment = session(json=json), now()
    disk.require_file(source)
    who = issuers.open_issuer(here.settings, issuer)
    settings = settings_of({"home": here.settings.home, **({"public_url": public_url} if public_url else {})})
    rows = _rows(Source(source, kind, (), ()).readings(moment.date()), reference)
    desk = who.desk(algorithm, secret)
    with closing(SqliteOffers(settings.database("offers"))) as store:
        made = [
            Offering(store).make(
                issuer, Award(row.reference, row.template, row.claims), claimer, desk, moment
            )
            for row in rows
        ]
    at = f"{settings.public_url}/issuers/{issuer}/offers"
    _tell(here, [(sent, links.by_reference(f"{at}/{sent.reference}")) for sent in made], qr)


def _rows(readings: Readings, wanted: Sequence[str] | None) -> list[Row]:
    """Return the rows that are asked for; one in error stops all of them."""
    found = [reading for reading in readings() if wanted is None or _reference(reading.row) in wanted]
    refused = sum(reading.has_error for reading in found)
    if refused:
        raise InputError("issue.refused", count=refused)
    rows = list(_awards(reading.row for reading in found))
    missing = set(wanted or ()) - {row.reference for row in rows}
    if missing:
        raise NotFoundError("offer.row_unknown", reference=min(missing)[:80])
    if not rows:
        raise InputError("issue.nothing")
    return rows


def _reference(row: Row | None) -> str | None:
    return row.reference if row else None


def _awards(rows: Iterator[Row | None]) -> Iterator[Row]:
    for row in rows:
        if row is not None and row.template == READY:
            raise InputError("offer.ready_made")
        if row is not None:
            yield row


def _tell(here: Session, made: Sequence[tuple[Sent, str]], qr: Path | None) -> None:
    """Say what must reach people: the link, and by another way the code. It cannot be had again."""
    if qr:
        disk.write(qr, qr_image.png(made[0][1]))
    if here.json:
        here.machine([_machine(sent, link) for sent, link in made])
        return
    for sent, link in made:
        here.say("offer.made", reference=sent.offer.reference, link=link)
        if sent.tx_code:
            here.say("offer.code", code=sent.tx_code)
    if here.out.is_terminal and len(made) == 1:
        here.out.file.write(qr_image.terminal(made[0][1]))


def _machine(sent: Sent, link: str) -> JsonValue:
    return {
        "id": sent.offer.id,
        "reference": sent.offer.reference,
        "link": link,
        "code": sent.tx_code,
        "expires": sent.offer.expires.isoformat(),
    }
