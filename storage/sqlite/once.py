"""What may be used once, on SQLite."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import cast

from sqlite_utils import Database

from boundary import strict_json
from boundary.strict_json import Json
from storage.once import Found, Purpose, State
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_STATE = """case when used is not null then 'used' when expires <= :now then 'expired'
  when tries = 0 then 'spent' else 'ready' end"""


def _first(db: Database) -> None:
    db.execute("""
        create table once (
          name blob primary key,
          content text not null,
          expires real not null,
          tries integer,
          used real
        ) strict, without rowid""")
    db.execute("create index once_expires on once (expires)")


class SqliteOnce:
    """:class:`storage.once.OnceStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsOn")

    def close(self) -> None:
        self._connections.close()

    def put(
        self, purpose: Purpose, secret: str, content: Json, expires: dt.datetime, *, tries: int = 0
    ) -> bool:
        values = (_name(purpose, secret), strict_json.write(content), expires.timestamp(), tries or None)
        with transaction(self._connections.here) as db:
            written = db.execute(
                "insert into once (name, content, expires, tries) values (?, ?, ?, ?) on conflict do nothing",
                values,
            )
            return written.rowcount == 1

    def look(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        with plain_errors():
            return _found(self._connections.here, _bound(purpose, secret, now))

    def take(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        bound = _bound(purpose, secret, now)
        with transaction(self._connections.here) as db:
            taken = db.execute(
                "update once set used = :now where name = :name and used is null and expires > :now"
                " returning content",
                bound,
            ).fetchone()
            return Found("ready", strict_json.read_object(taken[0])) if taken else _found(db, bound)

    def attempt(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        bound = _bound(purpose, secret, now)
        with transaction(self._connections.here) as db:
            allowed = db.execute(
                "update once set tries = tries - 1 where name = :name and tries > 0 and used is null"
                " and expires > :now returning content",
                bound,
            ).fetchone()
            return Found("ready", strict_json.read_object(allowed[0])) if allowed else _found(db, bound)

    def forget(self, now: dt.datetime) -> int:
        with transaction(self._connections.here) as db:
            return int(db.execute("delete from once where expires <= ?", (now.timestamp(),)).rowcount)


def _name(purpose: Purpose, secret: str) -> bytes:
    return hashlib.sha256(f"{purpose}\x00{secret}".encode()).digest()


def _bound(purpose: Purpose, secret: str, now: dt.datetime) -> dict[str, object]:
    return {"name": _name(purpose, secret), "now": now.timestamp()}


def _found(db: Database, bound: dict[str, object]) -> Found:
    row = db.execute(f"select {_STATE}, content from once where name = :name", bound).fetchone()  # noqa: S608
    if row is None:
        return Found("unknown")
    state, content = cast(State, row[0]), row[1]
    return Found(state, strict_json.read_object(content) if state in ("ready", "used") else None)
