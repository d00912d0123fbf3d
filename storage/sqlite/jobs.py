"""Jobs on SQLite."""

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from boundary import strict_json
from boundary.shape import a_list
from boundary.strict_json import JsonValue
from problems import ConflictError
from storage.jobs import Counts, Job, JobRow, JobState, Made, RowOutcome
from storage.sqlite.connections import Connections
from storage.sqlite.database import plain_errors, transaction

_UNSTARTED: Final = dt.timedelta(days=7)
_KEPT: Final = dt.timedelta(days=90)
_COLUMNS: Final = (
    "id, organisation, author, content, options, created, key, state, examined, problem, approval,"
    " deaths, rows, ready, error, done, again"
)
_ROW: Final = "number, reference, template, outcome, claims, findings, result"
_OVER: Final = "('done', 'failed', 'cancelled')"


def _first(db: Database) -> None:
    db.execute("""
        create table job (
          id text primary key,
          organisation text not null,
          author text not null,
          content text not null,
          options text not null,
          created real not null,
          changed real not null,
          key text not null,
          state text not null check (state in ('queued', 'examined', 'waiting_approval', 'running',
            'paused', 'done', 'failed', 'cancelled')),
          examined integer not null default 0,
          problem text not null default '',
          approval text not null default '',
          rows integer not null default 0,
          ready integer not null default 0,
          error integer not null default 0,
          done integer not null default 0,
          again integer not null default 0,
          worker text not null default '',
          until real not null default 0
        ) strict""")
    db.execute(
        "create unique index job_content on job (organisation, content)"
        " where state not in ('failed', 'cancelled')"
    )
    db.execute("create unique index job_key on job (organisation, key) where key <> ''")
    db.execute("create index job_waiting on job (until) where state in ('queued', 'running')")
    db.execute("""
        create table job_row (
          job text not null references job on delete cascade,
          number integer not null,
          reference text not null,
          template text not null,
          outcome text not null check (outcome in ('ready', 'error', 'done', 'again')),
          claims text,
          findings text not null,
          result text not null,
          primary key (job, number)
        ) strict""")
    db.execute("create index job_row_outcome on job_row (job, outcome, number)")


def _second(db: Database) -> None:
    db.execute("alter table job add column deaths integer not null default 0")


