"""A sealed secret opens with its passphrase, for what it was bound to, at a bearable cost."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundary import base64url, limits
from keys.sealing import STRONG, Cost, seal, unseal
from problems import LimitError, MalformedValueError, Problem, SecretError

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
SEALED = seal(b"secret", "phrase", b"bound to", cost=CHEAP)


@settings(max_examples=30)
@given(st.binary(max_size=100), st.text(min_size=1, max_size=20), st.binary(max_size=20))
def test_what_was_sealed_opens(secret, passphrase, associated):
    sealed = seal(secret, passphrase, associated, cost=CHEAP)
    assert unseal(sealed, passphrase, associated) == secret


def test_the_default_cost_is_that_of_rfc_9106():
    assert Cost(memory_kib=65536, passes=3, lanes=4) == STRONG
    sealed = seal(b"secret", "phrase", b"")
    assert (sealed["memoryKiB"], sealed["passes"], sealed["lanes"]) == (65536, 3, 4)
    assert unseal(sealed, "phrase", b"") == b"secret"


def test_nothing_of_secret_or_passphrase_shows():
    assert "secret" not in str(SEALED)
    assert "phrase" not in str(SEALED)


def test_each_seal_has_its_own_salt_and_nonce():
    again = seal(b"secret", "phrase", b"bound to", cost=CHEAP)
    assert all(again[name] != SEALED[name] for name in ("salt", "nonce", "ciphertext"))


def test_the_same_phrase_typed_on_another_keyboard_opens():
    typed = "clé du coffre à Évry"
    sealed = seal(b"secret", unicodedata.normalize("NFC", typed), b"", cost=CHEAP)
    assert unseal(sealed, unicodedata.normalize("NFD", typed), b"") == b"secret"


@pytest.mark.parametrize("phrase", ["Phrase", "phrase ", "phras", "phrasee"])
def test_a_wrong_phrase_does_not_open(phrase):
    with pytest.raises(SecretError, match=r"secret\.wrong") as caught:
        unseal(SEALED, phrase, b"bound to")
    assert caught.value.facts == {}


def test_an_empty_phrase_protects_nothing():
    with pytest.raises(SecretError, match=r"secret\.empty"):
        seal(b"secret", "", b"", cost=CHEAP)
    with pytest.raises(SecretError, match=r"secret\.empty"):
        unseal(SEALED, "", b"bound to")


def test_bound_to_something_else_it_does_not_open():
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        unseal(SEALED, "phrase", b"bound to another")


@pytest.mark.parametrize("name", ["salt", "nonce", "ciphertext"])
def test_a_changed_byte_does_not_open(name):
    data = bytearray(base64url.decode(str(SEALED[name])))
    data[0] ^= 1
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        unseal({**SEALED, name: base64url.encode(data)}, "phrase", b"bound to")


@pytest.mark.parametrize("cost", [{"passes": 2}, {"memoryKiB": 16}, {"memoryKiB": 16, "lanes": 2}])
def test_a_changed_cost_does_not_open(cost):
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        unseal({**SEALED, **cost}, "phrase", b"bound to")


@pytest.mark.parametrize(
    "cost",
    [
        {"memoryKiB": 10 << 20},
        {"memoryKiB": limits.KDF_MEMORY_KIB + 1},
        {"memoryKiB": 7},
        {"memoryKiB": 0},
        {"memoryKiB": -1},
        {"passes": 1 << 31},
        {"passes": limits.KDF_PASSES + 1},
        {"passes": 0},
        {"lanes": limits.KDF_LANES + 1, "memoryKiB": 1024},
        {"lanes": 0},
        {"lanes": -4},
    ],
    ids=str,
)
def test_a_file_cannot_ask_for_ten_gibibytes_or_a_day(cost):
    start = time.process_time()
    with pytest.raises(LimitError, match=r"secret\.cost"):
        unseal({**SEALED, **cost}, "phrase", b"bound to")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "change",
    [
        {"kdf": "scrypt"},
        {"kdf": None},
        {"cipher": "A128GCM"},
        {"salt": "!"},
        {"salt": ""},
        {"salt": base64url.encode(bytes(8))},
        {"nonce": base64url.encode(bytes(16))},
        {"ciphertext": "AAA="},
        {"ciphertext": 3},
        {"memoryKiB": "8"},
        {"passes": 1.5},
        {"lanes": True},
    ],
    ids=str,
)
def test_what_is_no_seal_is_refused(change):
    with pytest.raises(MalformedValueError):
        unseal({**SEALED, **change}, "phrase", b"bound to")


@pytest.mark.parametrize("name", sorted(SEALED))
def test_a_missing_member_is_refused(name):
    with pytest.raises(Problem):
        unseal({member: value for member, value in SEALED.items() if member != name}, "phrase", b"bound to")


def test_a_ciphertext_shorter_than_its_tag_does_not_open():
    with pytest.raises(SecretError, match=r"secret\.wrong"):
        unseal({**SEALED, "ciphertext": "AAAA"}, "phrase", b"bound to")
