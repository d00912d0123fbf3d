"""A suite that signs nothing any more: official proofs of it verify, and nothing passes for one."""

import copy
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from boundary import base58btc, strict_json
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem
from proofs import SUITES, data_integrity, whole
from proofs.data_integrity import Expectation
from proofs.legacy import legacy_suites
from proofs.suite import Cryptosuite, LegacySuite, VerifyingSuite

CASE = tomllib.loads(
    (Path(__file__).parents[1] / "vectors" / "ed25519_signature_2020.toml").read_text("utf-8")
)
ACCEPTED: dict[str, VerifyingSuite] = {**SUITES, **legacy_suites()}
CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"
V1 = "https://www.w3.org/2018/credentials/v1"
SIGNER = LocalSigner.from_secret("Ed25519", bytes([1]) * 32)


def signed(document: Json, signer: LocalSigner = SIGNER, **more: JsonValue) -> Json:
    """Sign as software of those days did."""
    proof: Json = {
        "type": "Ed25519Signature2020",
        "created": "2026-10-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        **more,
    }
    signature = signer.sign(whole.hash_data(document, proof, CONFORMANCE, "sha256"))
    return {**document, "proof": {**proof, "proofValue": base58btc.encode(signature)}}


@pytest.fixture
def old() -> Json:
    """A credential of VCDM 1.1."""
    return {
        "@context": [V1, CONTEXT],
        "id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000000d1",
        "type": ["VerifiableCredential"],
        "issuer": SIGNER.verification_method.partition("#")[0],
        "issuanceDate": "2026-10-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:personne-fictive"},
    }


def code(secured: Json, keys: Resolver, expect: Expectation, suites=ACCEPTED) -> str:
    with pytest.raises(Problem) as caught:
        data_integrity.verify(secured, suites, keys, expect)
    return caught.value.code


def test_the_official_proof_verifies_with_its_hashes(keys: Resolver, expect: Expectation) -> None:
    secured = strict_json.read_object(CASE["signed"])
    suites = legacy_suites(CONFORMANCE)
    verified = data_integrity.verify(secured, suites, keys, expect)
    assert [proof.cryptosuite for proof in verified.proofs] == ["Ed25519Signature2020"]
    proof = secured.pop("proof")
    assert isinstance(proof, dict)
    hashes = whole.hash_data(secured, proof, CONFORMANCE, "sha256").hex()
    assert hashes == CASE["proof_hash"] + CASE["document_hash"]


def test_the_restated_proof_is_the_official_one(vector: Callable[[str], JsonValue]) -> None:
    official = vector("vc-di-eddsa/Ed25519Signature2020/signedEdSig.json")
    assert strict_json.read(CASE["signed"]) == official


def test_a_credential_of_vcdm_1_1_verifies(old: Json, keys: Resolver, expect: Expectation) -> None:
    assert data_integrity.verify(signed(old), ACCEPTED, keys, expect).document == old


def test_it_is_accepted_only_by_whoever_says_so(old: Json, keys: Resolver, expect: Expectation) -> None:
    assert code(signed(old), keys, expect, SUITES) == "proof.type_unknown"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"type": "Ed25519Signature2018"}, "proof.type_unknown"),
        ({"type": "eddsa-rdfc-2022"}, "proof.type_unknown"),
        ({"type": "DataIntegrityProof"}, "proof.cryptosuite_missing"),
        ({"type": "DataIntegrityProof", "cryptosuite": "Ed25519Signature2020"}, "proof.cryptosuite"),
        ({"created": "2026-10-02T00:00:00Z"}, "signature.invalid"),
        ({"created": "2027-10-02T00:00:00Z"}, "proof.created_in_future"),
        ({"proofPurpose": "authentication"}, "proof.purpose"),
        ({"jws": "e30..AAAA"}, "proof.member_unknown"),
        ({"proofValue": "z" + "1" * 64}, "signature.invalid"),
    ],
    ids=str,
)
def test_a_changed_proof_does_not_verify(
    old: Json, keys: Resolver, expect: Expectation, change: Json, expected: str
) -> None:
    secured = signed(old)
    assert isinstance(secured["proof"], dict)
    secured["proof"] |= change
    assert code(secured, keys, expect) == expected


@pytest.mark.parametrize("member", ["issuer", "issuanceDate", "credentialSubject"])
def test_a_changed_document_does_not_verify(
    old: Json, keys: Resolver, expect: Expectation, member: str
) -> None:
    secured = copy.deepcopy(signed(old))
    secured[member] = {"issuanceDate": "2026-10-03T00:00:00Z"}.get(member, {"id": "did:example:autre"})
    assert code(secured, keys, expect) == "signature.invalid"


def test_a_term_of_the_newer_kind_in_it_would_be_dropped(
    old: Json, keys: Resolver, expect: Expectation
) -> None:
    secured = signed(old)
    assert isinstance(secured["proof"], dict)
    secured["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    assert code(secured, keys, expect).startswith(("rdf.", "jsonld."))


def test_another_kind_of_key_does_not_sign_with_it(old: Json, keys: Resolver, expect: Expectation) -> None:
    stranger = LocalSigner.from_secret("P-256", bytes([2]) * 32)
    assert code(signed(old, stranger), keys, expect) == "proof.key_type"


def test_without_its_context_it_means_nothing(old: Json, keys: Resolver, expect: Expectation) -> None:
    secured = signed(old)
    secured["@context"] = [V1]
    assert code(secured, keys, expect).startswith("rdf.")


def test_nothing_is_ever_issued_with_it() -> None:
    for suite in legacy_suites().values():
        assert isinstance(suite, LegacySuite)
        assert not hasattr(suite, "create_proof")
    assert not any(isinstance(suite, LegacySuite) for suite in SUITES.values())
    assert not SUITES.keys() & legacy_suites().keys()


def test_the_suites_of_the_product_are_no_legacy(official: dict[str, Cryptosuite]) -> None:
    assert not any(isinstance(suite, LegacySuite) for suite in official.values())