class SqliteJobs:
    """:class:`storage.jobs.JobStore` in one SQLite file. What is over is forgotten after ``kept``."""

    def __init__(self, path: Path, kept: dt.timedelta = _KEPT) -> None:
        self._kept = kept
        self._connections = Connections(path, [_first, _second], application=b"PsJb")

    @property
    def _db(self) -> Database:
        return self._connections.here

    def close(self) -> None:
        self._connections.close()

    def add(self, job: Job) -> Job:
        with transaction(self._db) as db:
            known = self._known(db, job)
            if known is None:
                created = job.created.timestamp()
                db.execute(
                    "insert into job (id, organisation, author, content, options, created, changed, key,"
                    " state) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (job.id, job.organisation, job.author, job.content, strict_json.write(job.options),
                     created, created, job.key, job.state),
                )  # fmt: skip
            return known or job

    def _known(self, db: Database, job: Job) -> Job | None:
        named = _one(db, "organisation = ? and key = ? and key <> ''", (job.organisation, job.key))
        if named and named.content != job.content:
            raise ConflictError("import.key_reused")
        same = "organisation = ? and content = ? and state not in ('failed', 'cancelled')"
        return named or _one(db, same, (job.organisation, job.content))

    def find(self, organisation: str, job_id: str) -> Job | None:
        with plain_errors():
            return _one(self._db, "organisation = ? and id = ?", (organisation, job_id))

    def of(self, organisation: str, after: str, limit: int) -> list[Job]:
        query = (
            f"select {_COLUMNS} from job where organisation = ?1 and (?2 = '' or rowid <"  # noqa: S608
            " (select rowid from job where organisation = ?1 and id = ?2)) order by rowid desc limit ?3"
        )
        with plain_errors():
            return [*map(_job, self._db.execute(query, (organisation, after, limit)).fetchall())]

    def claim(self, worker: str, until: dt.datetime, now: dt.datetime) -> Job | None:
        with transaction(self._db) as db:
            row = db.execute(
                "update job set deaths = deaths + (worker <> ''), worker = ?, until = ?"  # noqa: S608
                " where rowid = (select rowid from job where"
                f" state in ('queued', 'running') and until <= ? order by rowid limit 1)"
                f" returning {_COLUMNS}",
                (worker, until.timestamp(), now.timestamp()),
            ).fetchone()
            return _job(row) if row else None

    def begin(self, job_id: str, worker: str) -> bool:
        zero = "update job set rows = 0, ready = 0, error = 0, done = 0, again = 0"
        with transaction(self._db) as db:
            if not _own(db, zero, job_id, worker, "queued", ()):
                return False
            db.execute("delete from job_row where job = ?", (job_id,))
            return True

    def note(self, job_id: str, worker: str, rows: Sequence[JobRow], until: dt.datetime) -> bool:
        counted = [sum(row.outcome == name for row in rows) for name in ("ready", "error", "done", "again")]
        change = (
            "update job set rows = rows + ?, ready = ready + ?, error = error + ?, done = done + ?,"
            " again = again + ?, until = ?"
        )
        values = (len(rows), *counted, until.timestamp())
        with transaction(self._db) as db:
            if not _own(db, change, job_id, worker, "queued", values):
                return False
            _many(db, f"insert into job_row (job, {_ROW}) values (?{', ?' * 7})", _rows(job_id, rows))  # noqa: S608
            return True

    def make(self, job_id: str, worker: str, made: Sequence[Made], until: dt.datetime) -> bool:
        counted = [sum(one.outcome == name for one in made) for name in ("error", "done", "again")]
        change = (
            "update job set ready = ready - ?, error = error + ?, done = done + ?, again = again + ?,"
            " until = ?, deaths = 0"
        )
        with transaction(self._db) as db:
            if not _own(db, change, job_id, worker, "running", (len(made), *counted, until.timestamp())):
                return False
            _many(
                db,
                "update job_row set outcome = ?, result = ?, claims = null,"
                " findings = case when ? = '[]' then findings else ? end"
                " where job = ? and number = ? and outcome = 'ready'",
                [_made(job_id, one) for one in made],
            )
            return True

    def settle(
        self,
        job_id: str,
        worker: str,
        state: JobState,
        now: dt.datetime,
        *,
        problem: str = "",
        approval: str = "",
    ) -> bool:
        change = (
            "update job set state = ?1, changed = ?2, problem = ?3, approval = ?4, worker = '', until = 0,"
            " examined = max(examined, ?1 <> 'failed') where id = ?5 and worker = ?6"
            " and state in ('queued', 'running')"
        )
        with transaction(self._db) as db:
            values = (state, now.timestamp(), problem, approval, job_id, worker)
            settled = db.execute(change, values).rowcount == 1
            erased = settled and state in ("done", "failed")
            if erased:
                _erase(db, job_id)
        if erased:
            self._overwrite()
        return settled

    def postpone(self, job_id: str, worker: str, until: dt.datetime) -> bool:
        with transaction(self._db) as db:
            change = "update job set worker = '', until = ? where id = ? and worker = ?"
            return db.execute(change, (until.timestamp(), job_id, worker)).rowcount == 1

    def move(
        self,
        organisation: str,
        job_id: str,
        before: Collection[JobState],
        after: JobState,
        now: dt.datetime,
        approval: str | None = None,
    ) -> Job | None:
        states = ", ".join("?" * len(before))
        with transaction(self._db) as db:
            row = db.execute(
                "update job set state = ?, changed = ?, approval = coalesce(?, approval), worker = '',"  # noqa: S608
                f" until = 0 where organisation = ? and id = ? and state in ({states}) returning {_COLUMNS}",
                (after, now.timestamp(), approval, organisation, job_id, *before),
            ).fetchone()
            if row and after == "cancelled":
                _erase(db, job_id)
        if row and after == "cancelled":
            self._overwrite()
        return _job(row) if row else None

    def rows(self, job_id: str, outcome: RowOutcome | None, after: int, limit: int) -> list[JobRow]:
        which = "job = ? and outcome = ? and" if outcome else "job = ? and"
        query = f"select {_ROW} from job_row where {which} number > ? order by number limit ?"  # noqa: S608
        values = (job_id, *([outcome] if outcome else []), after, limit)
        with plain_errors():
            return [*map(_job_row, self._db.execute(query, values).fetchall())]

    def remove(self, organisation: str, job_id: str) -> bool:
        with transaction(self._db) as db:
            found = db.execute("delete from job where organisation = ? and id = ?", (organisation, job_id))
        if found.rowcount:
            self._overwrite()
        return bool(found.rowcount == 1)

    def forget(self, now: dt.datetime) -> int:
        late, old = (now - _UNSTARTED).timestamp(), (now - self._kept).timestamp()
        with transaction(self._db) as db:
            waiting = db.execute(
                "update job set state = 'cancelled', worker = '' where changed <= ?"
                " and state in ('examined', 'waiting_approval', 'paused') returning id",
                (late,),
            ).fetchall()
            for (job_id,) in waiting:
                _erase(db, job_id)
            removed = db.execute(f"delete from job where changed <= ? and state in {_OVER}", (old,)).rowcount  # noqa: S608
        if waiting or removed:
            self._overwrite()
        return len(waiting) + removed

    def _overwrite(self) -> None:
        """Erasing overwrites the pages (secure_delete); the log beside them must go too."""
        with plain_errors():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def unread(self) -> set[str]:
        with plain_errors():
            found = self._db.execute(
                "select id from job where not examined and state in ('queued', 'paused')"
            )
            return {row[0] for row in found.fetchall()}


