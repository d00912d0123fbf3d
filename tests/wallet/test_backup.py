"""A backup brings everything back, byte for byte, or says why it cannot and changes nothing."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import limits
from keys.local import LocalSigner, secret_of
from keys.sealing import Cost
from problems import InputError, LimitError, ParsingError, Problem, SecretError
from proofs import sd_jwt
from storage.sqlite.vault import SqliteVault
from wallet import backup
from wallet.backup import Restored
from wallet.contents import Content, Held, StoredKey
from wallet.vault import Vault

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
OTHER = "une tout autre phrase"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ONE = Held("application/vc", b'{"name":"one"}', NOW)
TWO = Held("application/dc+sd-jwt", b"e30.e30.c2ln~", NOW + dt.timedelta(days=1), endorses=ONE.id)

MOMENTS = st.datetimes(timezones=st.just(dt.UTC))
TEXTS = st.none() | st.text(max_size=30)
HELD = st.builds(
    Held,
    st.sampled_from(["application/vc", "application/dc+sd-jwt"]),
    st.binary(max_size=300),
    MOMENTS,
    TEXTS,
)
KEYS = st.builds(
    lambda algorithm, seed, reference, added: StoredKey(algorithm, bytes([seed]) * 32, reference, added),
    st.sampled_from(["Ed25519", "P-256"]),
    st.integers(1, 250),
    TEXTS,
    MOMENTS,
)


def refused(act: Callable[[], object], kind: type[Problem], code: str) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert all(caught.value.says(lang).next_step for lang in ("fr", "en"))


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.new_key(NOW, reference="pour le BTS")
    vault.add(ONE)
    vault.add(TWO)
    vault.new_key(NOW, algorithm="Ed25519")
    return vault


def test_a_backup_brings_everything_back(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    empty = new_vault()
    done = backup.restore(empty, backup.export(filled, OTHER), OTHER)
    assert done == Restored(credentials=2, keys=2, already=0)
    assert list(empty.contents()) == list(filled.contents())
    for key in filled.holder_keys():
        key.public.verify(empty.signer_for(key.did).sign(b"data"), b"data")


def test_a_backup_opens_with_its_printed_code(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    saved, code = backup.export_with_code(filled)
    empty = new_vault()
    assert backup.restore(empty, saved, code.lower().replace("-", " ")).credentials == 2
    assert empty.credentials() == filled.credentials()


@settings(max_examples=20, deadline=None)  # each makes two databases
@given(st.lists(HELD | KEYS, max_size=6))
def test_restoring_what_was_exported_is_the_identity(contents: list[Content]) -> None:
    with TemporaryDirectory() as folder:
        stores = [SqliteVault(Path(folder) / name) for name in ("one.db", "two.db")]
        one, two = (Vault.create(store, OTHER, cost=CHEAP)[0] for store in stores)
        one.add_all(contents)
        backup.restore(two, backup.export(one, OTHER), OTHER)
        assert list(two.contents()) == list(one.contents())
        for store in stores:
            store.close()


def test_no_disclosure_is_lost(vault: Vault, new_vault: Callable[[], Vault], academy: Any) -> None:
    diploma = academy.sd_jwt("diploma", vault.new_key(NOW))
    vault.add(Held("application/dc+sd-jwt", diploma, NOW))
    empty = new_vault()
    backup.restore(empty, backup.export(vault, OTHER), OTHER)
    [held] = empty.credentials()
    assert held.body == diploma
    assert len(sd_jwt.disclosed(sd_jwt.parse(held.body.decode()))) == 12


def test_what_is_there_already_stays_as_it_is(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    other = new_vault()
    kept = other.add(Held(ONE.media_type, ONE.body, NOW + dt.timedelta(days=9)))
    own = other.new_key(NOW)
    saved = backup.export(filled, OTHER)
    assert backup.restore(other, saved, OTHER) == Restored(credentials=1, keys=2, already=1)
    assert other.credentials() == [kept, TWO]
    assert own in other.holder_keys()
    assert backup.restore(other, saved, OTHER) == Restored(credentials=0, keys=0, already=4)


def test_a_backup_does_not_open_with_the_vaults_own_secrets(
    store: SqliteVault, new_vault: Callable[[], Vault]
) -> None:
    vault, code = Vault.create(store, "phrase du coffre", cost=CHEAP)
    saved = backup.export(vault, OTHER)
    for secret in ("phrase du coffre", code, ""):
        refused(
            lambda secret=secret: backup.restore(new_vault(), saved, secret),
            SecretError,
            "wallet.wrong_secret",
        )
    refused(
        lambda: backup.restore(new_vault(), saved, code[:-1] + "0Z"[code[-1] == "0"]),
        SecretError,
        "wallet.code_mistyped",
    )


def test_a_wrong_secret_changes_nothing(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    empty = new_vault()
    saved = backup.export(filled, OTHER)
    refused(lambda: backup.restore(empty, saved, "pas la bonne phrase"), SecretError, "wallet.wrong_secret")
    assert list(empty.contents()) == []


def test_a_cut_backup_is_told_and_changes_nothing(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    empty = new_vault()
    saved = backup.export(filled, OTHER)
    for size in (*range(18, 60), len(saved) // 2, len(saved) - 33, len(saved) - 1):
        refused(
            lambda size=size: backup.restore(empty, saved[:size], OTHER),
            ParsingError,
            "wallet.backup_damaged",
        )
    assert list(empty.contents()) == []


def test_every_changed_byte_is_told_and_changes_nothing(
    filled: Vault, new_vault: Callable[[], Vault]
) -> None:
    empty = new_vault()
    saved = backup.export(filled, OTHER)
    for place in range(len(saved)):
        changed = saved[:place] + bytes([saved[place] ^ 0x20]) + saved[place + 1 :]
        with pytest.raises((ParsingError, InputError)):
            backup.restore(empty, changed, OTHER)
    assert list(empty.contents()) == []


def _signed_off(body: bytes) -> bytes:
    """What an attacker does who knows the format and not the passphrase."""
    return body + hashlib.sha256(body).digest()


def test_a_forged_backup_with_a_right_digest_is_refused(
    filled: Vault, new_vault: Callable[[], Vault]
) -> None:
    empty = new_vault()
    saved = backup.export(filled, OTHER)
    body = saved[:-32]
    assert _signed_off(body) == saved
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 0x01]) + body[place + 1 :]
        with pytest.raises(Problem):
            backup.restore(empty, _signed_off(changed), OTHER)
    assert list(empty.contents()) == []


def test_contents_of_two_backups_do_not_mix(filled: Vault, new_vault: Callable[[], Vault]) -> None:
    """Same passphrase, same vault: the head of one file does not open the contents of another."""
    one, two = backup.export(filled, OTHER), backup.export(filled, OTHER)
    cut = len(one) // 2
    assert len(one) == len(two)
    refused(
        lambda: backup.restore(new_vault(), _signed_off(one[:cut] + two[cut:-32]), OTHER),
        ParsingError,
        "wallet.backup_damaged",
    )


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        pytest.param(b"", InputError, "wallet.not_a_backup", id="empty"),
        pytest.param(b"{}", InputError, "wallet.not_a_backup", id="json"),
        pytest.param(b"passeport backup 1\n", ParsingError, "wallet.backup_damaged", id="title-alone"),
        pytest.param(_signed_off(b"passeport backup 2\n..."), InputError, "wallet.backup_newer", id="newer"),
        pytest.param(
            _signed_off(b"passeport backup 1\n"), ParsingError, "wallet.backup_damaged", id="nothing-in-it"
        ),
        pytest.param(
            _signed_off(b"passeport backup 1\n" + cbor2.dumps(["00", "passphrase", "{}", b""]) + b"\x00"),
            ParsingError,
            "wallet.backup_damaged",
            id="trailing-byte",
        ),
        pytest.param(
            _signed_off(b"passeport backup 1\n\x80"), ParsingError, "wallet.backup_damaged", id="no-parts"
        ),
        pytest.param(
            _signed_off(b"passeport backup 1\n" + b"\x81" * 5000),
            ParsingError,
            "wallet.backup_damaged",
            id="deep",
        ),
        pytest.param(bytes(limits.BACKUP_BYTES + 1), LimitError, "wallet.backup_too_large", id="too-large"),
    ],
)
def test_what_is_no_backup_is_told(vault: Vault, data: bytes, kind: type[Problem], code: str) -> None:
    refused(lambda: backup.restore(vault, data, OTHER), kind, code)


def test_a_short_passphrase_makes_no_backup(vault: Vault) -> None:
    refused(lambda: backup.export(vault, "court"), SecretError, "wallet.passphrase_short")


def test_restored_keys_are_sound(vault: Vault) -> None:
    """A key that came back is the key that it says it is."""
    signer = LocalSigner.generate("P-256")
    vault.add_all([StoredKey("P-256", secret_of(signer), None, NOW)])
    assert f"{vault.holder_keys()[0].did}" == signer.verification_method.partition("#")[0]
