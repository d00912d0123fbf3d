"""``passeport account``, ``apikey`` and ``audit``: who may use the service, and what was done with it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from boundary import roles as known
from boundary.roles import Role
from boundary.strict_json import JsonValue
from passeport import anchor, issuers, people
from passeport.cli.session import Session, new_secret, now, read_file, secret, session
from passeport.cli.session import help_text as _
from passeport.people import CONSOLE, People, written
from storage.audit import Event, verify
from storage.sqlite.audit import SqliteAudit

account_app = typer.Typer(no_args_is_help=True, help=_("help.account"))
apikey_app = typer.Typer(no_args_is_help=True, help=_("help.apikey"))
audit_app = typer.Typer(no_args_is_help=True, help=_("help.audit"))

_HEADS_BYTES = 64 << 20
Json = Annotated[bool, typer.Option("--json", help=_("help.json"))]
Organisation = Annotated[str, typer.Argument(help=_("help.issuer_name"))]
Roles = Annotated[list[str] | None, typer.Option("--role", help=_("help.role_of"))]


@account_app.command("create", help=_("help.account_create"))
def create_account(
    login: Annotated[str, typer.Argument(help=_("help.login"))],
    organisation: Annotated[str | None, typer.Option(help=_("help.issuer_name"))] = None,
    role: Roles = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    roles = _roles(role)
    if organisation is not None:
        issuers.open_issuer(here.settings, organisation)
    with _people(here) as them:
        made = them.create_account(CONSOLE, login, new_secret("account_passphrase"))
        if organisation is not None:
            them.set_roles(CONSOLE, organisation, made.id, roles)
    here.done("account.created", account=made.id)


@account_app.command("role", help=_("help.account_role"))
def set_roles(
    account: Annotated[str, typer.Argument(help=_("help.account_id"))],
    organisation: Organisation,
    role: Roles = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    issuers.open_issuer(here.settings, organisation)
    roles = _roles(role)
    with _people(here) as them:
        them.set_roles(CONSOLE, organisation, account, roles)
    here.done("account.roles", account=account, roles=", ".join(sorted(roles)) or "-")


@account_app.command("disable", help=_("help.account_disable"))
def disable(account: Annotated[str, typer.Argument(help=_("help.account_id"))], json: Json = False) -> None:
    here = session(json=json)
    with _people(here) as them:
        them.disable(CONSOLE, account)
    here.done("account.disabled", account=account)


@account_app.command("list", help=_("help.account_list"))
def list_accounts(json: Json = False) -> None:
    here = session(json=json)
    with _people(here) as them:
        rows = [(account, them.members.memberships(account.id)) for account in them.accounts.all()]
    described: list[JsonValue] = [
        {
            "id": account.id,
            "login": account.login,
            "disabled": account.disabled,
            "roles": {name: [*sorted(roles)] for name, roles in sorted(member.items())},
        }
        for account, member in rows
    ]
    if json:
        here.machine(described)
        return
    table = Table(*(here.word(f"column.{name}") for name in ("account", "login", "roles")))
    for account, member in rows:
        roles = "; ".join(f"{name}: {', '.join(sorted(held))}" for name, held in sorted(member.items()))
        table.add_row(account.id, account.login or "OIDC", "✘" if account.disabled else roles)
    here.out.print(table)


@apikey_app.command("create", help=_("help.apikey_create"))
def create_key(
    organisation: Organisation,
    role: Roles = None,
    days: Annotated[int, typer.Option(min=1, max=366, help=_("help.apikey_days"))] = 90,
    json: Json = False,
) -> None:
    here = session(json=json)
    issuers.open_issuer(here.settings, organisation)
    with _people(here) as them:
        made, shown = them.make_key(CONSOLE, organisation, _roles(role), dt.timedelta(days=days))
    here.done("apikey.created", id=made.id, key=shown)


@apikey_app.command("list", help=_("help.apikey_list"))
def list_keys(organisation: Organisation, json: Json = False) -> None:
    here = session(json=json)
    with _people(here) as them:
        keys = [*them.members.keys(organisation)]
    if json:
        described: list[JsonValue] = [
            {"id": key.id, "begins": key.shown, "roles": [*sorted(key.roles)], "revoked": key.revoked}
            for key in keys
        ]
        here.machine(described)
        return
    table = Table(*(here.word(f"column.{name}") for name in ("key", "begins", "roles", "state")))
    for key in keys:
        state = here.word("key.revoked" if key.revoked else "key.active")
        table.add_row(key.id, key.shown, ", ".join(sorted(key.roles)), state)
    here.out.print(table)


@apikey_app.command("revoke", help=_("help.apikey_revoke"))
def revoke_key(
    organisation: Organisation,
    key: Annotated[str, typer.Argument(help=_("help.apikey_id"))],
    json: Json = False,
) -> None:
    here = session(json=json)
    with _people(here) as them:
        them.revoke_key(CONSOLE, organisation, key)
    here.done("apikey.revoked", key=key)


@audit_app.command("anchor", help=_("help.audit_anchor"))
def anchor_head(
    out: Annotated[Path | None, typer.Option(help=_("help.audit_heads"))] = None, json: Json = False
) -> None:
    here = session(json=json)
    place = people.folder(here.settings.home)
    with closing(SqliteAudit(place / "audit.db")) as log:
        head, signer = log.head(), anchor.open_key(place, secret("passphrase"))
    anchor.append(out or anchor.heads_file(place), head, signer)
    here.done("audit.anchored", entry=head.number, key=anchor.known_key(place))


@audit_app.command("verify", help=_("help.audit_verify"))
def verify_log(
    heads: Annotated[Path | None, typer.Option(help=_("help.audit_heads"))] = None,
    key: Annotated[str | None, typer.Option(help=_("help.audit_key"))] = None,
    json: Json = False,
) -> None:
    here = session(json=json)
    place = people.folder(here.settings.home)
    file = heads or anchor.heads_file(place)
    lines = (
        read_file(file, _HEADS_BYTES).decode("utf-8", "replace").splitlines()
        if heads or file.exists()
        else []
    )
    anchored = anchor.read(lines, key or anchor.known_key(place)) if lines else []
    with closing(SqliteAudit(place / "audit.db")) as log:
        head = verify(log.entries(), anchored)
    here.done("audit.whole", entries=head.number, heads=len(anchored))


@contextmanager
def noted(here: Session, what: str, on: str, organisation: str) -> Iterator[None]:
    """Do inside what the log of the service says was done; where no service ever ran there is no log."""
    file = people.folder(here.settings.home) / "audit.db"
    if not file.exists():
        yield
        return
    with closing(SqliteAudit(file)) as log, written(log, Event(CONSOLE, what, on, organisation), now):
        yield


@contextmanager
def _people(here: Session) -> Iterator[People]:
    with people.at_home(here.settings.home, now) as them:
        yield them


def _roles(given: list[str] | None) -> frozenset[Role]:
    return frozenset(map(known.read, given or []))
