"""A keyring: only active keys sign, old signatures keep verifying, a crash or a race loses nothing."""

import datetime as dt
import errno
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable

import pytest

from keys import keyfile, multikey
from keys.dids.resolve import resolver
from keys.keyring import Keyring
from keys.local import LocalSigner, secret_of
from problems import (
    ConflictError,
    InputError,
    LimitError,
    MalformedValueError,
    NotFoundError,
    Problem,
    SecretError,
)

OWNER = "did:web:certifier.example"
PHRASE = "quatre mots pour essayer"


@pytest.fixture
def active(ring: Keyring, now: dt.datetime) -> Keyring:
    """A ring with one key, active: key-1."""
    ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    return ring


def states(ring: Keyring) -> list[tuple[str, str]]:
    return [(record.id, record.state) for record in ring.records()]


# ---- from making to revocation


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "P-384"])
def test_an_active_key_signs_under_its_published_name(ring, now, pin, algorithm):
    record = ring.activate(ring.add(algorithm, PHRASE, now=now).id, now=now)
    signer = ring.signer("key-1", PHRASE)
    assert (signer.algorithm, signer.verification_method) == (algorithm, f"{OWNER}#key-1")
    found = resolver(pin(OWNER, ring.document())).resolve(signer.verification_method, "assertionMethod")
    found.key.verify(signer.sign(b"attestation"), b"attestation")
    assert found.key == record.key


def test_a_new_key_waits_until_it_is_activated(ring, now):
    record = ring.add("P-256", PHRASE, now=now)
    assert (record.id, record.state, record.since, record.purposes) == (
        "key-1",
        "pending",
        now,
        ("assertionMethod",),
    )
    assert ring.records() == (record,)
    with pytest.raises(ConflictError, match=r"key\.pending"):
        ring.signer("key-1", PHRASE)


def test_a_retired_key_no_longer_signs(active, now):
    active.retire("key-1", now=now)
    with pytest.raises(ConflictError, match=r"key\.retired"):
        active.signer("key-1", PHRASE)


@pytest.mark.parametrize("reason", ["compromised", "superseded", "ceased"])
def test_a_revoked_key_no_longer_signs_and_says_why(active, now, reason):
    record = active.revoke("key-1", reason, now=now)
    assert record.revocation is not None
    assert (record.revocation.reason, record.revocation.at) == (reason, now)
    assert active.records() == (record,)
    with pytest.raises(ConflictError, match=r"key\.revoked"):
        active.signer("key-1", PHRASE)


@pytest.mark.parametrize("change", ["retire", "revoke", "rotate"])
def test_a_signer_that_is_open_stops_with_its_key(active, now, change):
    signer = active.signer("key-1", PHRASE)
    signer.sign(b"before")
    if change == "retire":
        active.retire("key-1", now=now)
    elif change == "revoke":
        active.revoke("key-1", "compromised", now=now)
    else:
        active.rotate("key-1", PHRASE, now=now)
    with pytest.raises(ConflictError):
        signer.sign(b"after")


def test_a_revocation_needs_no_passphrase_and_cannot_be_undone(active, now):
    active.revoke("key-1", "compromised", now=now)
    for again in (
        lambda: active.activate("key-1", now=now),
        lambda: active.retire("key-1", now=now),
        lambda: active.rotate("key-1", PHRASE, now=now),
        lambda: active.revoke("key-1", "ceased", now=now),
    ):
        with pytest.raises(ConflictError, match=r"key\.transition"):
            again()
    assert active.records()[0].revocation.reason == "compromised"


# ---- rotation


def test_a_rotation_retires_the_key_and_begins_its_like(active, now):
    successor = active.rotate("key-1", PHRASE, now=now + dt.timedelta(days=1))
    assert states(active) == [("key-1", "retired"), ("key-2", "active")]
    assert (successor.id, successor.key.algorithm, successor.purposes) == (
        "key-2",
        "P-256",
        ("assertionMethod",),
    )
    assert active.active("P-256") == successor
    assert successor.key != active.records()[0].key


def test_what_was_signed_before_a_rotation_still_verifies_and_a_revocation_is_reported(active, now, pin):
    old = active.signer("key-1", PHRASE)
    signature = old.sign(b"attestation")
    active.rotate("key-1", PHRASE, now=now)
    found = resolver(pin(OWNER, active.document())).resolve(old.verification_method, "assertionMethod")
    found.key.verify(signature, b"attestation")
    assert found.revoked is None

    active.revoke("key-1", "compromised", now=now + dt.timedelta(days=30))
    found = resolver(pin(OWNER, active.document())).resolve(old.verification_method, "assertionMethod")
    found.key.verify(signature, b"attestation")
    assert found.revoked is not None
    assert found.revoked.reason == "compromised"
    assert found.revoked.at == now + dt.timedelta(days=30)


