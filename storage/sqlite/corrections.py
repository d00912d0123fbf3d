"""Correction requests on SQLite."""

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from problems import ConflictError
from storage.corrections import Correction, CorrectionState
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

KEPT: Final = dt.timedelta(days=30)
_COLUMNS: Final = "id, organisation, reference, text, asked, state, answer, new, answered"


def _first(db: Database) -> None:
    db.execute("""
        create table correction (
          id text primary key,
          organisation text not null,
          reference text not null,
          text text,
          asked real not null,
          state text not null check (state in ('open', 'accepted', 'refused')),
          answer text,
          new text not null,
          answered real
        ) strict""")
    db.execute(
        "create unique index correction_open on correction (organisation, reference) where state = 'open'"
    )


class SqliteCorrections:
    """:class:`storage.corrections.CorrectionStore` in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path, [_first], application=b"PsCo")

    def close(self) -> None:
        self._connections.close()

    def ask(self, correction: Correction) -> None:
        values = (correction.id, correction.organisation, correction.reference, correction.text)
        try:
            with transaction(self._connections.here) as db:
                db.execute(
                    f"insert into correction ({_COLUMNS}) values (?, ?, ?, ?, ?, 'open', null, '', null)",  # noqa: S608
                    (*values, correction.asked.timestamp()),
                )
        except sqlite3.IntegrityError:
            raise ConflictError("correction.too_many") from None

    def find(self, organisation: str, correction_id: str) -> Correction | None:
        found = self._where("organisation = ? and id = ?", organisation, correction_id)
        return found[0] if found else None

    def of(self, organisation: str, after: str, limit: int) -> list[Correction]:
        return self._where(
            "organisation = ?1 and (?2 = '' or rowid < (select rowid from correction where"
            " organisation = ?1 and id = ?2)) order by rowid desc limit ?3",
            organisation,
            after,
            limit,
        )

    def answer(
        self, correction: Correction, state: CorrectionState, text: str, new: str, now: dt.datetime
    ) -> bool:
        with transaction(self._connections.here) as db:
            done = db.execute(
                "update correction set state = ?, answer = ?, new = ?, answered = ?"
                " where organisation = ? and id = ? and state = 'open'",
                (state, text, new, now.timestamp(), correction.organisation, correction.id),
            )
            return done.rowcount == 1

    def forget(self, now: dt.datetime) -> int:
        """Erasing overwrites the pages (secure_delete); the log beside them must go too."""
        with transaction(self._connections.here) as db:
            gone = db.execute(
                "update correction set text = null, answer = null where answered <= ? and text is not null",
                ((now - KEPT).timestamp(),),
            ).rowcount
        if gone:
            with plain_errors():
                self._connections.here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(gone)

    def _where(self, condition: str, *values: object) -> list[Correction]:
        query = f"select {_COLUMNS} from correction where {condition}"  # noqa: S608
        with plain_errors():
            rows = self._connections.here.execute(query, values).fetchall()
        return [*map(_correction, rows)]


def _correction(row: tuple[Any, ...]) -> Correction:
    correction_id, organisation, reference, text, asked, state, answer, new, answered = row
    return Correction(
        correction_id,
        organisation,
        reference,
        text,
        dt.datetime.fromtimestamp(asked, dt.UTC),
        state,
        answer,
        new,
        None if answered is None else dt.datetime.fromtimestamp(answered, dt.UTC),
    )
