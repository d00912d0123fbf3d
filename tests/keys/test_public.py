"""A public key is an honest point of its curve, and verifies what its secret half signed and nothing else."""

import pickle

import pytest

from keys.edwards import require_sound
from keys.local import LocalSigner
from keys.public import PublicKey, load, public_key
from problems import MalformedValueError, ProofVerificationError

P = 2**255 - 19
SMALL_ORDER_Y = [
    0,
    1,
    P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303021864,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
]


def little(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", SMALL_ORDER_Y)
def test_an_ed25519_key_of_small_order_is_refused(y, sign):
    """The eight points, and those where x is zero once more with the sign that it has not."""
    with pytest.raises(MalformedValueError, match=r"key\.not_on_curve"):
        PublicKey("Ed25519", little(y, sign))


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", range(P, 2**255))
def test_a_second_spelling_of_an_ed25519_key_is_refused(y, sign):
    with pytest.raises(ValueError, match="not canonical"):
        require_sound(little(y, sign))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_an_ed25519_key_has_32_bytes(size):
    with pytest.raises(ValueError, match="32 bytes"):
        require_sound(b"\x58" * size)


def test_half_of_all_y_are_no_point():
    outcomes = []
    for y in range(2, 102):
        try:
            PublicKey("Ed25519", little(y))
        except MalformedValueError:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert 30 < sum(outcomes) < 70
    assert not outcomes[0], "y = 2 is no point (RFC 8032 §5.1.3)"


@pytest.mark.parametrize(
    ("algorithm", "raw"),
    [
        ("Ed25519", b""),
        ("Ed25519", bytes(31)),
        ("Ed25519", bytes(33)),
        ("P-256", b"\2" + bytes(31) + b"\1" + b"x"),
        ("P-256", b"\0"),
        ("P-256", b"\2" + b"\xff" * 32),
        ("P-256", b"\2" + (5).to_bytes(32).replace(b"\5", b"\7")),
        ("P-256", b"\5" + bytes(31) + b"\5"),
        ("P-384", b"\2" + b"\xff" * 48),
        ("P-384", b"\2" + bytes(32)),
    ],
    ids=[
        "empty",
        "short",
        "long",
        "long point",
        "infinity",
        "x beyond p",
        "no point",
        "header 5",
        "x beyond p",
        "P-256 as P-384",
    ],
)
def test_bytes_that_are_no_key_are_refused(algorithm, raw):
    with pytest.raises(MalformedValueError, match=r"key\.not_on_curve"):
        PublicKey(algorithm, raw)


@pytest.mark.parametrize("algorithm", ["P-256", "P-384"])
def test_an_uncompressed_point_is_not_our_form(algorithm):
    key = LocalSigner.generate(algorithm).public_key
    numbers, size = load(key).public_numbers(), len(key.raw) - 1
    with pytest.raises(MalformedValueError):
        PublicKey(algorithm, b"\4" + numbers.x.to_bytes(size) + numbers.y.to_bytes(size))


def test_the_librarys_form_comes_back(signer):
    assert public_key(signer.algorithm, load(signer.public_key)) == signer.public_key


def test_a_signature_verifies_over_what_was_signed(signer):
    signer.public_key.verify(signer.sign(b"attestation"), b"attestation")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda signature, data: (signature, data + b"."),
        lambda signature, data: (bytes([signature[0] ^ 1]) + signature[1:], data),
        lambda signature, data: (signature[:-1] + bytes([signature[-1] ^ 1]), data),
        lambda signature, data: (bytes(len(signature)), data),
        lambda signature, data: (b"\xff" * len(signature), data),
    ],
    ids=["other data", "first byte changed", "last byte changed", "all zeros", "all ones"],
)
def test_a_spoiled_signature_does_not_verify(signer, spoil):
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        signer.public_key.verify(*spoil(signer.sign(b"attestation"), b"attestation"))


@pytest.mark.parametrize("change", [lambda s: b"", lambda s: s[:-1], lambda s: s + b"\0", lambda s: s * 2])
def test_a_signature_of_another_length_does_not_verify(signer, change):
    with pytest.raises(ProofVerificationError, match=r"signature\.length"):
        signer.public_key.verify(change(signer.sign(b"a")), b"a")


def test_another_key_did_not_make_it(signer):
    other = LocalSigner.generate(signer.algorithm)
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        other.public_key.verify(signer.sign(b"a"), b"a")


@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "P-384", "ML-DSA-44", "Bls12381G2"])
def test_a_key_that_was_used_can_be_given_to_another_process(algorithm):
    signer = LocalSigner.generate(algorithm)
    signer.public_key.verify(signer.sign(b"a"), b"a")
    copied = pickle.loads(pickle.dumps(signer.public_key))
    assert copied == signer.public_key
    assert vars(copied) == {"algorithm": algorithm, "raw": signer.public_key.raw}
    copied.verify(signer.sign(b"b"), b"b")
