"""Keys that sign only together: made, published, begun, ended and replaced as two."""

import re
from pathlib import Path

import pytest

import proofs
from keys import keyfile
from keys.dids import web
from keys.dids.resolve import resolver
from keys.keyring import Keyring
from keys.local import LocalSigner
from keys.open import open_signer
from keys.record import KeyRecord
from keys.resolver import VerificationKey
from keys.signer import MessagesSigner
from problems import ConflictError, InputError, MalformedValueError, ProofVerificationError

ROOT = Path(proofs.__file__).parent.parent
SECRET = "phrase secrète de test"
OWNER = "did:web:certifier.example"


@pytest.fixture
def pair(ring: Keyring, now) -> tuple[KeyRecord, KeyRecord]:
    ring.add("P-256", SECRET, now=now, also="ML-DSA-44")
    first, second = ring.records()
    return first, second


def states(ring: Keyring) -> list[tuple[str, str, str | None]]:
    return [(record.id, record.state, record.companion) for record in ring.records()]


def test_each_names_the_other(ring, pair) -> None:
    assert states(ring) == [("key-1", "pending", "key-2"), ("key-2", "pending", "key-1")]
    assert [record.key.algorithm for record in pair] == ["P-256", "ML-DSA-44"]


@pytest.mark.parametrize("name", ["key-1", "key-2"])
def test_they_begin_and_end_together(ring, pair, now, name: str) -> None:
    ring.activate(name, now=now)
    assert [state for _, state, _ in states(ring)] == ["active", "active"]
    ring.retire(name, now=now)
    assert [state for _, state, _ in states(ring)] == ["retired", "retired"]


def test_each_is_revoked_on_its_own(ring, pair, now) -> None:
    ring.activate("key-1", now=now)
    ring.revoke("key-1", "compromised", now=now)
    assert [state for _, state, _ in states(ring)] == ["revoked", "active"]
    ring.retire("key-2", now=now)
    assert [state for _, state, _ in states(ring)] == ["revoked", "retired"]


def test_they_are_replaced_together(ring, pair, now) -> None:
    ring.activate("key-1", now=now)
    assert ring.rotate("key-1", SECRET, now=now).id == "key-3"
    assert states(ring) == [
        ("key-1", "retired", "key-2"),
        ("key-2", "retired", "key-1"),
        ("key-3", "active", "key-4"),
        ("key-4", "active", "key-3"),
    ]
    with pytest.raises(ConflictError):
        ring.rotate("key-1", SECRET, now=now)
    assert len(ring.records()) == 4


def test_a_key_may_be_replaced_by_two(ring, now) -> None:
    ring.activate(ring.add("Ed25519", SECRET, now=now).id, now=now)
    ring.rotate("key-1", SECRET, now=now, also="ML-DSA-44")
    assert states(ring) == [
        ("key-1", "retired", None),
        ("key-2", "active", "key-3"),
        ("key-3", "active", "key-2"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("P-256", "P-384"), ("P-256", "P-256"), ("ML-DSA-44", "ML-DSA-44"), ("Bls12381G2", "ML-DSA-44"),
        ("ML-DSA-44", "Bls12381G2"),
    ],
)  # fmt: skip
def test_keys_that_do_not_complete_each_other_are_refused(ring, now, first, second) -> None:
    with pytest.raises(InputError, match=r"key\.pair"):
        ring.add(first, SECRET, now=now, also=second)
    assert ring.records() == ()


def test_who_cannot_announce_them_has_none(tmp_path, cheap, now) -> None:
    ring = Keyring(Keyring.create(tmp_path / "ring.json", "https://issuer.example").path, cost=cheap)
    with pytest.raises(MalformedValueError, match=r"issuer_metadata\.companion"):
        ring.add("P-256", SECRET, now=now, also="ML-DSA-44")
    assert ring.records() == ()


@pytest.mark.parametrize("name", ["key-1", "key-1-jwk", "key-2", "key-2-jwk"])
def test_the_document_announces_it_under_every_name(ring, pair, pin, name: str) -> None:
    found = resolver(pin(OWNER, ring.document())).resolve(f"{OWNER}#{name}", "assertionMethod")
    other = pair[1] if name.startswith("key-1") else pair[0]
    assert found.only_with == (other.key,)
    with pytest.raises(ProofVerificationError, match=r"proof\.companion_missing"):
        found.alone()
    found.require([other.key, found.key])
    with pytest.raises(ProofVerificationError, match=r"proof\.companion_missing"):
        found.require([found.key])


