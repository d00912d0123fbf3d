"""A ledger restored from a backup gives no place a second time, whatever it forgot."""

import datetime as dt
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import files
from boundary.limits import STATUS_ENTRIES
from problems import UnavailableError
from storage.issuance import Draft, Intent, StatusKind
from storage.sqlite.issuance import SqliteLedger

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
FEW = 12
"""Places that are drawn from, so that the same one is soon drawn again."""


def draft(reference: str, kind: StatusKind = "token") -> Draft:
    return Draft(reference, f"form-{kind}", kind, "diploma", hashlib.sha256(b"claims").digest())


class Town:
    """A ledger with a memory that nothing restores: every place that was ever given."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.path = folder / "ledger.db"
        self._dice = random.Random(seed)
        self._number = 0
        self._backups: list[Path] = []
        self.given: dict[tuple[str, int, int], str] = {}

    def open(self) -> SqliteLedger:
        return SqliteLedger(self.path, self._drawn)

    def _drawn(self, below: int) -> int:
        return self._dice.randrange(FEW if below == STATUS_ENTRIES else below)

    def issue(self, kind: StatusKind = "token", count: int = 1) -> list[Intent]:
        """Issue to references of their own; no place may have been given before."""
        drafts = []
        for _ in range(count):
            self._number += 1
            drafts.append(draft(f"R-{self._number}", kind))
        with closing(self.open()) as ledger:
            intents = ledger.record(drafts, NOW)
        for intent in intents:
            place = (kind, intent.status_list, intent.status_index)
            assert place not in self.given, f"{place} was given to {self.given[place]}"
            self.given[place] = intent.draft.reference
        return intents

    def back_up(self) -> None:
        """As administrators do it: the database alone, by SQLite's own copy."""
        copy = self.path.with_name(f"backup-{len(self._backups)}.db")
        with closing(sqlite3.connect(self.path)) as db, closing(sqlite3.connect(copy)) as target:
            db.backup(target)
        self._backups.append(copy)

    def restore(self, number: int = -1) -> None:
        for side in ("-wal", "-shm"):
            self.path.with_name(self.path.name + side).unlink(missing_ok=True)
        shutil.copy(self._backups[number], self.path)

    @property
    def note(self) -> Path:
        return self.path.with_name("ledger.db.mark")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def lists(intents: list[Intent]) -> set[int]:
    return {intent.status_list for intent in intents}


def test_without_a_restoration_one_list_is_filled(town: Town) -> None:
    assert {number for _ in range(FEW // 2) for number in lists(town.issue())} == {1}


def test_after_a_restoration_a_new_list_is_opened_and_kept(town: Town) -> None:
    town.issue(count=3)
    town.back_up()
    town.issue(count=3)
    town.restore()
    assert lists(town.issue(count=3)) == {2}
    assert lists(town.issue(count=3)) == {2}, "once is enough"


def test_the_other_kind_of_list_is_left_too(town: Town) -> None:
    town.issue("bitstring")
    town.back_up()
    town.issue("token")
    town.restore()
    town.issue("token")
    assert lists(town.issue("bitstring")) == {2}


def test_restored_again_and_again(town: Town) -> None:
    town.issue(count=2)
    town.back_up()
    for number in range(2, 6):
        town.issue()
        town.restore()
        assert lists(town.issue(count=2)) == {number}


def test_lists_that_were_forgotten_are_still_published(town: Town) -> None:
    """What was issued in them is still out there."""
    town.issue()
    town.back_up()
    for _ in range(2):
        town.issue()
        town.restore()
        town.issue()
    with closing(town.open()) as ledger:
        assert ledger.lists() == [
            ("bitstring", 1),
            ("bitstring", 2),
            ("token", 1),
            ("token", 2),
            ("token", 3),
        ]


def test_a_ledger_that_lost_its_note_goes_far_away(town: Town) -> None:
    """It cannot know how many lists it forgot."""
    town.issue()
    town.note.unlink()
    [far] = lists(town.issue())
    assert far > 1_000
    assert lists(town.issue()) == {far}
    with closing(town.open()) as ledger:
        assert ledger.lists() == [("token", 1), ("token", far)], "lists that never were are not published"


def test_a_damaged_note_is_a_lost_one(town: Town) -> None:
    for content in (b"", b"{", b'{"writes": "x"}', b"\xff"):
        [before] = lists(town.issue())
        town.note.write_bytes(content)
        assert min(lists(town.issue())) > before


def test_a_new_database_beside_an_old_note_is_behind_it(town: Town) -> None:
    town.issue()
    for path in town.path.parent.glob("ledger.db*"):
        if path != town.note:
            path.unlink()
    assert lists(town.issue()) == {2}


def test_finding_what_is_recorded_takes_nothing_and_notes_nothing(town: Town) -> None:
    [intent] = town.issue()
    before = town.note.read_bytes()
    with closing(town.open()) as ledger:
        assert ledger.record([intent.draft], NOW) == [intent]
    assert town.note.read_bytes() == before


def test_without_a_note_nothing_is_recorded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full is full for both."""
    town.issue()
    write = files.write

    def full(path: Path, data: bytes, **options: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(UnavailableError) as caught:
        town.issue()
    assert caught.value.code == "storage.full"
    monkeypatch.setattr(files, "write", write)
    with closing(sqlite3.connect(town.path)) as db:
        assert db.execute("select count(*) from issuance").fetchone() == (1,)
    assert lists(town.issue()) == {1}


def steps() -> st.SearchStrategy[list[tuple[str, int]]]:
    one = st.tuples(st.sampled_from(["token", "bitstring", "back up", "restore", "lose"]), st.integers(0, 3))
    return st.lists(one, min_size=4, max_size=25)


@settings(max_examples=60)
@given(steps(), st.integers(0, 1_000))
def test_in_whatever_order_no_place_is_given_twice(
    tmp_path_factory: pytest.TempPathFactory, taken: list[tuple[str, int]], seed: int
) -> None:
    town = Town(tmp_path_factory.mktemp("town"), seed)
    town.issue()
    town.back_up()
    for what, number in taken:
        match what:
            case "back up":
                town.back_up()
            case "restore":
                town.restore(number % len(town._backups))
            case "lose":
                town.note.unlink(missing_ok=True)
            case "token" | "bitstring":
                town.issue("token" if what == "token" else "bitstring")


CRASH = """
import datetime as dt, os, signal, sys
from pathlib import Path
from boundary import files
from boundary.limits import STATUS_ENTRIES
from storage.issuance import Draft
from storage.sqlite.issuance import SqliteLedger

path, moment = Path(sys.argv[1]), sys.argv[2]
ledger, write = SqliteLedger(path), files.write

def killed(*arguments, **options):
    if moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    write(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

files.write = killed
ledger.record([Draft("K", "form", "token", "t", b"0" * 32)], dt.datetime.now(dt.UTC))
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_note_nothing_is_lost_nor_given_twice(town: Town, moment: str) -> None:
    """Killed before its commit, a ledger is behind its note: a new list is the price, and all of it."""
    town.issue()
    done = subprocess.run([sys.executable, "-c", CRASH, str(town.path), moment], check=False)
    assert done.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(town.path)) as db:
        assert db.execute("select count(*) from issuance").fetchone() == (1,)
    assert lists(town.issue()) == ({1} if moment == "before" else {2})