def test_a_pending_key_cannot_be_rotated(ring, now):
    ring.add("P-256", PHRASE, now=now)
    with pytest.raises(ConflictError, match=r"key\.transition"):
        ring.rotate("key-1", PHRASE, now=now)
    assert states(ring) == [("key-1", "pending")]


def test_the_key_in_use_is_the_last_activated_of_its_kind(ring, now):
    for algorithm in ("P-256", "Ed25519", "P-256", "P-256"):
        ring.add(algorithm, PHRASE, now=now)
    ring.add("P-256", PHRASE, now=now, purposes=("authentication",))
    for key in ("key-3", "key-2", "key-5", "key-1"):
        ring.activate(key, now=now)
    assert ring.active("Ed25519").id == "key-2"
    assert ring.active("P-256", "authentication").id == "key-5"
    ring.activate("key-4", now=now + dt.timedelta(seconds=1))
    assert ring.active("P-256").id == "key-4"
    with pytest.raises(NotFoundError, match=r"key\.none_active"):
        ring.active("P-384")


# ---- secrets


def test_only_the_passphrase_opens(active):
    for phrase in (PHRASE + " ", PHRASE.upper(), ""):
        with pytest.raises(SecretError):
            active.signer("key-1", phrase)


def test_no_secret_in_file_or_text(ring, now):
    ring = Keyring(ring.path, cost=ring.cost, random=lambda size: bytes(range(1, size + 1)))
    ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    secret = bytes(range(1, 33))
    signer = ring.signer("key-1", PHRASE)
    spelled = [
        secret.hex(),
        multikey.encode_secret("P-256", secret),
        repr(secret),
        str(int.from_bytes(secret)),
    ]
    for text in (
        ring.path.read_text(),
        repr(signer),
        repr(ring),
        repr(ring.records()),
        json.dumps(ring.document()),
    ):
        assert not any(form in text for form in spelled)
        assert PHRASE not in text
    assert "ciphertext" not in repr(keyfile.read(ring.path))


def test_the_file_is_its_owners_only(active):
    assert stat.S_IMODE(active.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(active.path.parent.stat().st_mode) == 0o700


def edited(ring: Keyring, edit: Callable[[dict], None]) -> None:
    content = json.loads(ring.path.read_text())
    edit(content)
    ring.path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "edit",
    [
        lambda file: file.update(owner="did:web:attacker.example"),
        lambda file: file["keys"][0].update(id="key-9"),
        lambda file: file["keys"][0].update(
            publicKeyMultibase=multikey.encode(LocalSigner.generate("P-256").public_key)
        ),
        lambda file: file["keys"][0].update(sealedSecret=file["keys"][1]["sealedSecret"]),
    ],
    ids=["owner", "name", "public key", "secret of another key"],
)
def test_a_secret_moved_under_another_name_does_not_open(active, now, edit):
    active.activate(active.add("P-256", PHRASE, now=now).id, now=now)
    edited(active, edit)
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        active.signer(active.records()[0].id, PHRASE)


def test_a_file_that_asks_for_ten_gibibytes_is_refused(active):
    edited(active, lambda file: file["keys"][0]["sealedSecret"].update(memoryKiB=10 << 20))
    with pytest.raises(LimitError, match=r"secret\.cost"):
        active.signer("key-1", PHRASE)


# ---- files that are none, or damaged


@pytest.mark.parametrize(
    "edit",
    [
        lambda file: file.update(format="passeport-keyring/2"),
        lambda file: file.pop("format"),
        lambda file: file.pop("owner"),
        lambda file: file.update(keys={}),
        lambda file: file["keys"].append(file["keys"][0]),
        lambda file: file["keys"].append("key"),
        lambda file: file["keys"][0].update(state="dormant"),
        lambda file: file["keys"][0].update(state="revoked"),
        lambda file: file["keys"][0].update(revocation={"reason": "ceased", "at": "2026-11-21T09:00:00Z"}),
        lambda file: file["keys"][0].update(
            state="revoked", revocation={"reason": "x", "at": "2026-11-21T09:00:00Z"}
        ),
        lambda file: file["keys"][0].update(state="revoked", revocation={"reason": "ceased", "at": "today"}),
        lambda file: file["keys"][0].update(since="2026-11-21"),
        lambda file: file["keys"][0].update(purposes=["keyAgreement"]),
        lambda file: file["keys"][0].update(id="../key"),
        lambda file: file["keys"][0].update(id="key 1"),
        lambda file: file["keys"][0].pop("id"),
        lambda file: file["keys"][0].update(publicKeyMultibase="z6Mk"),
        lambda file: file["keys"][0].pop("sealedSecret"),
    ],
)
def test_a_damaged_file_is_refused_and_left_as_it_is(active, now, edit):
    edited(active, edit)
    before = active.path.read_bytes()
    for act in (active.records, lambda: active.add("P-256", PHRASE, now=now)):
        with pytest.raises(MalformedValueError):
            act()
    assert active.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"a":1,"a":2}', b" " * 2_000_000])
