"""The log tells what was done to it: changed, taken out, moved, cut off or written again."""

import datetime as dt
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from problems import InputError, ProofVerificationError, UnavailableError
from storage.audit import AuditLog, Entry, Event, Head, verify

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def ten(audit: AuditLog) -> list[Entry]:
    return [
        audit.record(Event("a-1", "key.use", f"key-{n}", "centre"), NOW + dt.timedelta(seconds=n))
        for n in range(10)
    ]


def damage(tmp_path: Path, *statements: str) -> None:
    """What somebody with the file does: the triggers go first."""
    with closing(sqlite3.connect(tmp_path / "audit.db", isolation_level=None)) as db:
        for change in ("update", "delete"):
            db.execute(f"drop trigger entry_no_{change}")
        for statement in statements:
            db.execute(statement)


def test_a_whole_log_verifies_to_its_head(audit: AuditLog, ten: list[Entry]) -> None:
    assert verify(audit.entries()) == audit.head() == ten[-1].head
    assert verify(audit.entries(), [ten[3].head, ten[9].head, Head()]) == ten[9].head
    assert [*audit.entries(7)] == ten[7:]
    assert [*audit.entries(2, 3)] == ten[2:5]
    assert [*audit.entries(organisation="atelier")] == []
    assert verify([]) == Head()


@pytest.mark.parametrize("change", ["update entry set who = 'a-2'", "delete from entry"])
def test_the_database_itself_refuses_changes(tmp_path: Path, ten: list[Entry], change: str) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "audit.db")) as db,
        pytest.raises(sqlite3.IntegrityError, match="only added"),
    ):
        db.execute(change)


MOVED = [
    "update entry set number = 100, before = x'00' where number = 4",
    "update entry set number = 4, before = (select hash from entry where number = 3) where number = 5",
    "update entry set number = 5 where number = 100",
]
TAMPERED = {
    "an edited actor": (["update entry set who = 'a-2' where number = 5"], "audit.changed", 5),
    "a person's name": (["update entry set who = 'Camille Fictive' where number = 5"], "audit.changed", 5),
    "an edited time": (["update entry set at = '2020-01-01' where number = 1"], "audit.changed", 1),
    "an edited count": (["update entry set count = 9 where number = 10"], "audit.changed", 10),
    "an edited hash": (["update entry set hash = x'00' where number = 7"], "audit.changed", 7),
    "a deleted entry": (["delete from entry where number = 6"], "audit.missing", 6),
    "a deleted beginning": (["delete from entry where number < 3"], "audit.missing", 1),
    "two entries reordered": (MOVED, "audit.changed", 4),
    "a truncated tail": (["delete from entry where number > 8"], "audit.truncated", 9),
    "everything deleted": (["delete from entry"], "audit.truncated", 1),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "code", "entry"), TAMPERED.values(), ids=TAMPERED)
def test_the_first_bad_entry_is_named(
    audit: AuditLog, ten: list[Entry], tmp_path: Path, statements: list[str], code: str, entry: int
) -> None:
    anchored = [ten[4].head, ten[9].head]
    damage(tmp_path, *statements)
    with pytest.raises(ProofVerificationError) as refused:
        verify(audit.entries(), anchored)
    assert (refused.value.code, refused.value.facts["entry"]) == (code, entry)


def test_a_tail_that_nobody_anchored_is_not_missed(audit: AuditLog, ten: list[Entry], tmp_path: Path) -> None:
    """Which is why heads are anchored every minute, elsewhere."""
    damage(tmp_path, "delete from entry where number > 8")
    assert verify(audit.entries(), [ten[4].head]).number == 8


def test_a_chain_that_was_made_again_disagrees_with_its_anchor(audit: AuditLog, ten: list[Entry]) -> None:
    again, head = [], Head()
    for entry in ten:
        event = entry.event if entry.number != 3 else Event("a-9", "key.use", "key-2", "centre")
        again.append(Entry.after(head, entry.at, event))
        head = again[-1].head
    assert verify(again) == head, "whole by itself"
    with pytest.raises(ProofVerificationError, match=r"audit\.rewritten") as refused:
        verify(again, [ten[4].head])
    assert refused.value.facts["entry"] == 5
    assert verify(again, [ten[1].head])


def test_entries_written_at_once_make_one_chain(audit: AuditLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        [*pool.map(lambda n: audit.record(Event("a-1", "key.use", f"key-{n}"), NOW), range(100))]
    assert verify(audit.entries()).number == 100


@pytest.mark.parametrize("text", ["Camille Fictive", "camille@exemple.fr", "é", "a" * 201, "a\nb"])
def test_what_may_be_personal_is_not_taken(audit: AuditLog, text: str) -> None:
    for event in (Event(text, "key.use"), Event("a-1", text), Event("a-1", "key.use", text)):
        with pytest.raises(InputError, match=r"audit\.not_opaque"):
            audit.record(event, NOW)


def test_nothing_is_dated_before_the_last_entry(audit: AuditLog, ten: list[Entry]) -> None:
    for back in (dt.timedelta(hours=1), dt.timedelta(days=365)):
        for ask in (audit.ready, lambda now: audit.record(Event("a-1", "key.use"), now)):
            with pytest.raises(UnavailableError, match=r"audit\.clock"):
                ask(NOW - back)
    assert audit.record(Event("a-1", "key.use"), NOW + dt.timedelta(seconds=8)).at == ten[-1].at, (
        "two processes"
    )


FULL_DISK = """
import datetime, resource, signal, sys
from pathlib import Path
from problems import UnavailableError
from storage.audit import Event, verify
from storage.sqlite.audit import SqliteAudit
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
audit, now = SqliteAudit(Path(sys.argv[1])), datetime.datetime.now(datetime.UTC)
audit.record(Event("a-1", "key.use"), now)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
for ask in (lambda: audit.record(Event("a-1", "key.rotate"), now), lambda: audit.ready(now)):
    try:
        ask()
    except UnavailableError as problem:
        print(problem.code)
print(verify(audit.entries()).number)
"""


def test_a_full_disk_is_said_and_the_log_stays_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "audit.db")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["audit.unavailable", "audit.unavailable", "1"], done.stderr
