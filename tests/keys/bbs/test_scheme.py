"""BBS beyond the fixtures: whatever is signed verifies, whatever is touched does not, and nothing links."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_arkworks_bls12381 import G1Point, G2Point

from boundary import limits
from keys.bbs import curve
from keys.bbs.ciphersuite import SHA256, expand_message_xmd
from keys.bbs.generators import create_generators
from keys.bbs.proof import FLOOR, proof_gen, proof_verify
from keys.bbs.signature import SIGNATURE_BYTES, public_key_of, sign, verify
from keys.local import LocalMessagesSigner, LocalSigner
from keys.public import PublicKey
from keys.signer import MessagesSigner
from problems import LimitError, MalformedValueError, ProofGenerationError, ProofVerificationError

SECRET = bytes(31) + b"\7"
PUBLIC = public_key_of(SECRET)
HEADER, MESSAGES = b"header", [b"one", b"two", b"", b"four", b"two"]
SIGNATURE = sign(SECRET, HEADER, MESSAGES)
SHOWN = [1, 3]
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001

# x = 4 is on the curve of G1 and in no group of prime order; x = 2 (both parts) likewise for G2
OUTSIDE_G1 = bytes([0x80]) + bytes(46) + b"\4"
IDENTITY_G1 = b"\xc0" + bytes(47)
IDENTITY_G2 = b"\xc0" + bytes(95)


def outside_g2() -> bytes:
    """Return the octets of a point of the curve that is not in the group of prime order."""
    for x in range(1, 100):
        octets = bytes([0x80]) + bytes(94) + bytes([x])
        try:
            if not G2Point.from_compressed_bytes_unchecked(octets).is_in_subgroup():
                return octets
        except ValueError:
            continue
    raise AssertionError("none found")


def shown_proof(presentation: bytes = b"to you") -> bytes:
    return proof_gen(PUBLIC, SIGNATURE, HEADER, presentation, MESSAGES, SHOWN)


def check(proof: bytes, **changed: object) -> None:
    given: dict[str, object] = {
        "public_key": PUBLIC,
        "header": HEADER,
        "presentation_header": b"to you",
        "messages": [MESSAGES[place] for place in SHOWN],
        "disclosed": SHOWN,
        **changed,
    }
    proof_verify(proof=proof, **given)  # type: ignore[arg-type]


@settings(max_examples=15)
@given(st.lists(st.binary(max_size=40), max_size=8), st.binary(max_size=40), st.data())
def test_any_choice_of_any_messages_is_proved(
    messages: list[bytes], header: bytes, data: st.DataObject
) -> None:
    places = sorted(data.draw(st.sets(st.sampled_from(range(len(messages)))) if messages else st.just(set())))
    signature = sign(SECRET, header, messages)
    verify(PUBLIC, signature, header, messages)
    proof = proof_gen(PUBLIC, signature, header, b"", messages, places)
    proof_verify(PUBLIC, proof, header, b"", [messages[place] for place in places], places)
    assert len(proof) == FLOOR + 32 * (len(messages) - len(places))


@settings(max_examples=40)
@given(st.integers(0, SIGNATURE_BYTES * 8 - 1))
def test_no_bit_of_a_signature_can_be_changed(bit: int) -> None:
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        verify(PUBLIC, flipped(SIGNATURE, bit), HEADER, MESSAGES)


PROOF = shown_proof()


@settings(max_examples=60)
@given(st.integers(0, len(PROOF) * 8 - 1))
def test_no_bit_of_a_proof_can_be_changed(bit: int) -> None:
    with pytest.raises(ProofVerificationError):
        check(flipped(PROOF, bit))


def flipped(octets: bytes, bit: int) -> bytes:
    changed = bytearray(octets)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


CHANGED: dict[str, dict[str, object]] = {
    "another key": {"public_key": public_key_of(bytes(31) + b"\x08")},
    "another header": {"header": b"Header"},
    "another presentation header": {"presentation_header": b"to me"},
    "another message": {"messages": [b"two", b"5"]},
    "messages in another order": {"messages": [b"four", b"two"]},
    "a message less": {"messages": [b"two"]},
    "another place": {"disclosed": [1, 4]},
    "the place of a twin": {"disclosed": [3, 4], "messages": [b"four", b"two"]},
    "places in another order": {"disclosed": [3, 1]},
    "one place twice": {"disclosed": [1, 1]},
    "a place below": {"disclosed": [-1, 1]},
    "a place beyond": {"disclosed": [1, 5]},
    "one message more": {"disclosed": [1, 3, 5], "messages": [b"two", b"four", b"x"]},
}


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED)
def test_a_proof_proves_nothing_else(changed: dict[str, object]) -> None:
    check(PROOF)
    with pytest.raises(ProofVerificationError):
        check(PROOF, **changed)


BENT = {
    "empty": b"",
    "cut by a scalar": PROOF[:-32],
    "cut by an octet": PROOF[:-1],
    "one octet more": PROOF + b"\0",
    "one scalar more": PROOF + bytes(31) + b"\1",
    "only points": PROOF[:144],
    "the least, of nothing": bytes(FLOOR),
    "identity for A": IDENTITY_G1 + PROOF[48:],
    "identity for B": PROOF[:48] + IDENTITY_G1 + PROOF[96:],
    "identity for D": PROOF[:96] + IDENTITY_G1 + PROOF[144:],
    "a point outside the group for A": OUTSIDE_G1 + PROOF[48:],
    "a point outside the group for D": PROOF[:96] + OUTSIDE_G1 + PROOF[144:],
    "zero for a scalar": PROOF[:144] + bytes(32) + PROOF[176:],
    "the order for a scalar": PROOF[:144] + ORDER.to_bytes(32) + PROOF[176:],
    "zero for the challenge": PROOF[:-32] + bytes(32),
    "all identities": IDENTITY_G1 * 3 + PROOF[144:],
}


@pytest.mark.parametrize("proof", BENT.values(), ids=BENT)
def test_a_bent_proof_is_refused(proof: bytes) -> None:
    with pytest.raises(ProofVerificationError):
        check(proof)


@pytest.mark.parametrize(
    "signature",
    [
        b"", SIGNATURE[:-1], SIGNATURE + b"\0", IDENTITY_G1 + SIGNATURE[48:], OUTSIDE_G1 + SIGNATURE[48:],
        SIGNATURE[:48] + bytes(32), SIGNATURE[:48] + ORDER.to_bytes(32),
    ],
    ids=["empty", "cut", "longer", "identity", "outside the group", "zero", "order"],
)  # fmt: skip
def test_a_bent_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(ProofVerificationError, match=r"signature\."):
        verify(PUBLIC, signature, HEADER, MESSAGES)
    with pytest.raises(ProofVerificationError, match=r"signature\."):
        proof_gen(PUBLIC, signature, HEADER, b"", MESSAGES, SHOWN)


@pytest.mark.parametrize(
    "raw",
    [b"", PUBLIC[:-1], PUBLIC + b"\0", IDENTITY_G2, outside_g2(), bytes(96), b"\xff" * 96],
    ids=["empty", "cut", "longer", "identity", "outside the group", "zeros", "ones"],
)
def test_what_is_no_public_key_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedValueError, match=r"key\.not_on_curve"):
        PublicKey("Bls12381G2", raw)


def test_points_outside_the_group_are_what_they_are_called() -> None:
    """The tests above would protect nothing if these octets were refused for another reason."""
    assert not G1Point.from_compressed_bytes_unchecked(OUTSIDE_G1).is_in_subgroup()
    assert G1Point.from_compressed_bytes(IDENTITY_G1) == G1Point.identity(), "the library takes it"


def test_two_proofs_of_one_signature_share_no_part() -> None:
    parts = [set(curve.split(shown_proof(), 16)) for _ in range(6)]
    for index, one in enumerate(parts):
        assert not any(one & other for other in parts[index + 1 :])
        assert not one & set(curve.split(SIGNATURE, 16))


def test_each_random_scalar_is_drawn_once() -> None:
    """A blinding factor used twice would give the signature away."""
    drawn: list[bytes] = []

    def random(size: int) -> bytes:
        drawn.append(os.urandom(size))
        return drawn[-1]

    proof_gen(PUBLIC, SIGNATURE, HEADER, b"", MESSAGES, SHOWN, random=random)
    assert [len(octets) for octets in drawn] == [48 * (5 + 3)]


def test_too_many_messages_are_refused_before_any_work() -> None:
    many = [b"x"] * (limits.BBS_MESSAGES + 1)
    with pytest.raises(LimitError, match=r"bbs\.too_many_messages"):
        sign(SECRET, HEADER, many)
    with pytest.raises(LimitError, match=r"bbs\.too_many_messages"):
        check(PROOF[:144] + (bytes(31) + b"\1") * (limits.BBS_MESSAGES + 5))
    with pytest.raises(LimitError, match=r"bbs\.too_many_messages"):
        check(PROOF, messages=many, disclosed=list(range(len(many))))


def test_generators_of_fewer_messages_begin_those_of_more() -> None:
    few, many = create_generators(3, SHA256), create_generators(limits.BBS_MESSAGES, SHA256)
    assert many.h[:3] == few.h
    assert many.q1 == few.q1
    assert len(few.octets) == 48 * 4
    assert len({curve.octets_of(point) for point in many.h}) == limits.BBS_MESSAGES


@given(st.binary(max_size=80), st.integers(1, 300))
def test_shorter_expansions_do_not_begin_longer_ones(message: bytes, size: int) -> None:
    """RFC 9380 §5.3.1: the length is hashed, so that two sizes give two values."""
    assert len(expand_message_xmd(message, b"tag", size)) == size
    if size > 8:
        assert not expand_message_xmd(message, b"tag", size + 1).startswith(
            expand_message_xmd(message, b"tag", size)
        )


def test_one_scalar_for_each_point() -> None:
    with pytest.raises(ValueError, match="one scalar"):
        curve.sum_of([G1Point()], [])


@pytest.mark.parametrize("places", [[5], [-1], [1, 1], [3, 1]], ids=str)
def test_a_choice_of_what_is_not_there_is_refused(places: list[int]) -> None:
    with pytest.raises(ProofGenerationError, match=r"bbs\.indexes"):
        proof_gen(PUBLIC, SIGNATURE, HEADER, b"", MESSAGES, places)


def test_a_signer_signs_many_messages_or_one() -> None:
    signer = LocalSigner.from_secret("Bls12381G2", SECRET)
    assert isinstance(signer, LocalMessagesSigner)
    assert isinstance(signer, MessagesSigner)
    assert signer.public_key.raw == PUBLIC
    assert signer.sign_messages(HEADER, MESSAGES) == SIGNATURE
    signer.public_key.verify(signer.sign(b"one"), b"one")
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        signer.public_key.verify(signer.sign(b"one"), b"two")
    assert not isinstance(LocalSigner.generate("P-256"), MessagesSigner)


def test_a_signer_shows_no_secret() -> None:
    assert SECRET.hex() not in repr(LocalSigner.from_secret("Bls12381G2", SECRET))
    assert "\\x07" not in repr(LocalSigner.from_secret("Bls12381G2", SECRET))
