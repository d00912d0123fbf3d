"""What the vault promises: opened by its secrets only, unreadable at rest, never two of one thing."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boundary import base64url
from keys.dids import key as did_key
from keys.local import secret_of
from keys.sealing import Cost
from problems import ConflictError, NotFoundError, ParsingError, Problem, SecretError
from storage.records import SealedRecord
from storage.sqlite.vault import SqliteVault
from wallet import backup
from wallet.contents import Held, HolderKey
from wallet.vault import Vault

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
PASSPHRASE = "quatre mots au hasard"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ONE = Held("application/vc", b'{"name":"one"}', NOW)
TWO = Held("application/dc+sd-jwt", b"e30.e30.c2ln~", NOW)


def refused(act: Callable[[], object], kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


def test_the_passphrase_and_the_code_open_the_same_vault(store: SqliteVault) -> None:
    vault, code = Vault.create(store, PASSPHRASE, cost=CHEAP)
    vault.add(ONE)
    for secret in (PASSPHRASE, code, code.lower().replace("-", "")):
        assert Vault.open(store, secret).credentials() == [ONE]


def test_no_other_secret_opens(store: SqliteVault) -> None:
    Vault.create(store, PASSPHRASE, cost=CHEAP)
    for secret in ("", "quatre mots au hasard ", "QUATRE MOTS AU HASARD", "x" * 10_000):
        refused(lambda secret=secret: Vault.open(store, secret), SecretError, "wallet.wrong_secret")


def test_there_is_one_vault_to_a_store(store: SqliteVault) -> None:
    refused(lambda: Vault.open(store, PASSPHRASE), NotFoundError, "wallet.none")
    Vault.create(store, PASSPHRASE, cost=CHEAP)
    refused(lambda: Vault.create(store, "another phrase", cost=CHEAP), ConflictError, "wallet.exists")
    assert Vault.open(store, PASSPHRASE)


def test_a_short_passphrase_makes_no_vault(store: SqliteVault) -> None:
    refused(lambda: Vault.create(store, "court", cost=CHEAP), SecretError, "wallet.passphrase_short")
    assert store.ways() == []


def test_a_changed_passphrase_opens_and_the_old_one_no_longer(store: SqliteVault) -> None:
    vault, code = Vault.create(store, PASSPHRASE, cost=CHEAP)
    vault.add(ONE)
    vault.change_passphrase("encore quatre autres mots")
    assert Vault.open(store, "encore quatre autres mots").credentials() == [ONE]
    assert Vault.open(store, code).credentials() == [ONE]
    refused(lambda: Vault.open(store, PASSPHRASE), SecretError, "wallet.wrong_secret")


def test_a_new_recovery_code_replaces_the_old_one(store: SqliteVault) -> None:
    vault, old = Vault.create(store, PASSPHRASE, cost=CHEAP)
    new = vault.new_recovery_code()
    assert Vault.open(store, new)
    assert Vault.open(store, PASSPHRASE)
    refused(lambda: Vault.open(store, old), SecretError, "wallet.wrong_secret")


def test_the_same_bytes_twice_are_one_credential(vault: Vault) -> None:
    again = Held(ONE.media_type, ONE.body, NOW + dt.timedelta(days=1))
    assert vault.add(ONE) == ONE
    assert vault.add(again) == ONE
    assert vault.credentials() == [ONE]


def test_credentials_come_in_the_order_they_came(vault: Vault) -> None:
    many = [Held("application/vc", b'{"n":%d}' % number, NOW) for number in range(20)]
    for held in many:
        vault.add(held)
    assert vault.credentials() == many


def test_a_credential_is_found_by_the_start_of_its_id(vault: Vault) -> None:
    vault.add(ONE)
    vault.add(TWO)
    assert vault.get(ONE.id) == ONE
    assert vault.get(TWO.id[:6].upper()) == TWO
    refused(lambda: vault.get("zz"), NotFoundError, "wallet.no_credential")
    refused(lambda: vault.get(""), NotFoundError, "wallet.no_credential")


def test_a_start_that_fits_two_is_not_guessed(vault: Vault) -> None:
    seen: dict[str, Held] = {}
    for number in range(40):
        held = vault.add(Held("application/vc", b'{"n":%d}' % number, NOW))
        if held.id[0] in seen:
            refused(lambda held=held: vault.get(held.id[0]), ConflictError, "wallet.ambiguous")
            return
        seen[held.id[0]] = held


def test_what_is_removed_is_gone(vault: Vault) -> None:
    vault.add(ONE)
    vault.add(TWO)
    assert vault.remove(ONE.id) == ONE
    assert vault.credentials() == [TWO]
    refused(lambda: vault.remove(ONE.id), NotFoundError, "wallet.no_credential")


def test_each_key_is_another_and_signs(vault: Vault) -> None:
    first = vault.new_key(NOW, reference="pour le BTS")
    second = vault.new_key(NOW, algorithm="Ed25519")
    assert vault.holder_keys() == [first, second]
    assert first.did != second.did
    assert first.reference == "pour le BTS"
    signer = vault.signer_for(first.did)
    assert signer.verification_method == did_key.verification_method(first.public)
    first.public.verify(signer.sign(b"data"), b"data")


def test_a_key_that_is_not_there_signs_nothing(vault: Vault, new_vault: Callable[[], Vault]) -> None:
    stranger = new_vault().new_key(NOW)
    refused(lambda: vault.signer_for(stranger.did), NotFoundError, "wallet.no_key")


def test_everything_is_there_after_reopening(store: SqliteVault) -> None:
    vault, _ = Vault.create(store, PASSPHRASE, cost=CHEAP)
    vault.add(TWO)
    key = vault.new_key(NOW)
    reopened = Vault.open(store, PASSPHRASE)
    assert reopened.credentials() == [TWO]
    assert reopened.holder_keys() == [key]
    key.public.verify(reopened.signer_for(key.did).sign(b"x"), b"x")


def test_nothing_readable_is_at_rest(
    vault: Vault, tmp_path: Path, academy: Any, declare: Callable[[Vault, HolderKey], bytes]
) -> None:
    """Not a title, a name, an issuer, a type, a date, a DID, a key: in no file, nor in a backup."""
    key = vault.new_key(NOW, reference="Mon diplôme du BTS")
    diploma, declared = academy.sd_jwt("diploma", key), declare(vault, key)
    vault.add(Held("application/dc+sd-jwt", diploma, NOW))
    vault.add(Held("application/vc", b'{"type":["VerifiableCredential"],"name":"BTS Finition"}', NOW))
    vault.add(Held("application/dc+sd-jwt", declared, NOW, endorses="e" * 32))
    saved = backup.export(vault, "une autre phrase secrete")
    secret = secret_of(vault.signer_for(key.did))
    words = [
        *(b"Camille", b"EXEMPLE", b"2000-02-29", b"BTS", b"Finition", b"Valmorin", b"academie.example"),
        *(b"did:", b"zDna", b"RNCP", b"vct", b"diploma", b"declared", b"credential", b"key-1", b"P-256"),
        *(b"application/", b"sd-jwt", b"Verifiable", b"eyJ", b"w3id.org", b"2026-11-21", b"Mon dipl"),
        *(
            key.did.encode(),
            key.public.raw[1:],
            secret,
            base64url.encode(secret).encode(),
            secret.hex().encode(),
        ),
        *(base64url.decode(piece.decode())[:24] for piece in diploma.split(b"~")[1:3]),
        *(diploma[40:64], diploma[-80:-56], declared[-80:-56]),
    ]
    files = {file.name: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert {"wallet.db", "wallet.db-wal"} <= set(files)
    for name, data in {**files, "backup": saved}.items():
        for word in words:
            assert word not in data, (name, word)


def test_the_same_credential_looks_different_in_every_vault(new_store: Callable[[], SqliteVault]) -> None:
    """Names and bytes of records say nothing to whoever compares two databases."""
    stores = [new_store(), new_store()]
    for store in stores:
        Vault.create(store, PASSPHRASE, cost=CHEAP)[0].add(ONE)
    [first], [second] = (store.records() for store in stores)
    assert first.id != second.id
    assert first.sealed != second.sealed
    assert ONE.id not in (first.id, second.id)


def test_a_changed_record_is_told_as_damage(vault: Vault, store: SqliteVault) -> None:
    vault.add(ONE)
    [record] = store.records()
    for sealed in (
        record.sealed[:-1],
        b"",
        record.sealed[:5],
        bytes([record.sealed[0] ^ 1]) + record.sealed[1:],
    ):
        store.replace(SealedRecord(record.id, sealed))
        refused(vault.credentials, ParsingError, "wallet.damaged")
    store.replace(record)
    assert vault.credentials() == [ONE]


def test_swapped_records_are_told_as_damage(vault: Vault, store: SqliteVault) -> None:
    vault.add(ONE)
    vault.add(TWO)
    first, second = store.records()
    store.replace(SealedRecord(first.id, second.sealed))
    store.replace(SealedRecord(second.id, first.sealed))
    refused(vault.credentials, ParsingError, "wallet.damaged")


def test_a_record_of_another_vault_is_told_as_damage(
    vault: Vault, store: SqliteVault, new_store: Callable[[], SqliteVault]
) -> None:
    other = new_store()
    Vault.create(other, PASSPHRASE, cost=CHEAP)[0].add(ONE)
    store.add(other.records())
    refused(vault.credentials, ParsingError, "wallet.damaged")


def test_no_nonce_is_used_twice(store: SqliteVault) -> None:
    vault, _ = Vault.create(store, PASSPHRASE, cost=CHEAP)
    held = vault.add(ONE)
    for _ in range(20):
        before = store.records()[0].sealed[:12]
        vault.attach(held, TWO)
        assert store.records()[0].sealed[:12] != before


def test_the_open_vault_shows_no_secret_when_printed(vault: Vault) -> None:
    key = vault.new_key(NOW)
    secret = secret_of(vault.signer_for(key.did))
    for shown in (repr(vault), repr(vault.holder_keys()), repr(vault.signer_for(key.did))):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
