"""The audit log on SQLite: one chain for each database of a service.

Triggers refuse to change or remove an entry; whoever can open the file can drop them, and is told on by the
chain. Writing takes the lock first (BEGIN IMMEDIATE), so that of two processes one comes after the other.
"""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from problems import Problem, UnavailableError
from storage.audit import SKEW, Entry, Event, Head, moment
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_COLUMNS: Final = "number, at, who, what, thing, organisation, outcome, count, before, hash"


def _first(db: Database) -> None:
    db.execute("""
        create table entry (
          number integer primary key,
          at text not null,
          who text not null,
          what text not null,
          thing text not null,
          organisation text not null,
          outcome text not null,
          count integer not null,
          before blob not null unique,
          hash blob not null
        ) strict""")
    db.execute("create index entry_organisation on entry (organisation, number)")
    db.execute("create table beat (id integer primary key check (id = 1), at text not null) strict")
    for change in ("update", "delete"):
        db.execute(
            f"create trigger entry_no_{change} before {change} on entry"
            " begin select raise(abort, 'entries are only added'); end"
        )


class SqliteAudit:
    """:class:`storage.audit.AuditLog` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsAu")

    def close(self) -> None:
        self._connections.close()

    def record(self, event: Event, now: dt.datetime) -> Entry:
        event.require_opaque()
        with _or_unavailable(), transaction(self._connections.here) as db:
            head = _head(db)
            entry = Entry.after(head, _not_before(head, now), event)
            db.execute(f"insert into entry ({_COLUMNS}) values ({'?,' * 9} ?)", _row(entry))  # noqa: S608
            return entry

    def ready(self, now: dt.datetime) -> None:
        with _or_unavailable(), transaction(self._connections.here) as db:
            at = _not_before(_head(db), now)
            db.execute(
                "insert into beat (id, at) values (1, ?) on conflict do update set at = excluded.at", (at,)
            )

    def head(self) -> Head:
        with _or_unavailable():
            return _head(self._connections.here)

    def entries(self, after: int = 0, limit: int = -1, organisation: str | None = None) -> Iterator[Entry]:
        query = (
            f"select {_COLUMNS} from entry where number > :after"  # noqa: S608
            " and (:organisation is null or organisation = :organisation) order by number limit :limit"
        )
        bound = {"after": after, "limit": limit, "organisation": organisation}
        with plain_errors():
            yield from map(_entry, self._connections.here.execute(query, bound))


def _not_before(head: Head, now: dt.datetime) -> str:
    """Time does not run backwards in the chain; a clock that was put back is not believed at all."""
    if head.at > moment(now + SKEW):
        raise UnavailableError("audit.clock")
    return max(head.at, moment(now))


@contextlib.contextmanager
def _or_unavailable() -> Iterator[None]:
    try:
        with plain_errors():
            yield
    except (Problem, sqlite3.Error) as error:
        if isinstance(error, Problem) and error.code == "audit.clock":
            raise
        raise UnavailableError("audit.unavailable") from error


def _head(db: Database) -> Head:
    row = db.execute("select number, at, hash from entry order by number desc limit 1").fetchone()
    return Head(*row) if row else Head()


def _row(entry: Entry) -> tuple[object, ...]:
    said = entry.event
    return (
        entry.number, entry.at, said.who, said.what, said.on, said.organisation, said.outcome, said.count,
        entry.before, entry.hash,
    )  # fmt: skip


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, who, what, thing, organisation, outcome, count, before, made = row
    return Entry(number, at, Event(who, what, thing, organisation, outcome, count), before, made)
