"""The fixtures of the CFRG draft, both ciphersuites: every value, and every case that must fail."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keys.bbs import proof as proofs
from keys.bbs import signature as signatures
from keys.bbs.ciphersuite import EXPAND_BYTES, SHA256, SHAKE256, Ciphersuite, random_scalars
from keys.bbs.curve import g1, octets_of, split
from keys.bbs.generators import create_generators
from problems import ProofVerificationError

SUITES = {"bls12-381-sha-256": SHA256, "bls12-381-shake-256": SHAKE256}
SIGNATURES = tuple(f"signature{number:03}" for number in range(1, 11))
PROOFS = tuple(f"proof{number:03}" for number in range(1, 16))
unhex = bytes.fromhex

Reader = Callable[[str], Any]


@pytest.fixture(params=SUITES)
def folder(request: pytest.FixtureRequest, fixtures: Path) -> Path:
    return fixtures / "vectors" / "bbs-draft" / str(request.param)


@pytest.fixture
def suite(folder: Path) -> Ciphersuite:
    return SUITES[folder.name]


@pytest.fixture
def read(folder: Path) -> Reader:
    return lambda name: json.loads((folder / f"{name}.json").read_text())


def test_the_fixtures_are_all_played(folder: Path) -> None:
    assert tuple(sorted(path.stem for path in (folder / "signature").iterdir())) == SIGNATURES
    assert tuple(sorted(path.stem for path in (folder / "proof").iterdir())) == PROOFS


def test_hash_to_scalar(read: Reader, suite: Ciphersuite) -> None:
    case = read("h2s")
    found = suite.hash_to_scalar(unhex(case["message"]), unhex(case["dst"]))
    assert octets_of(found).hex() == case["scalar"]
    assert suite.hash_to_scalar(unhex(case["message"])) == found, "the tag of the interface"


def test_map_messages_to_scalars(read: Reader, suite: Ciphersuite) -> None:
    cases = read("MapMessageToScalarAsHash")["cases"]
    found = suite.messages_to_scalars(unhex(case["message"]) for case in cases)
    assert [octets_of(one).hex() for one in found] == [case["scalar"] for case in cases]


def test_generators(read: Reader, suite: Ciphersuite) -> None:
    case = read("generators")
    found = create_generators(len(case["MsgGenerators"]), suite)
    assert octets_of(suite.base_point).hex() == case["P1"]
    assert octets_of(found.q1).hex() == case["Q1"]
    assert [octets_of(point).hex() for point in found.h] == case["MsgGenerators"]


def test_key_pair(read: Reader, suite: Ciphersuite) -> None:
    """KeyGen (§3.4.1) is the draft's way to a secret; ours draws one, and both have the same public key."""
    case = read("keypair")
    info = unhex(case["keyInfo"])
    material = unhex(case["keyMaterial"]) + len(info).to_bytes(2) + info
    secret = octets_of(suite.hash_to_scalar(material, unhex(case["keyDst"])))
    assert secret.hex() == case["keyPair"]["secretKey"]
    assert signatures.public_key_of(secret).hex() == case["keyPair"]["publicKey"]


def mocked(suite: Ciphersuite, seed: bytes) -> Callable[[int], bytes]:
    """seeded_random_scalars (draft, appendix D.1): the octets that the fixtures took for random ones."""
    return lambda size: suite.expand(seed, suite.api_id + b"MOCK_RANDOM_SCALARS_DST_", size)


def test_mocked_random_scalars(read: Reader, suite: Ciphersuite) -> None:
    case = read("mockedRng")
    found = random_scalars(case["count"], mocked(suite, unhex(case["seed"])))
    assert [octets_of(one).hex() for one in found] == case["mockedScalars"]


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature(name: str, read: Reader, suite: Ciphersuite) -> None:
    case = read(f"signature/{name}")
    pair, header = case["signerKeyPair"], unhex(case["header"])
    signature, messages = unhex(case["signature"]), [unhex(message) for message in case["messages"]]
    if case["result"]["valid"]:
        assert signatures.sign(unhex(pair["secretKey"]), header, messages, suite) == signature
        signatures.verify(unhex(pair["publicKey"]), signature, header, messages, suite)
        return
    with pytest.raises(ProofVerificationError) as caught:
        signatures.verify(unhex(pair["publicKey"]), signature, header, messages, suite)
    assert caught.value.code == "signature.invalid", case["caseName"]


@pytest.mark.parametrize("name", PROOFS)
def test_proof(name: str, read: Reader, suite: Ciphersuite) -> None:
    case = read(f"proof/{name}")
    header, presentation = unhex(case["header"]), unhex(case["presentationHeader"])
    messages, places = [unhex(message) for message in case["messages"]], case["disclosedIndexes"]
    shown = [messages[place] for place in places if place < len(messages)]
    given = (unhex(case["proof"]), header, presentation, shown, places, suite)
    if not case["result"]["valid"]:
        with pytest.raises(ProofVerificationError) as caught:
            proofs.proof_verify(unhex(case["signerPublicKey"]), *given)
        assert caught.value.code in ("signature.invalid", "bbs.indexes"), case["caseName"]
        return
    proofs.proof_verify(unhex(case["signerPublicKey"]), *given)
    made = proofs.proof_gen(
        unhex(case["signerPublicKey"]),
        unhex(case["signature"]),
        header,
        presentation,
        messages,
        places,
        suite,
        mocked(suite, unhex(read("mockedRng")["seed"])),
    )
    assert made.hex() == case["proof"]
    points = [octets_of(g1(octets)).hex() for octets in list(split(made, 48))[:3]]
    assert points == [case["trace"][part] for part in ("A_bar", "B_bar", "D")]


def test_octets_of_random_are_more_than_the_order(suite: Ciphersuite) -> None:
    """48 octets for a scalar of 32: its bias is one in 2^128 (§4.2.1)."""
    asked: list[int] = []
    random_scalars(3, lambda size: asked.append(size) or bytes(size))
    assert asked == [3 * EXPAND_BYTES]
