"""One holder's vault in one SQLite file."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from sqlite_utils import Database

from problems import ConflictError
from storage.records import SealedRecord, Way, WayKind
from storage.sqlite.database import open_database, plain_errors, transaction


def _first(db: Database) -> None:
    db.execute("""
        create table way (
          id text primary key,
          kind text not null check (kind in ('passphrase', 'recovery_code', 'passkey')),
          seal text not null
        ) strict""")
    db.execute("""
        create table record (
          rank integer primary key autoincrement,
          id text not null unique,
          sealed blob not null
        ) strict""")


class SqliteVault:
    """:class:`storage.records.VaultStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = open_database(path, [_first], application=b"PsVt")

    def close(self) -> None:
        self._db.close()

    def establish(self, ways: Sequence[Way]) -> None:
        with transaction(self._db):
            if self._db.execute("select 1 from way").fetchone():
                raise ConflictError("wallet.exists")
            self._keep(ways)

    def ways(self) -> list[Way]:
        with plain_errors():
            rows = self._db.execute("select id, kind, seal from way order by rowid").fetchall()
        return [Way(identity, cast(WayKind, kind), seal) for identity, kind, seal in rows]

    def replace_ways(self, kind: WayKind, way: Way) -> None:
        with transaction(self._db):
            self._db.execute("delete from way where kind = ?", (kind,))
            self._keep([way])
        self._forget()

    def add(self, records: Sequence[SealedRecord]) -> int:
        with transaction(self._db):
            return sum(
                self._db.execute(
                    "insert into record (id, sealed) values (?, ?) on conflict (id) do nothing",
                    (record.id, record.sealed),
                ).rowcount
                for record in records
            )

    def replace(self, record: SealedRecord) -> None:
        with transaction(self._db):
            self._db.execute("update record set sealed = ? where id = ?", (record.sealed, record.id))

    def records(self) -> list[SealedRecord]:
        with plain_errors():
            rows = self._db.execute("select id, sealed from record order by rank").fetchall()
        return [SealedRecord(identity, sealed) for identity, sealed in rows]

    def remove(self, record_id: str) -> bool:
        with transaction(self._db):
            found = self._db.execute("delete from record where id = ?", (record_id,)).rowcount
        self._forget()
        return found > 0

    def _keep(self, ways: Sequence[Way]) -> None:
        for way in ways:
            self._db.execute(
                "insert into way (id, kind, seal) values (?, ?, ?)", (way.id, way.kind, way.seal)
            )

    def _forget(self) -> None:
        """Erasing overwrites the pages (secure_delete); the log beside them must go too."""
        with plain_errors():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
