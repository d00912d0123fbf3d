"""A verifier's open requests, on SQLite."""

import datetime as dt
import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Final, cast

from sqlite_utils import Database

from boundary import strict_json
from boundary.strict_json import Json
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction
from storage.transactions import State, Transaction
from storage.webhooks import Delivery

_COLUMNS: Final = "name, content, expires, state, outcome"


def _first(db: Database) -> None:
    db.execute("""
        create table asked (
          name text primary key,
          handle blob not null unique,
          content text not null,
          expires real not null,
          state text not null default 'open' check (state in ('open', 'answered', 'declined')),
          outcome text
        ) strict, without rowid""")
    db.execute("create index asked_expires on asked (expires)")


def _webhooks(db: Database) -> None:
    db.execute("""
        create table webhook (
          id text primary key,
          organisation text not null,
          url text not null,
          author text not null,
          created real not null,
          disabled integer not null default 0 check (disabled in (0, 1)),
          rests real not null default 0
        ) strict""")
    db.execute("create index webhook_organisation on webhook (organisation)")
    db.execute("""
        create table delivery (
          id text primary key,
          webhook text not null references webhook on delete cascade,
          body text not null,
          due real not null,
          expires real not null,
          state text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
          attempts integer not null default 0,
          answer integer,
          code text not null default '',
          worker text not null default '',
          until real not null default 0
        ) strict""")
    db.execute("create index delivery_due on delivery (due) where state = 'pending'")
    db.execute("create index delivery_webhook on delivery (webhook, until)")
    db.execute("create index delivery_expires on delivery (expires)")


MIGRATIONS: Final = (_first, _webhooks)
APPLICATION: Final = b"PsTr"


class SqliteTransactions:
    """:class:`storage.transactions.Transactions` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, MIGRATIONS, application=APPLICATION)

    def close_connections(self) -> None:
        self._connections.close()

    def open(self, asked: Transaction, handle: str) -> None:
        values = (asked.name, _hash(handle), strict_json.write(asked.content), asked.expires.timestamp())
        with transaction(self._connections.here) as db:
            db.execute("insert into asked (name, handle, content, expires) values (?, ?, ?, ?)", values)

    def named(self, name: str, now: dt.datetime) -> Transaction | None:
        return self._found("name", name, now)

    def handled(self, handle: str, now: dt.datetime) -> Transaction | None:
        return self._found("handle", _hash(handle), now)

    def settled(self, handles: Collection[str], now: dt.datetime) -> Collection[str]:
        known = {_hash(handle): handle for handle in handles}
        marks = ", ".join("?" * len(known))
        with plain_errors():
            rows = self._connections.here.execute(
                f"select handle from asked where handle in ({marks}) and state = 'open' and expires > ?",  # noqa: S608
                (*known, now.timestamp()),
            ).fetchall()
        return {*handles} - {known[bytes(row[0])] for row in rows}

    def close(
        self,
        name: str,
        state: State,
        outcome: Json,
        now: dt.datetime,
        kept: dt.datetime,
        tell: Delivery | None = None,
    ) -> bool:
        values = (state, strict_json.write(outcome), kept.timestamp(), name, now.timestamp())
        with transaction(self._connections.here) as db:
            done = db.execute(
                "update asked set state = ?, outcome = ?, content = '{}', expires = ?"
                " where name = ? and state = 'open' and expires > ?",
                values,
            )
            if done.rowcount == 1 and tell:
                _tell(db, tell)
            return done.rowcount == 1

    def forget(self, now: dt.datetime) -> int:
        """What was shown is overwritten (secure_delete); the log beside it must go too."""
        with transaction(self._connections.here) as db:
            removed = int(db.execute("delete from asked where expires <= ?", (now.timestamp(),)).rowcount)
        if removed:
            with plain_errors():
                self._connections.here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return removed

    def _found(self, column: str, value: object, now: dt.datetime) -> Transaction | None:
        with plain_errors():
            row = self._connections.here.execute(
                f"select {_COLUMNS} from asked where {column} = ? and expires > ?",  # noqa: S608
                (value, now.timestamp()),
            ).fetchone()
        if row is None:
            return None
        name, content, expires, state, outcome = row
        return Transaction(
            name,
            strict_json.read_object(content),
            dt.datetime.fromtimestamp(expires, dt.UTC),
            cast(State, state),
            strict_json.read_object(outcome) if outcome else None,
        )


def _tell(db: Database, delivery: Delivery) -> None:
    """A webhook that was removed since is told nothing."""
    due, expires = delivery.due.timestamp(), delivery.expires.timestamp()
    db.execute(
        "insert into delivery (id, webhook, body, due, expires)"
        " select ?1, id, ?2, ?3, ?4 from webhook where id = ?5",
        (delivery.id, delivery.body, due, expires, delivery.webhook),
    )


def _hash(handle: str) -> bytes:
    return hashlib.sha256(handle.encode()).digest()
