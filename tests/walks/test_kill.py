"""Killed at any moment, an issuance is taken up by the same command: nothing lost, nothing issued twice.

Real processes, a real ledger, a real keyring. A process kills itself with SIGKILL at a named step of a batch,
or between the ledger and the folder; then the command is given again.
"""

import contextlib
import random
import signal
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing

import pytest

ROWS = 5
FORMS = 2
BATCH = 2

CRASH = f"""
import functools, os, signal
from collections import Counter
from boundary import files
from issuer import issue as pipeline
from passeport import issuing

POINT, pipeline.BATCH, passed = "{{point}}", {BATCH}, Counter()

def reached(step):
    passed[step] += 1
    if f"{{{{step}}}} {{{{passed[step]}}}}" == POINT:
        os.kill(os.getpid(), signal.SIGKILL)

def replace(source, target, real=os.replace):
    reached("before file")
    real(source, target)
    reached("after file")

os.replace = replace
issuing.issue_checked = functools.partial(pipeline.issue_checked, at=reached)
"""

STEPS = ("validated", "recorded", "secured", "stored")
FILES = ROWS * FORMS
POINTS = (
    *(f"{step} {batch}" for step in STEPS for batch in (1, 2)),
    "recorded 3",
    "before file 1",
    "after file 3",
    f"after file {FILES}",  # every credential is in the folder, no report is
    f"before file {FILES + 2}",  # some reports are
    f"before file {FILES + 4}",  # no list is published
)


@pytest.fixture
def results(furnished):
    header = "reference;code;nom;prenoms;date_naissance;date_obtention"
    people = [
        f"K-{n};RNCP37674;EXEMPLE-{'ABCDE'[n]};Camille Fictive;29/02/2000;27/03/2026" for n in range(ROWS)
    ]
    return furnished.write("kill.csv", "\n".join([header, *people]) + "\n")


def command(furnished, results) -> list[str]:
    return ["issue", str(results), "--issuer", "centre", "--out", str(furnished.path("killed"))]


def recorded(furnished) -> Mapping[tuple[str, str], tuple]:
    """Return what the ledger has of these rows: id, place, day and body by reference and form."""
    with closing(sqlite3.connect(furnished.home / "issuers" / "centre" / "ledger.db")) as db:
        rows = db.execute(
            "select reference, form, id, kind, list, slot, issued_at, body from issuance"
            " where reference like 'K-%'"
        ).fetchall()
    return {row[:2]: row[2:] for row in rows}


def files(furnished) -> dict[str, bytes]:
    folder = furnished.path("killed")
    found = folder.iterdir() if folder.exists() else []
    return {path.name: path.read_bytes() for path in found if path.name.startswith("K-")}


def whole(furnished, before: Mapping[tuple[str, str], tuple]) -> None:
    """Everything that must hold once the command was given again."""
    after = recorded(furnished)
    assert len(after) == ROWS * FORMS
    assert len({row[1:4] for row in after.values()}) == ROWS * FORMS, "every index is used once"
    assert all(row[5] for row in after.values()), "everything recorded is signed"
    for key, (*place, body) in before.items():
        assert list(after[key][:5]) == place, "what was recorded keeps its id and its place"
        assert body is None or after[key][5] == body, "what was signed is not signed again"
    assert sorted(files(furnished).values()) == sorted(row[5] for row in after.values())
    reports = {path.name for path in furnished.path("killed").glob("report.*")}
    assert reports == {"report.xml", "report.json", "report.csv"}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_step_nothing_is_lost_or_issued_twice(furnished, results, point: str) -> None:
    crash = CRASH.format(point=point)
    process = furnished.process(
        *command(furnished, results), code=crash, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    told, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL, told.decode()
    before, delivered = recorded(furnished), files(furnished)
    for body in delivered.values():
        assert body in {row[5] for row in before.values()}, "nothing is handed over that is not recorded"
    told = furnished(*command(furnished, results), "--json").json
    assert told["issued"] + told["again"] == ROWS
    whole(furnished, before)
    assert {name: files(furnished)[name] for name in delivered} == delivered
    assert furnished(*command(furnished, results), "--json").json["issued"] == 0


def test_what_was_killed_and_taken_up_verifies(furnished, results) -> None:
    crash = CRASH.format(point="secured 2")
    process = furnished.process(*command(furnished, results), code=crash, stdout=subprocess.DEVNULL)
    assert process.wait() == -signal.SIGKILL
    furnished(*command(furnished, results))
    for name in files(furnished):
        if name.endswith(".sd-jwt"):
            furnished("verify", furnished.path("killed") / name)
        else:
            pointer = "/credentialSubject/familyName"
            shown = furnished("derive", furnished.path("killed") / name, "--reveal", pointer).out
            furnished("verify", "-", stdin=shown.encode())


def test_killed_from_outside_at_any_time_and_taken_up_each_time(furnished, results, full: bool) -> None:
    """No step is chosen: the moment is."""
    dice = random.Random(20261121)
    rounds = 20 if full else 4
    before: Mapping[tuple[str, str], tuple] = {}
    for _ in range(rounds):
        process = furnished.process(
            *command(furnished, results),
            code=f"from issuer import issue\nissue.BATCH = {BATCH}",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=dice.uniform(0.3, 2.5))
        process.kill()
        process.wait()
        after = recorded(furnished)
        for key, (*place, body) in before.items():
            assert list(after[key][:5]) == place
            assert body is None or after[key][5] == body
        before = after
    furnished(*command(furnished, results))
    whole(furnished, before)


def test_two_at_once_issue_each_row_once(furnished, results) -> None:
    """The same file twice at the same time: both end well, with the same bytes."""
    both = [
        furnished.process(
            *command(furnished, results), "--json", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(2)
    ]
    told = [process.communicate()[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    whole(furnished, {})
