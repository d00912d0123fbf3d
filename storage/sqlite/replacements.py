"""Replacements on SQLite."""

from pathlib import Path

from sqlite_utils import Database

from storage.replacements import Replacement
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_COLUMNS = "organisation, old, new, reason, content"


def _first(db: Database) -> None:
    db.execute("""
        create table replacement (
          organisation text not null,
          old text not null,
          new text not null,
          reason text not null,
          content text not null,
          primary key (organisation, old)
        ) strict""")


class SqliteReplacements:
    """:class:`storage.replacements.ReplacementStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsRp")

    def close(self) -> None:
        self._connections.close()

    def link(self, wanted: Replacement) -> Replacement:
        values = (wanted.organisation, wanted.old, wanted.new, wanted.reason, wanted.content)
        query = f"select {_COLUMNS} from replacement where organisation = ? and old = ?"  # noqa: S608
        with transaction(self._connections.here) as db:
            db.execute(f"insert or ignore into replacement ({_COLUMNS}) values (?, ?, ?, ?, ?)", values)  # noqa: S608
            return Replacement(*db.execute(query, (wanted.organisation, wanted.old)).fetchone())

    def of(self, organisation: str) -> list[Replacement]:
        query = f"select {_COLUMNS} from replacement where organisation = ? order by rowid"  # noqa: S608
        with plain_errors():
            rows = self._connections.here.execute(query, (organisation,)).fetchall()
        return [Replacement(*row) for row in rows]
