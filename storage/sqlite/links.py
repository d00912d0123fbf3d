"""Links to shares, on SQLite."""

import datetime as dt
import hashlib
import sqlite3
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from problems import ConflictError
from storage.links import Ending, LinkState, Terms
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_OPEN: Final = "revoked = 0 and expires > ? and (max_views is null or views < max_views)"


def _first(db: Database) -> None:
    db.execute("""
        create table link (
          name blob primary key,
          owner blob not null,
          ciphertext text not null,
          expires real not null,
          last real not null,
          max_views integer check (max_views > 0),
          views integer not null default 0,
          revoked integer not null default 0 check (revoked in (0, 1))
        ) strict, without rowid""")
    db.execute("create index link_last on link (last)")


class SqliteLinks:
    """:class:`storage.links.Links` in one SQLite file. ``last`` is how long a link may live at most."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsLk")

    def close(self) -> None:
        self._connections.close()

    def add(self, name: str, owner: str, ciphertext: str, terms: Terms, *, most: int) -> bool:
        end = terms.expires.timestamp()
        values = (_hash(name), _hash(owner), ciphertext, end, end, terms.max_views)
        try:
            with transaction(self._connections.here) as db:
                if db.execute("select count(*) from link").fetchone()[0] >= most:
                    return False
                db.execute(
                    "insert into link (name, owner, ciphertext, expires, last, max_views)"
                    " values (?, ?, ?, ?, ?, ?)",
                    values,
                )
        except sqlite3.IntegrityError:
            raise ConflictError("link.exists") from None
        return True

    def view(self, name: str, now: dt.datetime) -> str | Ending | None:
        key = _hash(name)
        with transaction(self._connections.here) as db:
            found = db.execute(
                f"update link set views = views + 1 where name = ? and {_OPEN}"  # noqa: S608
                " returning ciphertext, views is max_views",
                (key, now.timestamp()),
            ).fetchone()
            if found is None:
                row = _row(db, key)
                return _ending(row, now) if row else None
            if found[1]:
                db.execute("update link set ciphertext = '' where name = ?", (key,))
            return str(found[0])

    def state(self, name: str, owner: str, now: dt.datetime) -> LinkState | None:
        with plain_errors():
            row = _row(self._connections.here, _hash(name), _hash(owner))
        if row is None:
            return None
        expires, max_views, views, _ = row
        terms = Terms(dt.datetime.fromtimestamp(expires, dt.UTC), max_views)
        return LinkState(terms, views, _ending(row, now))

    def change(self, name: str, owner: str, terms: Terms, now: dt.datetime) -> bool:
        values = (terms.expires.timestamp(), terms.max_views, _hash(name), _hash(owner), now.timestamp())
        with transaction(self._connections.here) as db:
            done = db.execute(
                "update link set expires = min(last, ?), max_views = ?"  # noqa: S608
                f" where name = ? and owner = ? and {_OPEN}",
                values,
            )
            return done.rowcount == 1

    def revoke(self, name: str, owner: str) -> bool:
        with transaction(self._connections.here) as db:
            done = db.execute(
                "update link set revoked = 1, ciphertext = '' where name = ? and owner = ?",
                (_hash(name), _hash(owner)),
            )
            return done.rowcount == 1

    def forget(self, now: dt.datetime) -> int:
        """The ciphertext goes when a link is over, its name when what was in it has expired as well."""
        with transaction(self._connections.here) as db:
            db.execute(
                "update link set ciphertext = '' where expires <= ? and ciphertext != ''", (now.timestamp(),)
            )
            return int(db.execute("delete from link where last <= ?", (_day_before(now),)).rowcount)


_Row = tuple[float, int | None, int, int]


def _row(db: Database, name: bytes, owner: bytes | None = None) -> _Row | None:
    found: _Row | None = db.execute(
        "select expires, max_views, views, revoked from link where name = ? and owner = ifnull(?, owner)",
        (name, owner),
    ).fetchone()
    return found


def _ending(row: _Row, now: dt.datetime) -> Ending | None:
    expires, max_views, views, revoked = row
    if revoked:
        return "revoked"
    if expires <= now.timestamp():
        return "expired"
    return "exhausted" if max_views is not None and views >= max_views else None


def _day_before(now: dt.datetime) -> float:
    """A day after its end a link is no more; until then whoever opens it is told that it has expired."""
    return (now - dt.timedelta(days=1)).timestamp()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
