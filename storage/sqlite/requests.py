"""The verifier's open questions on SQLite."""

import datetime as dt
from pathlib import Path

from sqlite_utils import Database

from storage.requests import Answered
from storage.sqlite.database import open_database, transaction


def _first(db: Database) -> None:
    db.execute("""
        create table request (
          nonce text primary key,
          audience text not null,
          expires real not null,
          answered real
        ) strict, without rowid""")


class SqliteRequests:
    """:class:`storage.requests.Requests` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = open_database(path, [_first], application=b"PsRq")

    def close(self) -> None:
        self._db.conn.close()

    def open(self, nonce: str, audience: str, expires: dt.datetime) -> None:
        with transaction(self._db):
            self._db.execute(
                "insert into request (nonce, audience, expires) values (?, ?, ?)",
                (nonce, audience, expires.timestamp()),
            )

    def consume(self, nonce: str, audience: str, now: dt.datetime) -> Answered:
        at = now.timestamp()
        with transaction(self._db):
            taken = self._db.execute(
                "update request set answered = ? where nonce = ? and audience = ? and answered is null"
                " and expires > ? returning nonce",
                (at, nonce, audience, at),
            ).fetchone()
            if taken:
                return "now"
            known = self._db.execute(
                "select answered from request where nonce = ? and audience = ?", (nonce, audience)
            ).fetchone()
            if known is None:
                return "unknown"
            return "before" if known[0] is not None else "too_late"