def _own(
    db: Database, change: str, job_id: str, worker: str, state: JobState, values: Sequence[object]
) -> bool:
    """Change a job of this worker in this state; say whether there is one."""
    query = f"{change} where id = ? and worker = ? and state = ?"
    return bool(db.execute(query, (*values, job_id, worker, state)).rowcount == 1)


def _one(db: Database, where: str, values: Sequence[object]) -> Job | None:
    query = f"select {_COLUMNS} from job where {where}"  # noqa: S608
    row = db.execute(query, tuple(values)).fetchone()
    return _job(row) if row else None


def _many(db: Database, statement: str, rows: Iterable[Sequence[object]]) -> None:
    connection: sqlite3.Connection = db.conn
    connection.executemany(statement, rows)


def _erase(db: Database, job_id: str) -> None:
    db.execute("update job_row set claims = null where job = ? and claims is not null", (job_id,))


def _rows(job_id: str, rows: Sequence[JobRow]) -> list[tuple[object, ...]]:
    return [
        (
            job_id, row.number, row.reference, row.template, row.outcome,
            None if row.claims is None else strict_json.write(row.claims),
            strict_json.write([*row.findings]), strict_json.write(row.result),
        )
        for row in rows
    ]  # fmt: skip


def _made(job_id: str, one: Made) -> tuple[object, ...]:
    findings = strict_json.write([*one.findings])
    return one.outcome, strict_json.write(one.result), findings, findings, job_id, one.number


def _job(row: tuple[Any, ...]) -> Job:
    """Return what a row of ``_COLUMNS`` says; their types are those of a strict table."""
    (
        job_id, organisation, author, content, options, created, key, state, examined, problem, approval,
        deaths, *counts,
    ) = row  # fmt: skip
    return Job(
        job_id,
        organisation,
        author,
        content,
        strict_json.read_object(options),
        dt.datetime.fromtimestamp(created, dt.UTC),
        key,
        state,
        bool(examined),
        Counts(*counts),
        problem,
        approval,
        deaths,
    )


def _job_row(row: tuple[Any, ...]) -> JobRow:
    number, reference, template, outcome, claims, findings, result = row
    return JobRow(
        number,
        reference,
        template,
        outcome,
        None if claims is None else strict_json.read_object(claims),
        _listed(findings),
        strict_json.read_object(result),
    )


def _listed(text: str) -> list[JsonValue]:
    return a_list(strict_json.read(text), "findings")