@pytest.mark.parametrize(
    ("announced", "code"),
    [
        (["#key-9"], "did.companion_missing"),
        (["did:web:other.example#key-1"], "did.companion_missing"),
        (["#key-1"] * 9, "did.companion_missing"),
        ([7], "shape.type"),
        ({"id": "#key-1"}, "shape.type"),
    ],
    ids=["absent", "somebody else's", "many", "a number", "an object"],
)
def test_an_announcement_that_makes_no_sense_is_refused(ring, pair, pin, announced, code) -> None:
    document = ring.document()
    for method in document["verificationMethod"]:
        method["signsOnlyWith"] = announced
    with pytest.raises(MalformedValueError) as caught:
        resolver(pin(OWNER, document)).resolve(f"{OWNER}#key-1", "assertionMethod")
    assert caught.value.code == code or code == "shape.type"


def test_an_announcement_of_one_may_be_written_without_a_list(ring, pair, pin) -> None:
    document = ring.document()
    for method in document["verificationMethod"]:
        method["signsOnlyWith"] = method["signsOnlyWith"][0].removeprefix(OWNER)
    found = resolver(pin(OWNER, document)).resolve(f"{OWNER}#key-1", "assertionMethod")
    assert found.only_with == (pair[1].key,)


def test_a_key_alone_is_one_that_signs_without_another(ring, pair, now) -> None:
    ring.activate("key-1", now=now)
    assert ring.alone(["P-256", "Ed25519"]) is None
    ring.activate(ring.add("Ed25519", SECRET, now=now).id, now=now)
    found = ring.alone(["P-256", "Ed25519"])
    assert found is not None
    assert found.id == "key-3"


def test_a_file_that_names_a_key_it_has_not_is_damaged(ring, pair) -> None:
    text = ring.path.read_text("utf-8").replace('"companion":"key-2"', '"companion":"key-7"')
    ring.path.write_text(text, "utf-8")
    with pytest.raises(MalformedValueError, match=r"keyring\.damaged"):
        keyfile.read(ring.path)


def test_a_bbs_key_of_a_keyring_signs_many_messages_until_it_is_revoked(ring, now) -> None:
    ring.activate(ring.add("Bls12381G2", SECRET, now=now).id, now=now)
    signer = open_signer(f"file:{ring.path}#key-1", lambda _: SECRET)
    assert isinstance(signer, MessagesSigner)
    assert signer.public_bytes == ring.records()[0].key.raw
    assert len(signer.sign_messages(b"", [b"one", b"two"])) == 80
    ring.revoke("key-1", "ceased", now=now)
    with pytest.raises(ConflictError):
        signer.sign_messages(b"", [b"one"])


def test_other_keys_of_a_keyring_sign_no_messages(ring, now) -> None:
    ring.activate(ring.add("ML-DSA-44", SECRET, now=now).id, now=now)
    signer = open_signer(f"file:{ring.path}#key-1", lambda _: SECRET)
    assert not isinstance(signer, MessagesSigner)
    ring.records()[0].key.verify(signer.sign(b"data"), b"data")


def test_nobody_checks_a_single_signature_with_a_key_that_may_need_a_second() -> None:
    """JOSE and COSE have room for one signature: whoever verifies there asks for ``key.alone()``."""
    taken = re.compile(r"(?:jws|sign1|twin|taken)\.verify\([^)]*\bkey\.key\b")
    rooms = ("proofs", "credentials", "verifier", "wallet", "exchange", "issuer", "passeport")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert not [path.name for path in sources if taken.search(path.read_text("utf-8"))]
    assert any("key.alone()" in path.read_text("utf-8") for path in sources)


def test_a_key_that_announces_nothing_signs_alone() -> None:
    key = LocalSigner.generate("P-256").public_key
    assert VerificationKey(key, "did:web:a.example#key-1", "did:web:a.example").alone() == key


def test_what_is_published_of_a_key_alone_says_nothing_of_another(ring, now) -> None:
    ring.add("P-256", SECRET, now=now)
    assert "signsOnlyWith" not in str(web.document(OWNER, ring.records())["verificationMethod"])
