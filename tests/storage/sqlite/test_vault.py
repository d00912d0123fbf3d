"""The vault's store: whole or untouched, in order, and forgetful when asked."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from problems import ConflictError, UnavailableError
from storage.records import SealedRecord, VaultStore, Way
from storage.sqlite.vault import SqliteVault

PASSPHRASE = Way("01", "passphrase", '{"seal":"first"}')
CODE = Way("02", "recovery_code", '{"seal":"second"}')


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteVault]:
    opened = SqliteVault(tmp_path / "wallet.db")
    yield opened
    opened.close()


def test_it_is_a_vault_store(store: SqliteVault) -> None:
    kept: VaultStore = store
    assert kept.ways() == []
    assert kept.records() == []


def test_a_vault_is_established_once(store: SqliteVault) -> None:
    store.establish([PASSPHRASE, CODE])
    with pytest.raises(ConflictError) as caught:
        store.establish([Way("03", "passphrase", "{}")])
    assert caught.value.code == "wallet.exists"
    assert store.ways() == [PASSPHRASE, CODE]


def test_a_new_way_replaces_its_kind_only(store: SqliteVault) -> None:
    store.establish([PASSPHRASE, CODE])
    store.replace_ways("passphrase", Way("03", "passphrase", "{}"))
    assert store.ways() == [CODE, Way("03", "passphrase", "{}")]


def test_records_keep_their_order_and_their_first_form(store: SqliteVault) -> None:
    records = [SealedRecord(name, name.encode()) for name in "cab"]
    assert store.add(records) == 3
    assert store.add([SealedRecord("a", b"other"), SealedRecord("d", b"d")]) == 1
    store.replace(SealedRecord("c", b"replaced"))
    assert store.records() == [
        SealedRecord("c", b"replaced"),
        SealedRecord("a", b"a"),
        SealedRecord("b", b"b"),
        SealedRecord("d", b"d"),
    ]


def test_several_records_are_kept_together_or_not_at_all(store: SqliteVault) -> None:
    bad = SealedRecord("b", "text where bytes belong")  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.add([SealedRecord("a", b"a"), bad])
    assert store.records() == []


@pytest.mark.parametrize("erase", ["record", "way"])
def test_what_is_erased_is_in_no_file(store: SqliteVault, tmp_path: Path, erase: str) -> None:
    store.establish([PASSPHRASE])
    store.add([SealedRecord("a", b"ciphertext of a diploma" * 500), SealedRecord("b", b"kept")])
    if erase == "record":
        assert store.remove("a")
        assert not store.remove("a")
    else:
        store.replace_ways("passphrase", Way("03", "passphrase", "{}"))
    traces = {"record": b"ciphertext of a diploma", "way": PASSPHRASE.seal.encode()}[erase]
    for file in tmp_path.iterdir():
        assert traces not in file.read_bytes(), file.name


def test_another_roles_file_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("PRAGMA application_id = 1")
    other.close()
    with pytest.raises(UnavailableError):
        SqliteVault(tmp_path / "other.db")
