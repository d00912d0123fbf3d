"""``passeport keys``: make an issuer, rotate and revoke its keys, publish the public ones."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from boundary.strict_json import JsonValue
from keys.multikey import encode
from keys.record import KeyRecord
from keys.resolver import RevocationReason
from keys.signer import Algorithm
from passeport import issuers
from passeport.cli.session import help_text as _
from passeport.cli.session import new_secret, now, secret, session
from passeport.issuers import Issuer, Profile
from problems.dates import day

app = typer.Typer(no_args_is_help=True, help=_("help.keys"))

Name = Annotated[str, typer.Argument(help=_("help.issuer_name"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
Kind = Annotated[Algorithm, typer.Option(help=_("help.algorithm"))]
Also = Annotated[Algorithm | None, typer.Option(help=_("help.also"))]


@app.command(help=_("help.keys_create"))
def create(
    name: Name,
    did: Annotated[str, typer.Option(help=_("help.did"))],
    org: Annotated[str, typer.Option(help=_("help.org"))],
    siret: Annotated[str | None, typer.Option(help=_("help.siret"))] = None,
    url: Annotated[str | None, typer.Option(help=_("help.url"))] = None,
    algorithm: Kind = "P-256",
    also: Also = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    profile = Profile(did, org, siret, url)
    issuer = issuers.create(here.settings, name, profile, algorithm, new_secret("passphrase"), now(), also)
    here.done("keys.created", did=did, path=_publish(issuer))


@app.command(help=_("help.keys_add"))
def add(name: Name, algorithm: Kind = "P-256", also: Also = None, json: Json = False) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    made = issuer.keyring.add(algorithm, secret("passphrase"), now=now(), also=also)
    issuer.keyring.activate(made.id, now=now())
    here.done("keys.added", key=made.id, path=_publish(issuer))


@app.command("list", help=_("help.keys_list"))
def list_(name: Name, json: Json = False) -> None:
    here = session(json=json)
    records = issuers.open_issuer(here.settings, name).keyring.records()
    if json:
        here.machine([_described(record) for record in records])
        return
    table = Table(*(here.word(f"column.{c}") for c in ("key", "algorithm", "state", "since", "with")))
    for record in records:
        state = here.word(f"key.{record.state}")
        since = day(record.since, here.lang)
        table.add_row(record.id, record.key.algorithm, state, since, record.companion or "")
    here.out.print(table)


@app.command(help=_("help.keys_rotate"))
def rotate(name: Name, algorithm: Kind = "P-256", also: Also = None, json: Json = False) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    old = issuer.keyring.active(algorithm)
    new = issuer.keyring.rotate(old.id, new_secret("passphrase"), now=now(), also=also)
    here.done("keys.rotated", old=old.id, new=new.id, path=_publish(issuer))


@app.command(help=_("help.keys_revoke"))
def revoke(
    name: Name,
    key: Annotated[str, typer.Argument(help=_("help.key_id"))],
    reason: Annotated[RevocationReason, typer.Option(help=_("help.key_reason"))],
    json: Json = False,
) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    issuer.keyring.revoke(key, reason, now=now())
    here.done("keys.revoked", key=key, path=_publish(issuer))


@app.command(help=_("help.keys_publish"))
def publish(
    name: Name,
    out: Annotated[Path | None, typer.Option(help=_("help.publish_out"))] = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    here.done("keys.published", path=str(issuer.publish_keys(out or here.settings.web)))


def _publish(issuer: Issuer) -> str:
    return str(issuer.publish_keys(session().settings.web))


def _described(record: KeyRecord) -> dict[str, JsonValue]:
    revoked = record.revocation
    return {
        "id": record.id,
        "algorithm": record.key.algorithm,
        "publicKeyMultibase": encode(record.key),
        "state": record.state,
        "since": record.since.isoformat(),
        "signsOnlyWith": record.companion,
        "revoked": {"reason": revoked.reason, "at": revoked.at.isoformat()} if revoked else None,
    }
