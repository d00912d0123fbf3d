"""Several copies of one award: each its own place in a list, all of them one fate."""

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from boundary.limits import COPIES
from problems import ConflictError, LimitError
from storage.issuance import Completed, Draft
from storage.sqlite.database import open_database
from storage.sqlite.issuance import SqliteLedger, _first

NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
CONTENT = hashlib.sha256(b"claims").digest()


def draft(copy: str, form: str = "dc+sd-jwt", content: bytes = CONTENT) -> Draft:
    return Draft("R-1", form, "token" if form == "dc+sd-jwt" else "bitstring", "diploma", content, copy)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(tmp_path / "ledger.db")) as ledger:
        yield ledger


def test_each_copy_has_a_place_and_a_name_of_its_own(ledger: SqliteLedger) -> None:
    intents = ledger.record([draft("a"), draft("b"), draft("a", "ecdsa-sd-2023")], NOW)
    assert len({intent.credential_id for intent in intents}) == 3
    assert len({(intent.draft.kind, intent.status_index) for intent in intents}) == 3


def test_the_same_copy_again_is_the_same(ledger: SqliteLedger) -> None:
    [first] = ledger.record([draft("a")], NOW)
    ledger.complete([Completed(first.credential_id, b"signed")])
    [again] = ledger.record([draft("a")], NOW + dt.timedelta(days=1))
    assert (again.credential_id, again.body, again.issued_at) == (first.credential_id, b"signed", NOW)


def test_all_copies_are_revoked_together_and_none_follows(ledger: SqliteLedger) -> None:
    ledger.record([draft("a"), draft("b")], NOW)
    assert ledger.set_status("R-1", "revoked", "error", NOW) == 2
    assert [entry.value for entry in ledger.listed("token", 1)] == ["revoked", "revoked"]
    with pytest.raises(ConflictError, match="revocation_is_final"):
        ledger.record([draft("c")], NOW)


def test_copies_have_one_content(ledger: SqliteLedger) -> None:
    ledger.record([draft("a")], NOW)
    with pytest.raises(ConflictError, match="reference_taken"):
        ledger.record([draft("b", content=b"other")], NOW)


def test_there_are_never_more_copies_than_allowed_whoever_asks_together(ledger: SqliteLedger) -> None:
    def ask(number: int) -> bool:
        try:
            ledger.record([draft(f"{number}-{one}") for one in range(3)], NOW)
        except LimitError:
            return False
        return True

    with ThreadPoolExecutor(12) as pool:
        granted = sum(pool.map(ask, range(12)))
    assert granted == COPIES // 3


def test_a_ledger_from_before_there_were_copies_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    old = open_database(path, [_first], application=b"PsLd")
    old.execute(
        "insert into issuance (id, reference, form, kind, template, content, list, slot, issued_at,"
        " body, status)"
        " values ('urn:x', 'R-0', 'dc+sd-jwt', 'token', 'diploma', ?, 1, 77, ?, ?, 1)",
        (CONTENT, NOW.isoformat(), b"signed before"),
    )
    old.close()
    with closing(SqliteLedger(path)) as ledger:
        [intent] = ledger.issued()
        assert (intent.draft.copy, intent.status_index, intent.body) == ("", 77, b"signed before")
        assert [(entry.index, entry.value) for entry in ledger.listed("token", 1)] == [(77, "revoked")]
    with closing(sqlite3.connect(path)) as db:
        plan = db.execute(
            "explain query plan select * from issuance where kind='token' and list=1 and status<>0"
        )
        assert "issuance_status" in str(plan.fetchall())
