"""The hash of a proof's configuration is that of its canonical form, remembered or not."""

import hashlib

import pytest

from boundary.strict_json import Json, JsonValue
from contexts import PRODUCT
from problems import Problem
from proofs.config import canonical_proof_config, hash_proof_config

PROOF: Json = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-11-21T12:00:00Z",
    "verificationMethod": "did:web:academie.example#key-1",
    "proofPurpose": "assertionMethod",
    "proofValue": "z1",
}


def outcome(document: Json, proof: Json) -> bytes | str:
    try:
        return hash_proof_config(document, proof, PRODUCT, "sha256")
    except Problem as problem:
        return problem.code


def expected(document: Json, proof: Json) -> bytes | str:
    try:
        text = canonical_proof_config(document, proof, PRODUCT, "sha256").text
    except Problem as problem:
        return problem.code
    return hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="usual"),
        pytest.param({"created": "2026-11-21T12:00:01Z"}, id="another time"),
        pytest.param({"challenge": 'a"\\\n’', "domain": "recruteur.example"}, id="bound"),
        pytest.param({"challenge": "\x00"}, id="control character"),
        pytest.param({"domain": ["a.example", "b.example"]}, id="two domains"),
        pytest.param({"challenge": 1}, id="number"),
        pytest.param({"challenge": True}, id="truth, which Python takes for one"),
        pytest.param({"challenge": None}, id="null"),
        pytest.param({"challenge": "a" * 10_000}, id="long"),
        pytest.param({"unknown": "a"}, id="undefined member"),
        pytest.param({"proofPurpose": "no such purpose"}, id="undefined purpose"),
        pytest.param({"verificationMethod": "relative"}, id="relative name"),
        pytest.param({"id": "urn:uuid:1", "previousProof": "urn:uuid:2"}, id="chained"),
        pytest.param({"proofValue": "z2"}, id="another value"),
    ],
)
@pytest.mark.parametrize(
    "context",
    [
        "https://www.w3.org/ns/credentials/v2",
        ["https://www.w3.org/ns/credentials/v2", "https://w3id.org/passeport/v1"],
        "https://unknown.example/",
        [],
        None,
        5,
        [True],
        [{"challenge": "urn:other"}],
    ],
    ids=["text", "list", "unknown", "empty", "null", "number", "truth", "inline"],
)
def test_the_same_hash_each_time(context: JsonValue, members: Json) -> None:
    document: Json = {"@context": context, "type": "VerifiableCredential"}
    proof = {**PROOF, **members}
    assert [outcome(document, proof) for _ in range(4)] == [expected(document, proof)] * 4


def test_without_contexts_there_is_no_meaning() -> None:
    assert outcome({}, PROOF) == expected({}, PROOF)


def test_a_proof_with_contexts_of_its_own_is_refused() -> None:
    document: Json = {"@context": "https://www.w3.org/ns/credentials/v2"}
    assert outcome(document, {**PROOF, "@context": "https://w3id.org/passeport/v1"}) == "proof.context"
