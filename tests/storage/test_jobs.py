"""One worker at a time has a job; it goes on after any death, and keeps no claims when it is over."""

import datetime as dt
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from problems import ConflictError
from storage.jobs import Counts, Job, JobRow, JobState, JobStore, Made
from storage.sqlite.jobs import SqliteJobs

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
LEASE = NOW + dt.timedelta(minutes=1)
JOB = Job("j-1", "centre", "a-1", "c0ffee", {"mode": "offer"}, NOW, "mine")
ROWS = [
    JobRow(1, "R-1", "diploma", "ready", {"name": "Camille"}),
    JobRow(2, "R-2", "diploma", "error", findings=({"code": "row.nir"},)),
    JobRow(3, "R-3", "diploma", "ready", {"name": "Dominique"}),
]


def running(jobs: JobStore) -> Job:
    """Return the job, examined, and claimed by the worker ``w``."""
    jobs.add(JOB)
    assert jobs.claim("w", LEASE, NOW)
    assert jobs.note("j-1", "w", ROWS, LEASE)
    assert jobs.settle("j-1", "w", "running", NOW)
    found = jobs.claim("w", LEASE, NOW)
    assert found
    return found


def test_what_was_kept_is_found_again_by_its_organisation_only(jobs: JobStore) -> None:
    assert jobs.add(JOB) == JOB
    assert jobs.find("centre", "j-1") == JOB
    assert jobs.find("atelier", "j-1") is None
    assert jobs.of("centre", "", 9) == [JOB]
    assert jobs.of("centre", "j-1", 9) == jobs.of("atelier", "", 9) == []


def test_the_same_content_is_the_same_job_until_it_failed(jobs: JobStore) -> None:
    jobs.add(JOB)
    again = replace(JOB, id="j-2", key="")
    assert jobs.add(again).id == "j-1"
    assert jobs.add(replace(again, organisation="atelier")).id == "j-2"
    with pytest.raises(ConflictError, match=r"import\.key_reused"):
        jobs.add(replace(JOB, id="j-3", content="decade"))
    assert jobs.move("centre", "j-1", ("queued",), "cancelled", NOW)
    assert jobs.add(replace(again, id="j-4")).id == "j-4"


def test_of_all_workers_who_ask_one_gets_the_job_until_its_lease_ends(jobs: JobStore) -> None:
    jobs.add(JOB)
    with ThreadPoolExecutor(8) as pool:
        got = [*pool.map(lambda number: jobs.claim(f"w{number}", LEASE, NOW), range(24))]
    assert sum(job is not None for job in got) == 1
    assert jobs.claim("late", LEASE + dt.timedelta(minutes=1), LEASE)


def test_a_worker_that_lost_its_lease_changes_nothing(jobs: JobStore) -> None:
    running(jobs)
    assert jobs.claim("other", LEASE + dt.timedelta(minutes=1), LEASE)
    before = jobs.find("centre", "j-1"), jobs.rows("j-1", None, 0, 9)
    assert not jobs.make("j-1", "w", [Made(1, "done")], LEASE)
    assert not jobs.note("j-1", "w", ROWS, LEASE)
    assert not jobs.begin("j-1", "w")
    assert not jobs.settle("j-1", "w", "done", NOW)
    assert not jobs.postpone("j-1", "w", LEASE)
    assert (jobs.find("centre", "j-1"), jobs.rows("j-1", None, 0, 9)) == before


def test_rows_are_counted_and_lose_their_claims_when_they_are_made(jobs: JobStore) -> None:
    assert running(jobs).counts == Counts(rows=3, ready=2, error=1)
    assert jobs.make("j-1", "w", [Made(1, "done", {"offer": "o"}), Made(3, "error", {}, ["why"])], LEASE)
    job = jobs.find("centre", "j-1")
    assert job
    assert job.counts == Counts(rows=3, ready=0, error=2, done=1)
    first, second, third = jobs.rows("j-1", None, 0, 9)
    assert (first.outcome, first.claims, first.result) == ("done", None, {"offer": "o"})
    assert second.findings == [{"code": "row.nir"}], "what was found before is not lost"
    assert (third.claims, third.findings) == (None, ["why"])
    assert [row.number for row in jobs.rows("j-1", "error", 2, 9)] == [3]


def test_reading_starts_anew_when_a_worker_died_while_it_read(jobs: JobStore) -> None:
    jobs.add(JOB)
    jobs.claim("w", LEASE, NOW)
    jobs.note("j-1", "w", ROWS[:1], LEASE)
    jobs.claim("other", LEASE + dt.timedelta(minutes=1), LEASE)
    assert jobs.begin("j-1", "other")
    assert jobs.note("j-1", "other", ROWS, LEASE)
    job = jobs.find("centre", "j-1")
    assert job
    assert job.counts == Counts(rows=3, ready=2, error=1)


def test_a_pause_takes_the_job_from_its_worker_and_a_cancellation_the_claims(jobs: JobStore) -> None:
    running(jobs)
    assert jobs.move("centre", "j-1", ("running",), "paused", NOW)
    assert not jobs.make("j-1", "w", [Made(1, "done")], LEASE)
    assert jobs.claim("other", LEASE, NOW) is None
    assert jobs.move("atelier", "j-1", ("paused",), "running", NOW) is None
    assert jobs.move("centre", "j-1", ("running",), "cancelled", NOW) is None, "it is paused"
    assert jobs.move("centre", "j-1", ("paused",), "cancelled", NOW)
    assert [row.claims for row in jobs.rows("j-1", None, 0, 9)] == [None] * 3


