"""Grants on SQLite."""

import datetime as dt
from pathlib import Path

from sqlite_utils import Database

from boundary import strict_json
from boundary.shape import texts
from storage.grants import Grant
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction


def _first(db: Database) -> None:
    """A revoked grant may be one that was never opened: then only its name is there."""
    db.execute("""
        create table grant_ (
          id text primary key,
          organisation text,
          offer text,
          configurations text,
          expires real not null,
          identified integer,
          client text,
          key text,
          revoked integer not null default 0
        ) strict, without rowid""")
    db.execute("create index grant_expires on grant_ (expires)")


class SqliteGrants:
    """:class:`storage.grants.GrantStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsGr")

    def close(self) -> None:
        self._connections.close()

    def open(self, grant: Grant) -> bool:
        values = (
            grant.id, grant.organisation, grant.offer, strict_json.write([*grant.configurations]),
            grant.expires.timestamp(), grant.identified, grant.client_id, grant.key,
        )  # fmt: skip
        with transaction(self._connections.here) as db:
            written = db.execute(
                "insert into grant_"
                " (id, organisation, offer, configurations, expires, identified, client, key)"
                " values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
                values,
            )
            return written.rowcount == 1

    def find(self, grant_id: str, now: dt.datetime) -> Grant | None:
        with plain_errors():
            row = self._connections.here.execute(
                "select id, organisation, offer, configurations, expires, identified, client, key from grant_"
                " where id = ? and revoked = 0 and expires > ?",
                (grant_id, now.timestamp()),
            ).fetchone()
        if row is None:
            return None
        identity, organisation, offer, configurations, expires, identified, client, key = row
        return Grant(
            identity,
            organisation,
            offer,
            tuple(texts(strict_json.read(configurations), "configurations")),
            dt.datetime.fromtimestamp(expires, dt.UTC),
            bool(identified),
            client,
            key,
        )

    def revoke(self, grant_id: str, expires: dt.datetime) -> None:
        with transaction(self._connections.here) as db:
            db.execute(
                "insert into grant_ (id, expires, revoked) values (?, ?, 1)"
                " on conflict (id) do update set revoked = 1",
                (grant_id, expires.timestamp()),
            )

    def forget(self, now: dt.datetime) -> int:
        with transaction(self._connections.here) as db:
            return int(db.execute("delete from grant_ where expires <= ?", (now.timestamp(),)).rowcount)
