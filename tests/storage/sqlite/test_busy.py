"""F6: many write at once, somebody reads for long, another program holds the lock: nothing is lost, and
nobody is told "database is locked"."""

import datetime as dt
import multiprocessing
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from storage.issuance import Completed, Draft
from storage.sqlite.issuance import SqliteLedger
from storage.sqlite.once import SqliteOnce

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(hours=1)
SPAWN = multiprocessing.get_context("spawn")


def _put(path: Path, name: str, count: int, ready: Any, told: Any) -> None:
    """Write secrets, each one commit with a flush; tell how long each took. What is refused ends it."""
    with closing(SqliteOnce(path)) as store:
        ready.wait()
        taken = []
        for number in range(count):
            begun = time.monotonic()
            assert store.put("busy", f"{name}-{number}", {}, END)
            taken.append(time.monotonic() - begun)
        told.put(taken)


def _issue(path: Path, name: str, count: int, ready: Any, told: Any) -> None:
    """Record and complete credentials one by one, as a service does."""
    with closing(SqliteLedger(path)) as ledger:
        ready.wait()
        taken = []
        for number in range(count):
            begun = time.monotonic()
            draft = Draft(f"{name}-{number}", "dc+sd-jwt", "token", "diploma", b"digest")
            [intent] = ledger.record([draft], NOW)
            ledger.complete([Completed(intent.credential_id, b"body")])
            taken.append(time.monotonic() - begun)
        told.put(taken)


def together(target: Any, path: Path, writers: int, count: int) -> list[float]:
    """Return how long each write took, of all writers, who begin at the same time."""
    ready, told = SPAWN.Barrier(writers + 1), SPAWN.SimpleQueue()
    begun = [
        SPAWN.Process(target=target, args=(path, f"w{number}", count, ready, told))
        for number in range(writers)
    ]
    for process in begun:
        process.start()
    ready.wait(60)
    taken = list[float]()
    for _ in begun:
        assert somebody_told(told, begun), "nobody was refused"
        taken += told.get()
    for process in begun:
        process.join(60)
    assert [process.exitcode for process in begun] == [0] * writers
    return taken


def somebody_told(told: Any, begun: list[Any]) -> bool:
    """Wait until one of them has told, and say so; or that one of them failed."""
    deadline = time.monotonic() + 300
    while told.empty() and time.monotonic() < deadline:
        if any(process.exitcode for process in begun):
            return False
        time.sleep(0.01)
    return not told.empty()


def told(writers: int, taken: list[float]) -> None:
    share = statistics.quantiles(taken, n=100)
    p50, p99, worst = (f"{seconds * 1e3:.1f} ms" for seconds in (share[49], share[98], max(taken)))
    print(f"{writers} writers: p50 {p50}, p99 {p99}, max {worst}")


@pytest.mark.parametrize("writers", [1, 2, 4, 8, 16])
def test_of_many_writers_each_gets_its_turn(tmp_path: Path, full: bool, writers: int) -> None:
    if not full and writers not in (1, 4):
        pytest.skip("one and four writers; with PASSEPORT_FULL up to sixteen")
    path, count = tmp_path / "once.db", 500 if full else 25
    with closing(SqliteOnce(path)):
        pass
    taken = together(_put, path, writers, count)
    told(writers, taken)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select count(*) from once").fetchone() == (writers * count,)
    if full and writers == 4:
        assert statistics.quantiles(taken, n=100)[98] <= 1.0


@pytest.mark.parametrize("writers", [4, 16])
def test_of_many_issuers_each_gets_its_places(tmp_path: Path, full: bool, writers: int) -> None:
    if not full and writers > 4:
        pytest.skip("four writers; with PASSEPORT_FULL sixteen")
    path, count = tmp_path / "ledger.db", 100 if full else 8
    with closing(SqliteLedger(path)):
        pass
    told(writers, together(_issue, path, writers, count))
    with closing(SqliteLedger(path)) as ledger:
        issued = [*ledger.issued()]
        assert ledger.unfinished() == 0
    assert len(issued) == len({(one.status_list, one.status_index) for one in issued}) == writers * count


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """A backup, a report: somebody who looks at one state of the file for as long as the block lasts."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("select count(*) from once").fetchone()
        yield
        db.execute("ROLLBACK")


def test_a_long_reader_keeps_nobody_from_writing(tmp_path: Path, full: bool) -> None:
    path, count = tmp_path / "once.db", 2_000 if full else 100
    with closing(SqliteOnce(path)) as store:
        with reading(path):
            taken = together(_put, path, 2, count)
        told(2, taken)
        assert all(store.look("busy", f"w1-{number}", NOW).state == "ready" for number in range(count))
        with closing(sqlite3.connect(path)) as db:
            blocked, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert not blocked
        assert path.with_name("once.db-wal").stat().st_size == 0, (
            "what had to be kept for the reader is let go"
        )


def _hold(path: Path, seconds: float, held: Any) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        held.set()
        time.sleep(seconds)
        db.execute("ROLLBACK")


def test_a_lock_of_three_seconds_is_waited_for(tmp_path: Path, full: bool) -> None:
    path, seconds = tmp_path / "once.db", 3.0 if full else 0.5
    held = SPAWN.Event()
    with closing(SqliteOnce(path)) as store:
        holder = SPAWN.Process(target=_hold, args=(path, seconds, held))
        holder.start()
        assert held.wait(60)
        assert store.look("busy", "x", NOW).state == "unknown", "who reads does not wait"
        begun = time.monotonic()
        assert store.put("busy", "x", {}, END)
        print(f"written after {time.monotonic() - begun:.2f} s under a lock of {seconds} s")
        holder.join()
