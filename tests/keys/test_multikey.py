"""Multikey: official key pairs, and one spelling per key."""

import json

import base58
import pytest

from keys import multikey
from keys.local import LocalSigner, secret_of
from problems import MalformedValueError

# The key pairs of the test vectors of vc-di-eddsa and vc-di-ecdsa (W3C Recommendations of 15 May 2025)
OFFICIAL = [
    (
        "Ed25519",
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq",
    ),
    (
        "P-256",
        "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
        "z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvHN",
    ),
    (
        "P-384",
        "z82LkuBieyGShVBhvtE2zoiD6Kma4tJGFtkAhxR5pfkp5QPw4LutoYWhvQCnGjdVn14kujQ",
        "z2fanyY7zgwNpZGxX5fXXibvScNaUWNprHU9dKx7qpVj7mws9J8LLt4mDB5TyH2GLHWkUc",
    ),
]


@pytest.mark.parametrize(("algorithm", "public", "secret"), OFFICIAL)
def test_official_key_pairs(algorithm, public, secret):
    found, raw = multikey.decode_secret(secret)
    signer = LocalSigner.from_secret(found, raw)
    assert found == signer.algorithm == algorithm
    assert multikey.encode(signer.public_key) == public
    assert multikey.decode(public) == signer.public_key
    assert multikey.encode_secret(algorithm, secret_of(signer)) == secret


@pytest.mark.parametrize(
    "file",
    ["vc-di-eddsa/keyPair.json", "vc-di-ecdsa/p256KeyPair.json", "vc-di-ecdsa/p384KeyPair.json"],
)
def test_the_official_files_say_the_same(fixtures, file):
    pair = json.loads((fixtures / "vectors" / file).read_text())
    secret = pair.get("secretKeyMultibase") or pair["privateKeyMultibase"]
    assert (pair["publicKeyMultibase"], secret) in [(public, secret) for _, public, secret in OFFICIAL]


def spell(prefix: bytes, raw: bytes) -> str:
    return "z" + base58.b58encode(prefix + raw).decode()


ED25519 = multikey.decode(OFFICIAL[0][1]).raw
P256 = multikey.decode(OFFICIAL[1][1]).raw


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "key.multibase"),
        ("z", "key.type_unsupported"),
        ("6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "key.multibase"),
        ("u7QGwG3K", "key.multibase"),
        ("f0120", "key.multibase"),
        (OFFICIAL[0][1] + " ", "key.multibase"),
        (" " + OFFICIAL[0][1], "key.multibase"),
        (OFFICIAL[0][1] + "\n", "key.multibase"),
        (OFFICIAL[0][1].replace("Q", "0", 1), "key.multibase"),
        (OFFICIAL[0][1].replace("z6", "zé", 1), "key.multibase"),
        ("z" + "1" * 100_000, "key.multibase"),
        ("z1" + OFFICIAL[0][1][1:], "key.type_unsupported"),
        (spell(b"\xed\x01", ED25519[:-1]), "key.length"),
        (spell(b"\xed\x01", ED25519 + b"\0"), "key.length"),
        (spell(b"\xed\x01", b""), "key.length"),
        (spell(b"\x80\x24", P256[1:]), "key.length"),
        (spell(b"\x81\x24", P256), "key.length"),
        (spell(b"\x80\x24", b"\5" + P256[1:]), "key.not_on_curve"),
        (spell(b"\xed\x01", bytes(32)), "key.not_on_curve"),
        (spell(b"\xe7\x01", P256), "key.type_unsupported"),
        (spell(b"\xec\x01", ED25519), "key.type_unsupported"),
        (spell(b"\x82\x24", bytes(67)), "key.type_unsupported"),
        (OFFICIAL[0][2], "key.type_unsupported"),
    ],
    ids=[
        "empty",
        "header only",
        "no header",
        "base64url",
        "hexadecimal",
        "space behind",
        "space before",
        "newline",
        "zero is no base58",
        "not ASCII",
        "100 kB",
        "leading one",
        "short",
        "long",
        "prefix only",
        "short point",
        "P-256 as P-384",
        "no point",
        "small order",
        "secp256k1",
        "X25519",
        "P-521",
        "a secret key",
    ],
)
def test_what_is_no_public_key_is_refused(text, code):
    with pytest.raises(MalformedValueError) as caught:
        multikey.decode(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (OFFICIAL[0][1], "key.type_unsupported"),
        (spell(b"\x80\x26", bytes(31)), "key.length"),
        (spell(b"\x80\x26", bytes(64)), "key.length"),
        (spell(b"\x86\x26", bytes(48)), "key.length"),
    ],
    ids=["a public key", "short", "seed and public key", "long"],
)
def test_what_is_no_secret_key_is_refused(text, code):
    with pytest.raises(MalformedValueError) as caught:
        multikey.decode_secret(text)
    assert caught.value.code == code


def test_a_refused_secret_is_not_repeated_in_the_problem():
    secret = spell(b"\x86\x26", bytes(range(48)))
    with pytest.raises(MalformedValueError) as caught:
        multikey.decode_secret(secret)
    assert secret[5:20] not in str(caught.value) + repr(caught.value.facts)
