"""Each secret opens the key on its own, and nothing else does."""

import json
import os

import pytest

from keys.sealing import Cost
from problems import LimitError, MalformedValueError, Problem, SecretError
from storage.records import Way
from wallet import recovery_code, wrap

CHEAP = Cost(memory_kib=8, passes=1, lanes=1)
KEY = b"k" * 32
PASSPHRASE = "quatre mots au hasard"
CODE = recovery_code.generate(os.urandom)


@pytest.fixture
def ways() -> list[Way]:
    return [
        wrap.with_passphrase(KEY, PASSPHRASE, CHEAP, os.urandom),
        wrap.with_recovery_code(KEY, CODE, CHEAP, os.urandom),
    ]


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(PASSPHRASE, id="passphrase"),
        pytest.param(CODE, id="code"),
        pytest.param(CODE.lower().replace("-", " "), id="code-typed-otherwise"),
    ],
)
def test_each_secret_opens(ways: list[Way], secret: str) -> None:
    assert wrap.unwrap(ways, secret) == KEY
    assert wrap.unwrap(ways[::-1], secret) == KEY


def test_accents_open_from_any_keyboard() -> None:
    way = wrap.with_passphrase(KEY, "été à Orléans", CHEAP, os.urandom)
    assert wrap.unwrap([way], "e\u0301te\u0301 a\u0300 Orle\u0301ans") == KEY


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        pytest.param("", "wallet.wrong_secret", id="empty"),
        pytest.param("Quatre mots au hasard", "wallet.wrong_secret", id="capital"),
        pytest.param(recovery_code.generate(os.urandom), "wallet.wrong_secret", id="code-of-another"),
        pytest.param("0" * 28, "wallet.code_mistyped", id="code-mistyped"),
    ],
)
def test_no_other_secret_opens(ways: list[Way], secret: str, code: str) -> None:
    with pytest.raises(SecretError) as caught:
        wrap.unwrap(ways, secret)
    assert caught.value.code == code


def test_a_passphrase_that_looks_like_a_code_still_opens() -> None:
    way = wrap.with_passphrase(KEY, "0" * 28, CHEAP, os.urandom)
    assert wrap.unwrap([way], "0" * 28) == KEY


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(SecretError) as caught:
        wrap.with_passphrase(KEY, "1234567", CHEAP, os.urandom)
    assert caught.value.code == "wallet.passphrase_short"


def test_the_real_cost_is_the_recommended_one() -> None:
    way = wrap.with_passphrase(KEY, PASSPHRASE, Cost(64 << 10, 3, 4), os.urandom)
    seal = json.loads(way.seal)
    assert (seal["kdf"], seal["memoryKiB"], seal["passes"], seal["lanes"]) == ("Argon2id", 65536, 3, 4)
    assert wrap.unwrap([way], PASSPHRASE) == KEY


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [
        pytest.param("memoryKiB", 1 << 31, LimitError, id="two-tebibytes"),
        pytest.param("passes", 10_000, LimitError, id="endless"),
        pytest.param("lanes", 0, LimitError, id="no-lane"),
        pytest.param("memoryKiB", 16, SecretError, id="cost-changed"),
        pytest.param("salt", "AAAAAAAAAAAAAAAAAAAAAA", SecretError, id="salt-changed"),
        pytest.param("kdf", "MD5", MalformedValueError, id="other-derivation"),
        pytest.param("ciphertext", "AAAA", SecretError, id="ciphertext-changed"),
    ],
)
def test_a_changed_seal_opens_nothing(member: str, value: object, kind: type[Problem]) -> None:
    way = wrap.with_passphrase(KEY, PASSPHRASE, CHEAP, os.urandom)
    changed = Way(way.id, way.kind, json.dumps({**json.loads(way.seal), member: value}))
    with pytest.raises(kind):
        wrap.unwrap([changed], PASSPHRASE)


def test_a_seal_belongs_to_its_way() -> None:
    """A seal moved to another kind or id, as in a store that was tampered with, opens nothing."""
    way = wrap.with_passphrase(KEY, CODE.replace("-", ""), CHEAP, os.urandom)
    for moved in (Way(way.id, "recovery_code", way.seal), Way("00" * 16, "passphrase", way.seal)):
        with pytest.raises(SecretError):
            wrap.unwrap([moved], CODE.replace("-", ""))


def test_a_seal_that_is_no_json_is_told() -> None:
    with pytest.raises(MalformedValueError):
        wrap.unwrap([Way("00", "passphrase", "{")], PASSPHRASE)
