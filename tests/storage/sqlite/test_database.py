"""The file that everything else trusts: whole or untouched, and always with a plain sentence."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from boundary import limits
from problems import Problem, UnavailableError
from storage.sqlite.database import Migration, inspect, open_database, plain_errors, transaction

APPLICATION = b"TEST"


def things(db: Database) -> None:
    db.table("thing").create({"id": str, "size": int}, pk="id", strict=True)


def colours(db: Database) -> None:
    db.table("thing").add_column("colour", str)


@contextmanager
def opened(path: Path, *migrations: Migration, application: bytes = APPLICATION) -> Iterator[Database]:
    db = open_database(path, migrations or (things,), application=application)
    try:
        yield db
    finally:
        db.close()


def refused(act: Callable[[], object], kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert caught.value.says("fr").next_step


def test_a_new_file_is_durable_private_and_strict(tmp_path: Path) -> None:
    path = tmp_path / "new" / "thing.db"
    with opened(path) as db:
        assert db.journal_mode == "wal"
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA secure_delete").fetchone()[0] == 1
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        with pytest.raises(sqlite3.IntegrityError), transaction(db):
            db.table("thing").insert({"id": "a", "size": "not a number"})
        with transaction(db):
            db.table("thing").insert({"id": "a", "size": 1})
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}


def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"
    with opened(path) as db:
        db.table("thing").insert({"id": "a", "size": 1})
    for _ in range(2):
        with opened(path, things, colours) as db:
            assert list(db.table("thing").rows) == [{"id": "a", "size": 1, "colour": None}]


def test_an_interrupted_migration_leaves_nothing_and_runs_again(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"

    def broken(db: Database) -> None:
        colours(db)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), opened(path, things, broken):
        pass
    with opened(path, things, colours) as db:
        assert [column.name for column in db.table("thing").columns] == ["id", "size", "colour"]


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "thing.db") as db:

        def stops_half_way() -> None:
            with transaction(db):
                db.table("thing").insert({"id": "a", "size": 1})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            stops_half_way()
        assert db.table("thing").count == 0


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path / "thing.db", things, colours):
        pass
    refused(
        lambda: open_database(tmp_path / "thing.db", [things], application=APPLICATION),
        UnavailableError,
        "storage.newer",
    )


def test_a_file_of_another_role_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"
    with opened(path):
        pass
    refused(
        lambda: open_database(path, [things], application=b"ELSE"), UnavailableError, "storage.other_database"
    )


def test_a_file_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    theirs = sqlite3.connect(path)
    theirs.execute("CREATE TABLE theirs (x)")
    theirs.commit()
    theirs.close()
    before = path.read_bytes()
    refused(
        lambda: open_database(path, [things], application=APPLICATION),
        UnavailableError,
        "storage.other_database",
    )
    assert path.read_bytes() == before


def test_text_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Bonjour, ceci est une lettre.\n" * 200)
    refused(
        lambda: open_database(path, [things], application=APPLICATION),
        UnavailableError,
        "storage.not_a_database",
    )


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    refused(
        lambda: open_database(tmp_path, [things], application=APPLICATION),
        UnavailableError,
        "storage.cannot_open",
    )


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    refused(
        lambda: open_database(tmp_path / "file" / "thing.db", [things], application=APPLICATION),
        UnavailableError,
        "storage.cannot_open",
    )


def test_a_page_of_noise_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"
    with opened(path) as db, transaction(db):
        db.table("thing").insert_all({"id": f"{n:0100}", "size": n} for n in range(1000))
    data = bytearray(path.read_bytes())
    data[8192:-4096] = b"\xa5" * (len(data) - 8192 - 4096)
    path.write_bytes(data)

    def read_everything() -> None:
        with opened(path) as db, plain_errors():
            list(db.table("thing").rows)

    refused(read_everything, UnavailableError, "storage.damaged")


def test_a_page_of_noise_is_found_before_anybody_reads_it(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "thing.db"
    with opened(path) as db, transaction(db):
        db.table("thing").insert_all({"id": f"{n:0100}", "size": n} for n in range(1000))
    inspect(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = b"\xa5" * 4096
    path.write_bytes(data)
    with opened(path):
        pass  # it opens all the same
    refused(lambda: inspect(path), UnavailableError, "storage.damaged")
    monkeypatch.setattr(limits, "INSPECTED_BYTES", 4096)
    inspect(path)  # of what is very large only the beginning is looked at


def test_what_is_no_database_is_found(tmp_path: Path) -> None:
    path = tmp_path / "thing.db"
    path.write_bytes(b"nothing of ours" * 1_000)
    refused(lambda: inspect(path), UnavailableError, "storage.not_a_database")


def test_a_full_disk_saves_nothing_and_heals(tmp_path: Path) -> None:
    with opened(tmp_path / "thing.db") as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 2}")

        def fill() -> None:
            with transaction(db):
                db.table("thing").insert_all({"id": f"{n:0500}", "size": n} for n in range(1000))

        refused(fill, UnavailableError, "storage.full")
        assert db.table("thing").count == 0
        db.execute("PRAGMA max_page_count = 100000")
        fill()
        assert db.table("thing").count == 1000


def test_a_read_only_file_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "thing.db") as db:
        db.execute("PRAGMA query_only = ON")

        def write() -> None:
            with transaction(db):
                db.table("thing").insert({"id": "a", "size": 1})

        refused(write, UnavailableError, "storage.read_only")


def test_a_file_kept_locked_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DATABASE_SECONDS", 0.05)
    with ExitStack() as stack:
        first, second = (stack.enter_context(opened(tmp_path / "thing.db")) for _ in range(2))

        def write() -> None:
            with transaction(second):
                pass

        with transaction(first):
            refused(write, UnavailableError, "storage.busy")
        write()


COUNTER = """
import sys
from pathlib import Path
from sqlite_utils import Database
from storage.sqlite.database import open_database, transaction

def count(db: Database) -> None:
    db.execute("CREATE TABLE count (n INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO count VALUES (0)")

db = open_database(Path(sys.argv[1]), [count], application=b"TEST")
for _ in range(50):
    with transaction(db):
        n = db.execute("SELECT n FROM count").fetchone()[0]
        db.execute("UPDATE count SET n = ?", [n + 1])
db.close()
"""


def test_processes_that_open_and_write_together_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "count.db"
    command = [sys.executable, "-c", COUNTER, str(path)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(6)]
    complaints = [writer.communicate(timeout=60)[1] for writer in writers]
    assert complaints == [""] * 6
    with sqlite3.connect(path) as check:
        assert check.execute("SELECT n FROM count").fetchone() == (300,)
    check.close()