def test_a_file_that_is_no_keyring_is_refused(ring, content):
    ring.path.write_bytes(content)
    with pytest.raises(Problem):
        ring.records()


def test_no_file_a_folder_and_an_unknown_key_are_said_plainly(tmp_path, active, now):
    nobody = Keyring(tmp_path / "absent" / "ring.json")
    for act in (
        nobody.records,
        lambda: nobody.signer("key-1", PHRASE),
        lambda: nobody.add("P-256", "x", now=now),
    ):
        with pytest.raises(NotFoundError, match=r"keyring\.missing"):
            act()
    with pytest.raises(InputError, match=r"keyring\.unreadable"):
        Keyring(tmp_path).records()
    with pytest.raises(NotFoundError, match=r"key\.unknown"):
        active.signer("key-2", PHRASE)


def test_an_existing_keyring_is_not_overwritten(active):
    before = active.path.read_bytes()
    with pytest.raises(ConflictError, match=r"keyring\.exists"):
        Keyring.create(active.path, OWNER)
    assert active.path.read_bytes() == before


@pytest.mark.parametrize(
    "owner", ["", "certifier", "did:key:z6Mk", "did:web:localhost", "http://certifier.example"]
)
def test_an_owner_who_cannot_publish_has_no_keyring(tmp_path, owner):
    with pytest.raises(MalformedValueError):
        Keyring.create(tmp_path / "ring.json", owner)
    assert list(tmp_path.iterdir()) == []


def test_an_https_issuer_publishes_its_metadata(tmp_path, cheap, now):
    ring = Keyring(Keyring.create(tmp_path / "ring.json", "https://certifier.example").path, cost=cheap)
    ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    document = ring.document()
    assert document["issuer"] == ring.owner == "https://certifier.example"
    assert ring.signer("key-1", PHRASE).verification_method == "https://certifier.example#key-1"


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"keyring\.unwritable"):
        Keyring.create(tmp_path / "file" / "ring.json", OWNER)


def test_a_full_disk_changes_nothing(active, now, monkeypatch):
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = active.path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"keyring\.unwritable"):
        active.rotate("key-1", PHRASE, now=now)
    assert active.path.read_bytes() == before


# ---- crashes and races

ROTATE_AND_DIE = """
import datetime as dt, os, signal, sys
from pathlib import Path
from keys.keyring import Keyring
from keys.sealing import Cost
step, when, path = sys.argv[1:]
real = getattr(os, step)
def die(*args, **kwargs):
    if when == "after":
        real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, step, die)
ring = Keyring(Path(path), cost=Cost(8, 1, 1))
ring.rotate("key-1", "quatre mots pour essayer", now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
"""

ADD_THREE = """
import datetime as dt, sys
from pathlib import Path
from keys.keyring import Keyring
from keys.sealing import Cost
ring = Keyring(Path(sys.argv[1]), cost=Cost(8, 1, 1))
for _ in range(3):
    ring.add("Ed25519", "x", now=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["chmod", "fsync", "replace"])
def test_a_rotation_killed_at_any_step_is_done_or_not_done(active, now, step, when):
    done = subprocess.run([sys.executable, "-c", ROTATE_AND_DIE, step, when, str(active.path)])
    assert done.returncode == -signal.SIGKILL
    rotated = (step, when) == ("replace", "after")
    assert states(active) == (
        [("key-1", "retired"), ("key-2", "active")] if rotated else [("key-1", "active")]
    )
    key = active.active("P-256").id
    active.signer(key, PHRASE).sign(b"it still works")
    active.rotate(key, PHRASE, now=now + dt.timedelta(days=2))


def test_keys_made_by_several_processes_at_once_are_all_kept(ring):
    makers = [subprocess.Popen([sys.executable, "-c", ADD_THREE, str(ring.path)]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    assert [record.id for record in ring.records()] == [f"key-{number}" for number in range(1, 13)]
    assert len({record.key for record in ring.records()}) == 12


def test_what_the_vault_takes_out_is_what_was_put_in():
    """The one way to a secret, for those who seal it."""
    secret = bytes(range(1, 33))
    assert secret_of(LocalSigner.from_secret("P-256", secret)) == secret
