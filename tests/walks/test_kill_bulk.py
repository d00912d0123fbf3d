"""F1: a bulk that is killed again and again, wherever it stands, is taken up by the same command: nothing
that was recorded is lost, nothing is signed twice, and no more is done again than was under way."""

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills a group of processes")

HURRIED = "from passeport import workers\nworkers.PATIENCE = 0"
BATCH = 100
WORKERS = 2
UNDER_WAY = (2 * WORKERS + 1) * BATCH
"""What may be recorded and not signed: batches that workers have or wait for, and the one being written."""


@pytest.fixture
def rows(full: bool) -> int:
    return 100_000 if full else 1_500


@pytest.fixture
def bulk(furnished, rows):
    header = "reference;code;nom;prenoms;date_naissance;date_obtention"
    letters = str.maketrans("0123456789", "ABCDEFGHIJ")
    people = (
        f"B-{n};RNCP37674;EXEMPLE-{str(n).translate(letters)};Camille Fictive;29/02/2000;27/03/2026"
        for n in range(rows)
    )
    file = furnished.write("bulk.csv", "\n".join([header, *people]) + "\n")
    out = str(furnished.path("in-bulk"))
    how = ["--form", "dc+sd-jwt", "--processes", str(WORKERS), "--json"]
    return ["issue", str(file), "--issuer", "centre", "--out", out, *how]


def recorded(furnished) -> Mapping[str, tuple]:
    """Return id, place and digest of what is signed, by reference."""
    query = "select reference, id, list, slot, body from issuance where reference like 'B-%'"
    with closing(sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db")) as db:
        return {row[0]: (*row[1:4], row[4] and hashlib.sha256(row[4]).digest()) for row in db.execute(query)}


def signed(furnished) -> int:
    query = "select count(*) from issuance where reference like 'B-%' and body is not null"
    with closing(sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db")) as db:
        return db.execute(query).fetchone()[0]


def struck(furnished, bulk, reached: int) -> None:
    """Start the bulk, and kill all of it once so many are signed."""
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    process = furnished.process(*bulk, code=HURRIED, **how)
    deadline = time.monotonic() + 600
    while signed(furnished) < reached:
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_again_and_again_in_a_bulk(furnished, bulk, rows, full: bool) -> None:
    kills, dice = 20 if full else 3, random.Random(20261123)
    before: Mapping[str, tuple] = {}
    for number in range(kills):
        struck(furnished, bulk, int(rows * (number + dice.random()) / (kills + 1)) + 1)
        after = recorded(furnished)
        for reference, (*place, body) in before.items():
            assert [*after[reference][:3]] == place, "what was recorded keeps its id and its place"
            assert body is None or after[reference][3] == body, "what was signed is not signed again"
        unsigned = sum(row[3] is None for row in after.values())
        print(f"kill {number + 1}: {len(after)} recorded, {unsigned} of them not signed")
        assert unsigned <= UNDER_WAY
        before = after
    furnished(*bulk)
    after = recorded(furnished)
    assert len(after) == len({row[1:3] for row in after.values()}) == rows, "every row, every place once"
    assert all(after[reference][:3] == row[:3] for reference, row in before.items())
    assert all(row[3] is None or after[reference][3] == row[3] for reference, row in before.items())
    out = furnished.path("in-bulk")
    delivered = {hashlib.sha256(path.read_bytes()).digest() for path in out.glob("B-*")}
    assert delivered == {row[3] for row in after.values()}
