"""What was published last, on SQLite."""

import datetime as dt
from pathlib import Path

from sqlite_utils import Database

from storage.published import Kept
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction


def _first(db: Database) -> None:
    db.execute("""
        create table published (
          url text primary key,
          state blob not null,
          made real not null,
          body blob not null
        ) strict, without rowid""")


class SqlitePublished:
    """:class:`storage.published.PublishedStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsPu")

    def close(self) -> None:
        self._connections.close()

    def find(self, url: str) -> Kept | None:
        with plain_errors():
            return _found(self._connections.here, url)

    def keep(self, made: Kept, since: dt.datetime) -> Kept:
        with transaction(self._connections.here) as db:
            db.execute(
                "insert into published (url, state, made, body) values (?, ?, ?, ?) on conflict do update set"
                " state = excluded.state, made = excluded.made, body = excluded.body"
                " where published.state <> excluded.state or published.made <= ?",
                (made.url, made.state, made.at.timestamp(), made.body, since.timestamp()),
            )
            return _found(db, made.url) or made


def _found(db: Database, url: str) -> Kept | None:
    row = db.execute("select state, made, body from published where url = ?", (url,)).fetchone()
    if row is None:
        return None
    state, made, body = row
    return Kept(url, state, dt.datetime.fromtimestamp(made, dt.UTC), body)
