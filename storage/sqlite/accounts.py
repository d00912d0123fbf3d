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


class _Store:
    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsAc")

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
        bound = {"login": login, "now": now.timestamp(), "tries": _TRIES, "longest": _LONGEST_WAIT}
        with transaction(self._connections.here) as db:
            row = db.execute(
                f"""update account set tries = tries + 1, waits = case when tries + 1 < :tries then 0
                    else :now + min(:longest, 30 * (1 << min(tries + 1 - :tries, 10))) end
                    where login = :login and disabled = 0 and waits <= :now returning {_COLUMNS}""",  # noqa: S608
                bound,
            ).fetchone()
            if row is None and self._waits(db, bound):
                raise RateError("account.wait")
            return _account(row) if row else None

    def guessed(self, account_id: str) -> None:
        with transaction(self._connections.here) as db:
            db.execute("update account set tries = 0, waits = 0 where id = ?", (account_id,))

    def disable(self, account_id: str) -> bool:
        with transaction(self._connections.here) as db:
            db.execute("delete from session where account = ?", (account_id,))
            changed = db.execute("update account set disabled = 1 where id = ?", (account_id,))
            return changed.rowcount == 1

    @staticmethod
    def _waits(db: Database, bound: dict[str, object]) -> bool:
        query = "select 1 from account where login = :login and disabled = 0 and waits > :now"
        return db.execute(query, bound).fetchone() is not None

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
