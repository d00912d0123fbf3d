"""Accounts and sessions on SQLite."""

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from problems import ConflictError, RateError
from storage.accounts import Account
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

IDLE: Final = dt.timedelta(minutes=30)
LONGEST: Final = dt.timedelta(hours=12)
_TOUCHED: Final = 60.0  # seconds between two times that a use is written down
_TRIES: Final = 5
_LONGEST_WAIT: Final = 900.0
_REMEMBERED: Final = dt.timedelta(days=1)

_COLUMNS: Final = "id, login, kept, issuer, subject, disabled"


def _first(db: Database) -> None:
    db.execute("""
        create table account (
          id text primary key,
          login text unique,
          kept text,
          issuer text,
          subject text,
          disabled integer not null default 0,
          created real not null,
          tries integer not null default 0,
          waits real not null default 0,
          unique (issuer, subject)
        ) strict""")
    db.execute("""
        create table session (
          name blob primary key,
          account text not null references account (id),
          ends real not null,
          used real not null
        ) strict, without rowid""")


def _second(db: Database) -> None:
    """Tries are counted by what was typed, whether it is anybody's login or not."""
    db.execute("""
        create table try (
          name blob primary key,
          tries integer not null,
          waits real not null,
          last real not null
        ) strict, without rowid""")
    db.execute("create index try_last on try (last)")
    db.execute("alter table account drop column tries")
    db.execute("alter table account drop column waits")


class _Store:
    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first, _second], application=b"PsAc")

    def close(self) -> None:
        self._connections.close()


class SqliteAccounts(_Store):
    """:class:`storage.accounts.AccountStore` in one SQLite file, which sessions share."""

    def any(self) -> bool:
        with plain_errors():
            row = self._connections.here.execute("select exists (select 1 from account)").fetchone()
            return bool(row[0])

    def add(self, account: Account, now: dt.datetime) -> None:
        values = (
            account.id, account.login, account.kept, account.issuer, account.subject, account.disabled,
            now.timestamp(),
        )  # fmt: skip
        try:
            with transaction(self._connections.here) as db:
                db.execute(f"insert into account ({_COLUMNS}, created) values (?, ?, ?, ?, ?, ?, ?)", values)  # noqa: S608
        except sqlite3.IntegrityError:
            raise ConflictError("account.exists") from None

    def find(self, account_id: str) -> Account | None:
        return self._one("id = ?", account_id)

    def of_subject(self, issuer: str, subject: str) -> Account | None:
        return self._one("issuer = ? and subject = ?", issuer, subject)

    def all(self) -> Iterator[Account]:
        query = f"select {_COLUMNS} from account order by created, id"  # noqa: S608
        with plain_errors():
            yield from map(_account, self._connections.here.execute(query).fetchall())

    def guess(self, login: str, now: dt.datetime) -> Account | None:
        """After five tries in a row each takes twice as long as the one before to be allowed."""
        bound = {"name": _name(login), "now": now.timestamp(), "tries": _TRIES, "longest": _LONGEST_WAIT}
        with transaction(self._connections.here) as db:
            db.execute("insert into try values (:name, 0, 0, :now) on conflict do nothing", bound)
            counted = db.execute(
                """update try set tries = tries + 1, last = :now, waits = case when tries + 1 < :tries then 0
                   else :now + min(:longest, 30 * (1 << min(tries + 1 - :tries, 10))) end
                   where name = :name and waits <= :now""",
                bound,
            )
            if counted.rowcount == 0:
                raise RateError("account.wait")
            query = f"select {_COLUMNS} from account where login = ? and disabled = 0"  # noqa: S608
            row = db.execute(query, (login,)).fetchone()
            return _account(row) if row else None

    def guessed(self, login: str) -> None:
        with transaction(self._connections.here) as db:
            db.execute("delete from try where name = ?", (_name(login),))

    def forget(self, now: dt.datetime) -> int:
        with transaction(self._connections.here) as db:
            old = (now - _REMEMBERED).timestamp()
            return int(db.execute("delete from try where last <= ?", (old,)).rowcount)

    def disable(self, account_id: str) -> bool:
        with transaction(self._connections.here) as db:
            db.execute("delete from session where account = ?", (account_id,))
            changed = db.execute("update account set disabled = 1 where id = ?", (account_id,))
            return changed.rowcount == 1

    def _one(self, condition: str, *values: str) -> Account | None:
        query = f"select {_COLUMNS} from account where {condition}"  # noqa: S608
        with plain_errors():
            row = self._connections.here.execute(query, values).fetchone()
            return _account(row) if row else None


class SqliteSessions(_Store):
    """:class:`storage.accounts.SessionStore` in the file of the accounts."""

    def open(self, secret: str, account_id: str, now: dt.datetime) -> None:
        ends = (now + LONGEST).timestamp()
        with transaction(self._connections.here) as db:
            db.execute(
                "insert into session (name, account, ends, used) values (?, ?, ?, ?)",
                (_name(secret), account_id, ends, now.timestamp()),
            )

    def account(self, secret: str, now: dt.datetime) -> Account | None:
        bound = {"name": _name(secret), "now": now.timestamp(), "idle": (now - IDLE).timestamp()}
        columns = ", ".join(f"account.{name}" for name in _COLUMNS.split(", "))
        query = (
            f"select {columns}, session.used from session join account on account.id = session.account"  # noqa: S608
            " where name = :name and ends > :now and used > :idle and disabled = 0"
        )
        with plain_errors():
            row = self._connections.here.execute(query, bound).fetchone()
        if row is None:
            return None
        if bound["now"] - row[-1] >= _TOUCHED:
            with transaction(self._connections.here) as db:
                db.execute("update session set used = max(used, :now) where name = :name", bound)
        return _account(row[:-1])

    def end(self, secret: str) -> None:
        with transaction(self._connections.here) as db:
            db.execute("delete from session where name = ?", (_name(secret),))

    def forget(self, now: dt.datetime) -> int:
        bound = (now.timestamp(), (now - IDLE).timestamp())
        with transaction(self._connections.here) as db:
            return int(db.execute("delete from session where ends <= ? or used <= ?", bound).rowcount)


def _name(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _account(row: tuple[Any, ...]) -> Account:
    account_id, login, kept, issuer, subject, disabled = row
    return Account(account_id, login, kept, issuer, subject, bool(disabled))
