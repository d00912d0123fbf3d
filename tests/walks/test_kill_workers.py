"""Bulk issuance by several processes: whoever is killed, whenever, nothing is lost and nothing issued twice.

The command is a real process with real workers; what it issued is read from the ledger and the folder.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds workers in /proc")

ROWS = 600  # some are still to be issued when a test strikes, on a fast machine too
SOON = """
from issuer import issue
from passeport import issuing, workers
issue.BATCH = issuing.BATCH = 4
workers.PATIENCE = 0
"""


@pytest.fixture
def results(furnished):
    header = "reference;code;nom;prenoms;date_naissance;date_obtention"
    letters = str.maketrans("0123456789", "ABCDEFGHIJ")
    people = [
        f"W-{n};RNCP37674;EXEMPLE-{str(n).translate(letters)};Camille Fictive;29/02/2000;27/03/2026"
        for n in range(ROWS)
    ]
    return furnished.write("workers.csv", "\n".join([header, *people]) + "\n")


def command(furnished, results) -> list[str]:
    out = str(furnished.path("by-workers"))
    form = ["--form", "dc+sd-jwt", "--processes", "2"]
    return ["issue", str(results), "--issuer", "centre", "--out", out, *form, "--json"]


def start(furnished, results) -> "subprocess.Popen[bytes]":
    return furnished.process(
        *command(furnished, results),
        code=SOON,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def workers_of(process: "subprocess.Popen[bytes]") -> list[int]:
    """Return the workers that run now, by what started them."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    with contextlib.suppress(OSError):
        return [int(child) for child in children.read_text().split() if _is_worker(child)]
    return []


def _is_worker(child: str) -> bool:
    with contextlib.suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    return False


def recorded(furnished) -> dict[str, tuple]:
    with closing(sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db")) as db:
        rows = db.execute(
            "select reference, id, list, slot, body from issuance where reference like 'W-%'"
        ).fetchall()
    return {row[0]: row[1:] for row in rows}


def until(condition, seconds: float = 60) -> None:
    """Wait until something is so; a busy machine takes its time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def whole(furnished, before: dict[str, tuple]) -> None:
    after = recorded(furnished)
    assert len(after) == ROWS
    assert len({row[1:3] for row in after.values()}) == ROWS, "every place is used once"
    assert all(row[3] for row in after.values()), "everything recorded is signed"
    for reference, (*place, body) in before.items():
        assert list(after[reference][:3]) == place
        assert body is None or after[reference][3] == body, "what was signed is not signed again"
    files = [path.read_bytes() for path in furnished.path("by-workers").glob("W-*")]
    assert sorted(files) == sorted(row[3] for row in after.values())


def test_workers_that_are_killed_cost_nothing(furnished, results) -> None:
    """One after the other, while they work: the command goes on, and ends well."""
    process = start(furnished, results)
    dice, killed = random.Random(20261122), set[int]()
    while process.poll() is None and len(killed) < 3:
        found = [worker for worker in workers_of(process) if worker not in killed]
        if found and any(row[3] for row in recorded(furnished).values()):
            killed.add(worker := dice.choice(found))
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        time.sleep(0.05)
    told, said = process.communicate()
    assert process.returncode == 0, (told, said)
    assert killed
    whole(furnished, {})


def test_killed_with_its_workers_at_work_and_taken_up(furnished, results) -> None:
    process = start(furnished, results)
    until(lambda: sum(row[3] is not None for row in recorded(furnished).values()) > 8)
    workers = workers_of(process)
    process.kill()
    process.communicate()  # ends when the last worker let go of the pipes
    assert not any(map(_is_worker, map(str, workers))), "no worker outlives it"
    before = recorded(furnished)
    assert any(row[3] is None for row in before.values()) or len(before) < ROWS, "it was at work"
    furnished(*command(furnished, results))
    whole(furnished, before)


def test_an_interruption_ends_all_of_them_and_is_taken_up(furnished, results) -> None:
    """Ctrl-C reaches every process of the terminal's group at once."""
    process = start(furnished, results)
    until(lambda: sum(row[3] is not None for row in recorded(furnished).values()) > 8)
    workers = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"Traceback" not in said
    assert workers
    assert not any(map(_is_worker, map(str, workers)))
    before = recorded(furnished)
    furnished(*command(furnished, results))
    whole(furnished, before)


def test_a_row_in_error_among_many_is_reported(furnished, results) -> None:
    """Rows are checked by workers too: what they object to stands in the report, at its line."""
    holders = furnished.write("keys.csv", "W-70;did:key:zNotAKey\n")
    process = furnished.process(
        *command(furnished, results), "--holders", str(holders), code=SOON, stdout=subprocess.PIPE
    )
    told, _ = process.communicate()
    assert process.returncode == 2
    assert b"issue.holder_key" in told
    assert b'"line":72' in told
    assert recorded(furnished) == {}
