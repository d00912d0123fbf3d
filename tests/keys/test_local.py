"""Signers in memory: raw signatures, published test values, no secret shown."""

import hashlib

import pytest

from keys import multikey
from keys.local import LocalSigner, secret_of
from problems import MalformedValueError, ProofVerificationError

# RFC 8032 §7.1 (test 2), RFC 6979 A.2.5 and A.2.6 (message "sample", SHA-256 and SHA-384)
PUBLISHED = [
    (
        "Ed25519",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        b"\x72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "P-256",
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        b"sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
    (
        "P-384",
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
        b"sample",
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
        "81a648152e44acf96e36dd1e80fabe46"
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
        "a329c145786e679e7b82c71a38628ac8",
    ),
]


@pytest.mark.parametrize(("algorithm", "secret", "data", "signature"), PUBLISHED)
def test_published_values(algorithm, secret, data, signature):
    signer = LocalSigner.from_secret(algorithm, bytes.fromhex(secret))
    assert signer.sign(data).hex() == signature
    assert secret_of(signer).hex() == secret


def test_a_new_key_is_named_by_its_did_key_unless_another_name_is_given(any_signer):
    name = multikey.encode(any_signer.public_key)
    assert any_signer.verification_method == f"did:key:{name}#{name}"
    named = LocalSigner.generate(any_signer.algorithm, "did:web:certifier.example#key-1")
    assert named.verification_method == "did:web:certifier.example#key-1"


def test_a_signature_is_raw(any_signer):
    assert len(any_signer.sign(b"a")) == {
        "Ed25519": 64, "P-256": 64, "P-384": 96, "ML-DSA-44": 2_420, "Bls12381G2": 80,
    }[any_signer.algorithm]  # fmt: skip


def test_keys_are_made_from_the_randomness_that_is_given(any_signer):
    def random(size: int) -> bytes:
        return b"\0" + hashlib.sha512(b"seed").digest()[: size - 1]  # below the order of every group

    one, two = (LocalSigner.generate(any_signer.algorithm, random=random) for _ in range(2))
    assert one == two
    assert secret_of(one) == random(len(secret_of(one)))
    assert one.public_key != any_signer.public_key


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Bls12381G2"])
def test_a_draw_outside_the_group_is_drawn_again(algorithm):
    size = 48 if algorithm == "P-384" else 32
    draws = iter([bytes(size), b"\xff" * size, bytes(size - 1) + b"\1"])
    signer = LocalSigner.generate(algorithm, random=lambda _: next(draws))
    assert secret_of(signer) == bytes(size - 1) + b"\1"


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "P-384", "ML-DSA-44", "Bls12381G2"])
def test_a_secret_of_another_length_is_refused(algorithm):
    for size in (0, 31, 33, 64):
        with pytest.raises(MalformedValueError, match=r"key\.length"):
            LocalSigner.from_secret(algorithm, bytes([1]) * size)


@pytest.mark.parametrize(("algorithm", "size"), [("P-256", 32), ("P-384", 48)])
def test_a_secret_outside_the_group_is_refused(algorithm, size):
    for secret in (bytes(size), b"\xff" * size):
        with pytest.raises(MalformedValueError, match=r"key\.not_on_curve"):
            LocalSigner.from_secret(algorithm, secret)


def test_a_faulty_signature_is_never_released(any_signer):
    """The public key in use is another's, as a flipped bit would make it: signing fails, nothing leaks."""
    any_signer.__dict__["public_key"] = LocalSigner.generate(any_signer.algorithm).public_key
    with pytest.raises(ProofVerificationError):
        any_signer.sign(b"a")


def test_no_secret_is_shown(any_signer):
    secret = secret_of(any_signer)
    for shown in (repr(any_signer), str(any_signer), f"{any_signer}", repr(vars(any_signer).keys())):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
        assert multikey.encode_secret(any_signer.algorithm, secret) not in shown
    assert "_key" not in repr(any_signer)


def test_a_signer_does_not_change(any_signer):
    with pytest.raises(AttributeError):
        any_signer.verification_method = "did:web:attacker.example#key-1"
