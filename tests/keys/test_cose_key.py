"""Keys in CBOR: one spelling each, points compressed, no secret ever."""

import pytest

from boundary.cbor import Cbor, Key
from keys.cose_key import from_cose_key, to_cose_key
from keys.local import LocalSigner
from keys.signer import Algorithm
from problems import MalformedValueError

X = LocalSigner.generate("P-256").public_key.raw[1:]
GOOD: dict[Key, Cbor] = {1: 2, -1: 1, -2: X, -3: False}


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
def test_there_and_back(algorithm: Algorithm) -> None:
    for _ in range(4):  # both signs of y
        key = LocalSigner.generate(algorithm).public_key
        assert from_cose_key(to_cose_key(key)) == key


WRONG: dict[str, tuple[dict[Key, Cbor], str]] = {
    "empty": ({}, "key.type_unsupported"),
    "symmetric": ({1: 4, -1: b"k"}, "key.type_unsupported"),
    "another curve": (GOOD | {-1: 3}, "key.type_unsupported"),
    "true for the curve": (GOOD | {-1: True}, "key.type_unsupported"),
    "a secret": (GOOD | {-4: bytes(32)}, "key.coordinates"),
    "whole y": (GOOD | {-3: bytes(32)}, "key.coordinates"),
    "one for true": (GOOD | {-3: 1}, "key.coordinates"),
    "no y": ({name: value for name, value in GOOD.items() if name != -3}, "key.coordinates"),
    "short x": (GOOD | {-2: X[1:]}, "cbor.shape"),
    "beside the curve": (GOOD | {-2: b"\xff" * 32}, "key.not_on_curve"),
    "Ed25519 with y": ({1: 1, -1: 6, -2: bytes(32), -3: True}, "key.coordinates"),
}


@pytest.mark.parametrize(("members", "code"), WRONG.values(), ids=WRONG)
def test_what_is_no_key_of_ours(members: dict[Key, Cbor], code: str) -> None:
    with pytest.raises(MalformedValueError) as raised:
        from_cose_key(members)
    assert raised.value.code == code
