"""How every SQLite file of ours is opened, written and brought up to date.

WAL with ``synchronous=FULL`` loses no acknowledged commit on a power cut (NORMAL did), and writing under
BEGIN IMMEDIATE never meets "database is locked" half-way through a read-then-write.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from sqlite_utils import Database

from boundary import limits
from boundary.files import DISK_FULL
from problems import Problem, UnavailableError

Migration: TypeAlias = Callable[[Database], None]
"""One step of a schema, run inside its own transaction. Its number is its place in the sequence."""


def open_database(
    path: Path, migrations: Sequence[Migration], *, application: bytes, one_thread: bool = True
) -> Database:
    """Return the database at ``path``, made when absent (readable by its owner only) and up to date.

    ``application`` is four bytes of our choice that say which kind of file this is. Each migration
    runs once, in order, in a transaction together with its number; one that is interrupted runs again.
    The connection belongs to the thread that opened it; without ``one_thread`` another may close it.

    Raises UnavailableError for a file that is damaged, not ours, not writable, of a newer version, or that
    another program keeps locked.
    """
    with plain_errors():
        _make_private(path)
        connection = sqlite3.connect(
            path, timeout=limits.DATABASE_SECONDS, isolation_level=None, check_same_thread=one_thread
        )
        try:
            return _prepared(Database(connection, execute_plugins=False), migrations, application)
        except BaseException:
            connection.close()
            raise


def inspect(path: Path) -> None:
    """Return when the file can be written, and what is in it hangs together (PRAGMA quick_check).

    Of a very large one only the schema is read.

    Raises UnavailableError.
    """
    waits = limits.DATABASE_SECONDS
    with plain_errors(), contextlib.closing(sqlite3.connect(path, waits, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
        if path.stat().st_size > limits.INSPECTED_BYTES:
            db.execute("select count(*) from sqlite_schema")
        elif db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise UnavailableError("storage.damaged")


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """Write inside: all of it is kept when the block ends, none of it when the block raises.

    The lock is taken at the start (BEGIN IMMEDIATE), so what is read inside still holds when written.
    sqlite3.IntegrityError passes through: the store knows what its constraint means.
    """
    with plain_errors():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            db.rollback()
            raise


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what SQLite and the file system say into a Problem that a person can act on.

    UnavailableError, whatever it is: nobody asked for the wrong thing, and it may be mended.
    """
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        problem = _problem(error)
        if problem is None:
            raise
        raise problem from error
    except OSError as error:
        code = "storage.full" if error.errno in DISK_FULL else "storage.cannot_open"
        raise UnavailableError(code) from error


def _make_private(path: Path) -> None:
    """SQLite gives its side files the mode of the file itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepared(db: Database, migrations: Sequence[Migration], application: bytes) -> Database:
    db.execute(f"PRAGMA busy_timeout = {int(limits.DATABASE_SECONDS * 1000)}")
    _refuse_foreign(db, application, len(migrations))
    db.enable_wal()
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")  # what is removed leaves no free page to read
    for number, migrate in enumerate(migrations, start=1):
        _apply(db, number, migrate, application)
    return db


def _refuse_foreign(db: Database, application: bytes, known: int) -> None:
    """Look before touching anything: the file may belong to another program."""
    db.execute("BEGIN")  # at one moment of the file: another process may be making it right now
    try:
        version, owner, tables = _pragma(db, "user_version"), _pragma(db, "application_id"), db.table_names()
    finally:
        db.rollback()
    made_by_us = owner == int.from_bytes(application)
    if not made_by_us and (owner or version or tables):
        raise UnavailableError("storage.other_database")
    if version > known:
        raise UnavailableError("storage.newer", found=version, known=known)


def _apply(db: Database, number: int, migrate: Migration, application: bytes) -> None:
    if _pragma(db, "user_version") >= number:
        return
    with transaction(db):
        if _pragma(db, "user_version") >= number:  # another process was faster
            return
        migrate(db)
        db.execute(f"PRAGMA application_id = {int.from_bytes(application)}")
        db.execute(f"PRAGMA user_version = {number}")


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


_CODES: Final[dict[int, str]] = {
    sqlite3.SQLITE_BUSY: "storage.busy",
    sqlite3.SQLITE_LOCKED: "storage.busy",
    sqlite3.SQLITE_FULL: "storage.full",
    sqlite3.SQLITE_READONLY: "storage.read_only",
    sqlite3.SQLITE_PERM: "storage.cannot_open",
    sqlite3.SQLITE_CANTOPEN: "storage.cannot_open",
    sqlite3.SQLITE_NOTADB: "storage.not_a_database",
    sqlite3.SQLITE_CORRUPT: "storage.damaged",
    sqlite3.SQLITE_IOERR: "storage.device",
}


def _problem(error: sqlite3.DatabaseError) -> Problem | None:
    """The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""
    code = _CODES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return UnavailableError(code) if code else None
