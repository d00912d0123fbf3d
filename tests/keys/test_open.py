"""A signer is opened by URI; the passphrase is asked for only when it can be of use."""

import pytest

from keys.open import open_signer
from problems import ConflictError, InputError, NotFoundError, SecretError

PHRASE = "quatre mots pour essayer"


def never(name: str) -> str:
    raise AssertionError(f"asked for the {name}")


def test_a_key_of_a_keyring_is_opened(ring, now):
    record = ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    asked = []
    signer = open_signer(f"file:{ring.path}#key-1", lambda name: asked.append(name) or PHRASE)
    record.key.verify(signer.sign(b"a"), b"a")
    assert asked == ["passphrase"]


def test_a_path_may_hold_the_sign_that_ends_it(ring, now, tmp_path):
    ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    place = tmp_path / "a#b"
    ring.path.rename(place)
    assert open_signer(f"file:{place}#key-1", lambda name: PHRASE).verification_method.endswith("#key-1")


def test_a_wrong_passphrase_does_not_open(ring, now):
    ring.activate(ring.add("P-256", PHRASE, now=now).id, now=now)
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        open_signer(f"file:{ring.path}#key-1", lambda name: "another")


def test_the_passphrase_is_not_asked_for_in_vain(ring, now, tmp_path):
    ring.add("P-256", PHRASE, now=now)
    with pytest.raises(ConflictError, match=r"key\.pending"):
        open_signer(f"file:{ring.path}#key-1", never)
    with pytest.raises(NotFoundError, match=r"key\.unknown"):
        open_signer(f"file:{ring.path}#key-2", never)
    with pytest.raises(NotFoundError, match=r"keyring\.missing"):
        open_signer(f"file:{tmp_path / 'absent'}#key-1", never)


@pytest.mark.parametrize("uri", ["file:", "file:#key-1", "file:ring.json", "file:ring.json#"])
def test_an_incomplete_address_is_refused(uri):
    with pytest.raises(InputError, match=r"key\.uri"):
        open_signer(uri, never)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "ring.json#key-1",
        "pkcs11:token=x;object=y",
        "awskms:key/1",
        "FILE:ring.json#key-1",
        "https://x#y",
        "file",
    ],
)
def test_another_kind_of_address_is_not_supported_yet(uri):
    with pytest.raises(InputError, match=r"key\.scheme_unknown"):
        open_signer(uri, never)
