"""``passeport keys``: make an issuer, rotate and revoke its keys, publish the public ones."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from boundary import limits
from boundary.strict_json import JsonValue
from keys.multikey import encode
from keys.record import KeyRecord
from keys.resolver import RevocationReason
from keys.signer import Algorithm
from passeport import certificates, issuers
from passeport.cli import disk
from passeport.cli.people import noted
from passeport.cli.session import help_text as _
from passeport.cli.session import new_secret, now, read_file, secret, session
from passeport.issuers import Issuer, Profile
from problems import InputError
from problems.dates import day

app = typer.Typer(no_args_is_help=True, help=_("help.keys"))

Name = Annotated[str, typer.Argument(help=_("help.issuer_name"))]
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
Kind = Annotated[Algorithm, typer.Option(help=_("help.algorithm"))]
Also = Annotated[Algorithm | None, typer.Option(help=_("help.also"))]
_COLUMNS = ("key", "algorithm", "state", "since", "with", "certified")


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
    with noted(here, "key.add", algorithm, name):
        made = issuer.keyring.add(algorithm, secret("passphrase"), now=now(), also=also)
        issuer.keyring.activate(made.id, now=now())
    here.done("keys.added", key=made.id, path=_publish(issuer))


@app.command("list", help=_("help.keys_list"))
def list_(name: Name, json: Json = False) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    records = issuer.keyring.records()
    if json:
        here.machine([_described(record, _until(issuer, record)) for record in records])
        return
    table = Table(*(here.word(f"column.{column}") for column in _COLUMNS))
    for record in records:
        state = here.word(f"key.{record.state}")
        since = day(record.since, here.lang)
        until = _until(issuer, record)
        certified = day(until, here.lang) if until else ""
        table.add_row(record.id, record.key.algorithm, state, since, record.companion or "", certified)
    here.out.print(table)


@app.command(help=_("help.keys_rotate"))
def rotate(name: Name, algorithm: Kind = "P-256", also: Also = None, json: Json = False) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    old = issuer.keyring.active(algorithm)
    with noted(here, "key.rotate", old.id, name):
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
    with noted(here, "key.revoke", key[:64], name):
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


@app.command(help=_("help.keys_certify"))
def certify(
    name: Name,
    chain: Annotated[Path | None, typer.Option(help=_("help.chain"))] = None,
    csr: Annotated[Path | None, typer.Option(help=_("help.csr"))] = None,
    key: Annotated[str | None, typer.Option(help=_("help.key_id"))] = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    issuer = issuers.open_issuer(here.settings, name)
    if (chain is None) == (csr is None):
        raise InputError("x509.chain_or_request")
    if chain is not None:
        pem = read_file(chain, limits.X509_FILE_BYTES)
        kept = certificates.keep(issuer.folder, issuer.keyring, pem, now(), key)
        here.done("keys.certified", until=kept.until.date().isoformat())
    if csr is not None:
        organisation = issuer.profile.organisation
        disk.write(csr, certificates.ask(issuer.keyring, organisation, key, secret("passphrase")))
        here.done("keys.requested", path=str(csr))


def _publish(issuer: Issuer) -> str:
    return str(issuer.publish_keys(session().settings.web))


def _until(issuer: Issuer, record: KeyRecord) -> dt.datetime | None:
    found = certificates.chain(issuer.folder, record.id)
    return found.until if found else None


def _described(record: KeyRecord, until: dt.datetime | None) -> dict[str, JsonValue]:
    revoked = record.revocation
    return {
        "id": record.id,
        "algorithm": record.key.algorithm,
        "publicKeyMultibase": encode(record.key),
        "state": record.state,
        "since": record.since.isoformat(),
        "signsOnlyWith": record.companion,
        "certifiedUntil": until.isoformat() if until else None,
        "revoked": {"reason": revoked.reason, "at": revoked.at.isoformat()} if revoked else None,
    }
