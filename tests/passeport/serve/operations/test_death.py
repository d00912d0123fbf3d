"""A service that is killed while it imports is followed by another: every row once, every index once."""

import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest

from passeport.serve.settings import Service
from passeport.settings import Settings
from storage.sqlite.issuance import SqliteLedger
from storage.sqlite.jobs import SqliteJobs
from storage.sqlite.offers import SqliteOffers

SERVE = "from passeport.cli import main; main()"
DEADLINE = 90


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def home(passeport, two_issuers):
    shutil.copytree(two_issuers, passeport.home, dirs_exist_ok=True)
    return passeport.home


@contextlib.contextmanager
def service(passeport, *, workers=1, code=""):
    port = free_port()
    environment = {
        **passeport.environment,
        "PASSEPORT_PORT": str(port),
        "PASSEPORT_ROLE": "issuer",
        "PASSEPORT_APPROVAL_ABOVE": "100000",
        "PASSEPORT_REQUESTS_PER_MINUTE": "1000000",
    }
    command = [
        sys.executable,
        "-c",
        f"{code}\n{SERVE}",
        "serve",
        "--workers",
        str(workers),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        at = f"http://127.0.0.1:{port}/organisations/centre"
        wait_for(lambda: up(at) or process.poll() is not None)
        yield process, at
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(url, data=None):
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=60) as answer:
        return json.load(answer)


def up(at):
    with contextlib.suppress(OSError):
        return bool(ask(f"{at}/imports"))


def wait_for(what):
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def send(at, data, **asked):
    return ask(f"{at}/imports?{urllib.parse.urlencode({'template': 'diploma', **asked})}", data)


def made(at, job, least):
    found = ask(f"{at}/imports/{job}")
    return found if found["counts"]["done"] >= least else None


def expire(home):
    """Let the lease of whoever died be over, rather than wait for a minute."""
    with contextlib.closing(sqlite3.connect(Service(home=home).database("jobs"), isolation_level=None)) as db:
        db.execute("update job set until = 0")


@pytest.mark.parametrize("mode", ["offer", "issue"])
def test_a_killed_import_goes_on_and_does_nothing_twice(passeport, home, table, mode, full):
    count = 2_000 if full else 200
    with service(passeport) as (process, at):
        job = send(at, table(count), mode=mode)["id"]
        wait_for(lambda: made(at, job, 50))
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.closing(SqliteJobs(Service(home=home).database("jobs"))) as jobs:
        stopped = jobs.find("centre", job)
    assert 50 <= stopped.counts.done < count, "it was killed in the middle"
    expire(home)
    with service(passeport) as (_, at):
        found = wait_for(lambda: made(at, job, count))
    assert found["counts"] == {"rows": count, "ready": 0, "error": 0, "done": count, "again": 0}
    if mode == "offer":
        with contextlib.closing(SqliteOffers(Service(home=home).database("offers"))) as offers:
            kept = [offer.reference for offer in offers.of("centre", stopped.created)]
        assert len(kept) == len(set(kept)) == count
    else:
        with contextlib.closing(SqliteLedger(Settings(home, "fr").issuer("centre") / "ledger.db")) as ledger:
            issued = [*ledger.issued()]
            assert ledger.unfinished() == 0
        places = {(intent.draft.kind, intent.status_list, intent.status_index) for intent in issued}
        assert len(issued) == len(places) == 2 * count, "rows are indexes, two forms each"


KILLS = """
import os
from issuer.operations.making import Maker
Maker.make = lambda self, rows: os._exit(9)
"""


def test_a_file_that_kills_who_works_on_it_is_given_up(passeport, home, table):
    """After three deaths in a row, so that the service lives on for everybody else."""
    with service(passeport, code=KILLS) as (process, at):
        job = send(at, table(3))["id"]
        assert process.wait(DEADLINE) == 9
    for _ in range(2):
        expire(home)
        with service(passeport, code=KILLS) as (process, _):
            assert process.wait(DEADLINE) == 9
    expire(home)
    with service(passeport, code=KILLS) as (process, at):
        found = wait_for(lambda: failed(at, job))
        assert found["problem"]["code"] == "import.kills"
        assert process.poll() is None
    with contextlib.closing(sqlite3.connect(Service(home=home).database("jobs"))) as db:
        assert db.execute("select count(*) from job_row where claims is not null").fetchone() == (0,)


def failed(at, job):
    found = ask(f"{at}/imports/{job}")
    return found if found["state"] == "failed" else None


def test_two_processes_share_imports_and_do_nothing_twice(passeport, home, table):
    with service(passeport, workers=2) as (_, at):
        jobs = [send(at, table(20, 1 + 20 * number))["id"] for number in range(4)]
        for job in jobs:
            wait_for(lambda job=job: made(at, job, 20))
    with contextlib.closing(SqliteOffers(Service(home=home).database("offers"))) as offers:
        kept = [offer.reference for offer in offers.of("centre", dt.datetime.now(dt.UTC))]
    assert len(kept) == len(set(kept)) == 80


def test_a_service_that_ends_lets_another_go_on_at_once(passeport, home, table):
    with service(passeport) as (process, at):
        job = send(at, table(300))["id"]
        wait_for(lambda: made(at, job, 50))
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0 or process.returncode == -signal.SIGTERM
    with service(passeport) as (_, at):
        assert wait_for(lambda: made(at, job, 300))["counts"]["done"] == 300