def after(leases: int) -> dt.datetime:
    return NOW + leases * dt.timedelta(minutes=1)


def test_deaths_are_counted_until_a_row_is_made(jobs: JobStore) -> None:
    """Whoever lets go of a job, or gets on with it, did not die of it."""
    jobs.add(JOB)
    claimed = [jobs.claim(f"w{number}", after(number + 1), after(number)) for number in range(3)]
    assert [job and job.deaths for job in claimed] == [0, 1, 2]
    assert jobs.note("j-1", "w2", ROWS, after(3))
    assert jobs.settle("j-1", "w2", "running", after(2))
    claimed = [jobs.claim(f"w{number}", after(number + 1), after(number)) for number in (3, 4)]
    assert [job and job.deaths for job in claimed] == [2, 3], "reading is no progress: it begins anew"
    assert jobs.make("j-1", "w4", [Made(1, "done")], after(5))
    job = jobs.claim("w5", after(6), after(5))
    assert job
    assert job.deaths == 1
    assert jobs.postpone("j-1", "w5", after(6))
    job = jobs.claim("w6", after(7), after(6))
    assert job
    assert job.deaths == 1


def test_a_job_given_back_waits(jobs: JobStore) -> None:
    running(jobs)
    assert jobs.postpone("j-1", "w", LEASE)
    assert jobs.claim("other", LEASE + dt.timedelta(minutes=1), NOW) is None
    assert jobs.claim("other", LEASE + dt.timedelta(minutes=1), LEASE)


@pytest.mark.parametrize("over", ["done", "failed", "cancelled"])
def test_what_is_over_leaves_no_claims_anywhere(tmp_path: Path, over: JobState) -> None:
    """PV-001: while the service runs, too: the log of the database has pages as they were."""

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    with closing(SqliteJobs(tmp_path / "jobs.db")) as jobs:
        running(jobs)
        assert b"Dominique" in on_disk()
        if over == "cancelled":
            assert jobs.move("centre", "j-1", ("running",), over, NOW)
        else:
            assert jobs.make("j-1", "w", [Made(1, "done"), Made(3, "done")], LEASE)
            assert jobs.settle("j-1", "w", over, NOW)
        assert b"Dominique" not in on_disk()


def test_what_nobody_starts_is_forgotten_to_the_last_byte(tmp_path: Path) -> None:
    with closing(SqliteJobs(tmp_path / "jobs.db")) as jobs:
        jobs.add(JOB)
        jobs.claim("w", LEASE, NOW)
        jobs.note("j-1", "w", ROWS, LEASE)
        jobs.settle("j-1", "w", "examined", NOW)
        assert jobs.forget(NOW + dt.timedelta(days=6)) == 0
        assert jobs.forget(NOW + dt.timedelta(days=7)) == 1
        assert b"Dominique" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert jobs.forget(NOW + dt.timedelta(days=98)) == 1
    with closing(sqlite3.connect(tmp_path / "jobs.db")) as db:
        assert db.execute("select count(*) from job_row").fetchone() == (0,)


def test_rows_that_are_done_as_they_are_read_are_counted_so(jobs: JobStore) -> None:
    jobs.add(JOB)
    jobs.claim("w", LEASE, NOW)
    assert jobs.note(
        "j-1", "w", [JobRow(1, "", "", "done", result={"a": 1}), JobRow(2, "", "", "error")], LEASE
    )
    assert jobs.settle("j-1", "w", "done", NOW)
    found = jobs.find("centre", "j-1")
    assert found
    assert found.counts == Counts(rows=2, error=1, done=1)
    assert [row.result for row in jobs.rows("j-1", "done", 0, 9)] == [{"a": 1}]


def test_what_is_erased_is_gone_for_its_worker_too(jobs: JobStore) -> None:
    running(jobs)
    assert not jobs.remove("atelier", "j-1")
    assert jobs.remove("centre", "j-1")
    assert not jobs.remove("centre", "j-1")
    assert jobs.find("centre", "j-1") is None
    assert jobs.rows("j-1", None, 0, 9) == []
    assert not jobs.make("j-1", "w", [Made(1, "done")], LEASE)


def test_how_long_it_is_kept_is_for_its_owner_to_say(tmp_path: Path) -> None:
    with closing(SqliteJobs(tmp_path / "jobs.db", kept=dt.timedelta(minutes=15))) as jobs:
        jobs.add(JOB)
        jobs.claim("w", LEASE, NOW)
        jobs.note("j-1", "w", [JobRow(1, "", "", "done", result={"name": "Camille"})], LEASE)
        jobs.settle("j-1", "w", "done", NOW)
        assert jobs.forget(NOW + dt.timedelta(minutes=14)) == 0
        assert jobs.forget(NOW + dt.timedelta(minutes=15)) == 1
        assert jobs.find("centre", "j-1") is None
    assert b"Camille" not in (tmp_path / "jobs.db").read_bytes()
