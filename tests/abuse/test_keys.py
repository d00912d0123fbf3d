"""Keys: nowhere readable, replaced without harm to what they signed, never used for what they are not for."""

import base64
import datetime as dt
import io
import json
import multiprocessing
import pickle
import shutil
import sqlite3
from contextlib import closing

import pytest
from attacks import minting

from keys.keyring import Keyring
from keys.local import LocalSigner
from keys.sealing import Cost
from passeport import cli

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
SECRET = "phrase secrète pour essais"
NOW = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


@pytest.fixture
def ring(own_house):
    return Keyring(own_house.home / "issuers" / "ecole" / "keyring.json", cost=CHEAP)


@pytest.fixture
def issued(own_house, table_of_one):
    """Issue one more award under a reference of its own; return its file."""
    table = table_of_one.read_bytes().decode("utf-8-sig")

    def run(number):
        out = own_house.home / f"out-{number}"
        text = table.replace("EXEMPLE-0001", f"GEN-{number}")
        path = own_house.file(text, f"gen-{number}.csv")
        answer = own_house.run(
            "issue", path, "--issuer", "ecole", "--out", out, "--form", "dc+sd-jwt", "--json"
        )
        assert answer.status == 0, answer.out
        (file,) = out.glob("*.sd-jwt")
        return file

    return run


def spelled(secret):
    """A secret scalar, as files might hold it."""
    number = int.from_bytes(secret)
    texts = [secret.hex(), secret.hex().upper(), str(number), repr(secret)[2:-1]]
    encoded = [base64.b64encode(secret), base64.urlsafe_b64encode(secret)]
    return [secret, *(text.encode() for text in texts), *(one.rstrip(b"=") for one in encoded)]


def test_no_file_holds_a_secret(own_house, ring, issued):
    """KY-001: not the keyring, the ledger, its log, a report, a backup, nor what is published."""
    known = bytes(range(1, 33))
    planted = Keyring(ring.path, cost=CHEAP, random=lambda size: (known * 4)[:size])
    planted.activate(planted.add("P-256", "phrase secrete pour essais", now=NOW).id, now=NOW)
    issued(1)
    with closing(sqlite3.connect(own_house.home / "issuers" / "ecole" / "ledger.db")) as db:
        db.execute("vacuum into ?", (str(own_house.home / "backup.db"),))
    own_house.run("keys", "list", "ecole", "--json")
    files = [path for path in own_house.home.rglob("*") if path.is_file()]
    assert {"keyring.json", "ledger.db", "backup.db", "report.json", "did.json"} <= {
        path.name for path in files
    }
    for path in files:
        data = path.read_bytes()
        assert b"PRIVATE KEY" not in data
        for secret in spelled(known):
            assert secret not in data, path.name
        if path.suffix == ".json" and path.name != "keyring.json":
            assert '"d"' not in data.decode("utf-8")


def test_five_generations_of_keys(own_house, issued):
    """KY-002: what each key signed still verifies; only the newest signs."""
    generations = [issued(0)]
    for number in range(1, 6):
        assert own_house.run("keys", "rotate", "ecole", "--json").status == 0
        generations.append(issued(number))
    kids = {json.loads(_header(file))["kid"] for file in generations}
    assert len(kids) == 6
    for file in generations:
        assert own_house.run("verify", file, "--json").status == 0
    states = [key["state"] for key in own_house.run("keys", "list", "ecole", "--json").json]
    assert states.count("retired") == 5


def _header(file):
    head = file.read_text().partition(".")[0]
    return base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))


def test_a_compromised_key_proves_nothing_that_it_dates_itself(own_house, issued, refused):
    """KY-003: before or after, the day that a signature gives itself counts for nothing."""
    before = issued(1)
    key = json.loads(_header(before))["kid"].partition("#")[2]
    assert own_house.run("keys", "rotate", "ecole", "--json").status == 0
    after = issued(2)
    assert own_house.run("keys", "revoke", "ecole", key, "--reason", "compromised", "--json").status == 0
    refused(own_house.run("verify", before, "--json"))
    assert own_house.run("verify", after, "--json").status == 0


def test_a_key_is_for_one_thing(own_house, issued, refused):
    """KY-005: the key of the school's lists and credentials binds no holder, and answers for nobody."""
    file = issued(1)
    token = file.read_text().strip()
    bound = token + minting.jws(
        {"alg": "ES256", "typ": "kb+jwt"}, {"aud": minting.AUD, "nonce": minting.NONCE}
    )
    refused(own_house.verify(bound, asked=True))
    assert own_house.run("verify", file, "--json").status == 0


def test_no_way_out_for_a_secret(own_house):
    """KY-006: no command shows one; a signer is no value that could be written down."""
    listed = own_house.run("keys", "list", "ecole", "--json")
    assert '"ciphertext"' not in listed.out
    assert '"d"' not in listed.out
    signer = LocalSigner.generate("P-256")
    for write in (pickle.dumps, json.dumps, bytes):
        with pytest.raises(TypeError):
            write(signer)


@pytest.mark.parametrize("phrase", ["", "autre phrase", "phrase secrete pour essais "])
def test_a_wrong_passphrase_touches_nothing(own_house, issued, monkeypatch, phrase):
    """KY-008"""
    issued(1)
    folder = own_house.home / "issuers" / "ecole"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    out = own_house.home / "other"
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody to ask
    command = ["issue", own_house.home / "gen-1.csv", "--issuer", "ecole", "--out", out]
    answer = _run_with(own_house, phrase, *command)
    assert answer == 2
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before}
    assert {name: data for name, data in after.items() if not name.startswith("ledger")} == {
        name: data for name, data in before.items() if not name.startswith("ledger")
    }
    assert not out.exists() or not list(out.glob("*.sd-jwt"))
    assert issued(2).exists()


def _run_with(house, phrase, *arguments):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PASSEPORT_HOME", str(house.home))
        environment.setenv("PASSEPORT_PASSPHRASE", phrase)
        return cli.run([*map(str, arguments), "--json"])


def _signatures(signer, start, count, results):
    results.put([signer.sign(f"{start}-{number}".encode())[:32] for number in range(count)])


def test_no_nonce_twice(full):
    """KY-009: neither after a fork, nor from a copy; a million times with PASSEPORT_FULL=1."""
    count = 250_000 if full else 2_000
    signer = LocalSigner.generate("P-256")
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    children = [context.Process(target=_signatures, args=(signer, name, count, results)) for name in "abc"]
    for child in children:
        child.start()
    points = [signer.sign(f"d-{number}".encode())[:32] for number in range(count)]
    for _ in children:
        points += results.get()
    for child in children:
        child.join()
    assert len(set(points)) == len(points) == 4 * count


def test_no_seal_of_a_copied_keyring_repeats_a_nonce(tmp_path):
    """KY-009: two copies of one file, as two snapshots of one machine: each seals anew."""
    (tmp_path / "a").mkdir()
    ring = Keyring.create(tmp_path / "a" / "keyring.json", "did:web:x.example")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    seen = set()
    for folder in ("a", "b"):
        copy = Keyring(tmp_path / folder / "keyring.json", cost=CHEAP)
        for _ in range(20):
            copy.add("P-256", SECRET, now=NOW)
        text = json.loads(copy.path.read_text())
        seen |= set(_nonces(text))
    assert ring.path.exists()
    assert len(seen) == 40


def _nonces(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "nonce":
                yield member
            yield from _nonces(member)
    elif isinstance(value, list):
        for member in value:
            yield from _nonces(member)
