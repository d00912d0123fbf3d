"""Members and access keys on SQLite."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from boundary import roles as known
from boundary.roles import Role
from problems import ConflictError
from storage.organisations import ApiKey, Member
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_KEY: Final = "id, organisation, shown, roles, made_by, expires, revoked, used"


def _first(db: Database) -> None:
    db.execute("""
        create table member (
          organisation text not null,
          account text not null,
          roles text not null,
          primary key (organisation, account)
        ) strict, without rowid""")
    db.execute("create index member_account on member (account)")
    db.execute("""
        create table api_key (
          id text primary key,
          name blob not null unique,
          organisation text not null,
          shown text not null,
          roles text not null,
          made_by text not null,
          expires real not null,
          revoked integer not null default 0,
          used text,
          created real not null
        ) strict""")


class SqliteMembers:
    """:class:`storage.organisations.MemberStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsMe")

    def close(self) -> None:
        self._connections.close()

    def memberships(self, account: str) -> Mapping[str, frozenset[Role]]:
        query = "select organisation, roles from member where account = ?"
        with plain_errors():
            rows = self._connections.here.execute(query, (account,)).fetchall()
        return {organisation: _roles(text) for organisation, text in rows}

    def members(self, organisation: str) -> Iterator[Member]:
        query = "select account, roles from member where organisation = ? order by account"
        with plain_errors():
            rows = self._connections.here.execute(query, (organisation,)).fetchall()
        yield from (Member(account, _roles(text)) for account, text in rows)

    def set_roles(self, organisation: str, account: str, roles: frozenset[Role]) -> None:
        with transaction(self._connections.here) as db:
            had = _administrators(db, organisation)
            db.execute("delete from member where organisation = ? and account = ?", (organisation, account))
            if roles:
                db.execute(
                    "insert into member (organisation, account, roles) values (?, ?, ?)",
                    (organisation, account, _text(roles)),
                )
            if had and not _administrators(db, organisation):
                raise ConflictError("access.last_administrator")

    def add_key(self, key: ApiKey, secret: str, now: dt.datetime) -> None:
        values = (
            key.id, key.organisation, key.shown, _text(key.roles), key.made_by, key.expires.timestamp(),
            key.revoked, None, _name(secret), now.timestamp(),
        )  # fmt: skip
        with transaction(self._connections.here) as db:
            db.execute(f"insert into api_key ({_KEY}, name, created) values ({'?,' * 9} ?)", values)  # noqa: S608

    def keys(self, organisation: str) -> Iterator[ApiKey]:
        query = f"select {_KEY} from api_key where organisation = ? order by created desc, id"  # noqa: S608
        with plain_errors():
            rows = self._connections.here.execute(query, (organisation,)).fetchall()
        yield from map(_key, rows)

    def use_key(self, secret: str, now: dt.datetime) -> ApiKey | None:
        """The day is written once a day: who programs at night is nobody's business."""
        query = f"select {_KEY} from api_key where name = ? and revoked = 0 and expires > ?"  # noqa: S608
        with plain_errors():
            row = self._connections.here.execute(query, (_name(secret), now.timestamp())).fetchone()
        if row is None:
            return None
        found, today = _key(row), now.date()
        if found.used != today:
            with transaction(self._connections.here) as db:
                db.execute("update api_key set used = ? where id = ?", (today.isoformat(), found.id))
        return found

    def revoke_key(self, organisation: str, key_id: str) -> bool:
        with transaction(self._connections.here) as db:
            changed = db.execute(
                "update api_key set revoked = 1 where organisation = ? and id = ? and revoked = 0",
                (organisation, key_id),
            )
            return changed.rowcount == 1


def _administrators(db: Database, organisation: str) -> bool:
    rows = db.execute("select roles from member where organisation = ?", (organisation,)).fetchall()
    return any("administrator" in _roles(row[0]) for row in rows)


def _text(roles: frozenset[Role]) -> str:
    return " ".join(sorted(roles))


def _roles(text: str) -> frozenset[Role]:
    return frozenset(map(known.read, text.split()))


def _name(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _key(row: tuple[Any, ...]) -> ApiKey:
    """Return what a row of ``_KEY`` says; their types are those of a strict table."""
    key_id, organisation, shown, roles, made_by, expires, revoked, used = row
    return ApiKey(
        key_id,
        organisation,
        shown,
        _roles(roles),
        made_by,
        dt.datetime.fromtimestamp(expires, dt.UTC),
        bool(revoked),
        dt.date.fromisoformat(used) if used else None,
    )
