"""ML-DSA-44 proofs: what is signed is what the W3C draft's vectors sign, and each value has one spelling."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from boundary import base64url
from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys import multikey
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem, ProofGenerationError, ProofVerificationError
from proofs.data_integrity import Expectation, add_proof, verify
from proofs.mldsa44_jcs_2024 import Mldsa44Jcs2024
from proofs.mldsa44_rdfc_2024 import Mldsa44Rdfc2024
from proofs.suite import Cryptosuite, ProofOptions

Suites = dict[str, Cryptosuite]
Signers = dict[str, LocalSigner]

SUITES = ("mldsa44-rdfc-2024", "mldsa44-jcs-2024")
PUBLISHED = tomllib.loads((Path(__file__).parents[1] / "vectors/mldsa44_2024.toml").read_text("utf-8"))
every_suite = pytest.mark.parametrize("name", SUITES)


def an_object(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def test_the_published_key_is_read_and_written() -> None:
    key = multikey.decode(PUBLISHED["public_key"])
    assert (key.algorithm, len(key.raw)) == ("ML-DSA-44", 1312)
    assert multikey.encode(key) == PUBLISHED["public_key"]


@every_suite
def test_what_is_signed_is_what_the_vectors_sign(name: str, vector: Callable[[str], JsonValue]) -> None:
    suite = {one.name: one for one in (Mldsa44Rdfc2024(CONFORMANCE), Mldsa44Jcs2024(CONFORMANCE))}[name]
    proof: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": name,
        "created": PUBLISHED["created"],
        "verificationMethod": f"did:key:{PUBLISHED['public_key']}",
        "proofPurpose": "assertionMethod",
    }
    document = an_object(vector("vc-di-ecdsa/employmentAuth.json"))
    if "jcs" in name:  # as ours do; the published signed document leaves them out, its hash does not
        proof["@context"] = document["@context"]
    assert suite.hash_data(document, proof).hex() == PUBLISHED["hashes"][name]


@pytest.fixture
def secured(name: str, credential: Json, accepted: Suites, signers: Signers) -> Json:
    options = ProofOptions(created="2026-09-15T00:00:00Z")
    return add_proof(credential, accepted[name], options, signers["ML-DSA-44"])


@every_suite
def test_a_proof_value_is_base64url_behind_a_u(secured: Json) -> None:
    value = str(an_object(secured["proof"])["proofValue"])
    assert value.startswith("u")
    assert len(base64url.decode(value[1:])) == 2420


BENT: dict[str, tuple[Callable[[str], str], str]] = {
    "base58": (lambda value: "z" + value[1:], "proof.value_encoding"),
    "no base": (lambda value: value[1:], "proof.value_encoding"),
    "padding": (lambda value: value + "=", "proof.value_encoding"),
    "a line end": (lambda value: value + "\n", "proof.value_encoding"),
    "cut": (lambda value: value[:-4], "signature.length"),
    "longer": (lambda value: value + "AAAA", "signature.length"),
    "zeros": (lambda value: "u" + base64url.encode(bytes(2420)), "signature.invalid"),
    "a bit": (lambda value: value[:9] + ("A" if value[9] != "A" else "B") + value[10:], "signature.invalid"),
}


@every_suite
@pytest.mark.parametrize(("bend", "code"), BENT.values(), ids=BENT)
def test_a_bent_value_is_refused(
    secured: Json,
    bend: Callable[[str], str],
    code: str,
    accepted: Suites,
    keys: Resolver,
    expect: Expectation,
) -> None:
    proof = an_object(secured["proof"])
    bent = {**secured, "proof": {**proof, "proofValue": bend(str(proof["proofValue"]))}}
    with pytest.raises(Problem) as caught:
        verify(bent, accepted, keys, expect)
    assert caught.value.code == code
    verify(secured, accepted, keys, expect)


@every_suite
@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "Bls12381G2"])
def test_keys_of_other_kinds_neither_sign_nor_verify(
    secured: Json,
    name: str,
    algorithm: str,
    credential: Json,
    accepted: Suites,
    signers: Signers,
    keys: Resolver,
    expect: Expectation,
) -> None:
    with pytest.raises(ProofGenerationError, match=r"proof\.signer_key_type"):
        add_proof(credential, accepted[name], ProofOptions(), signers[algorithm])
    proof = {**an_object(secured["proof"]), "verificationMethod": signers[algorithm].verification_method}
    with pytest.raises(ProofVerificationError, match=r"proof\.key_type"):
        verify({**secured, "proof": proof}, accepted, keys, expect)


@every_suite
def test_what_no_context_defines_is_refused(
    name: str, credential: Json, accepted: Suites, signers: Signers
) -> None:
    with pytest.raises(Problem) as caught:
        add_proof({**credential, "loisirs": "voile"}, accepted[name], ProofOptions(), signers["ML-DSA-44"])
    assert caught.value.says("fr").what


@pytest.mark.parametrize("name", ["mldsa44-jcs-2024"])
def test_contexts_may_be_added_behind_those_of_a_json_proof(
    secured: Json, accepted: Suites, keys: Resolver, expect: Expectation
) -> None:
    """As the other -jcs- suites have it: such a context defines nothing of what was signed."""
    contexts = secured["@context"]
    assert isinstance(contexts, list)
    more = [*contexts, "https://w3id.org/security/data-integrity/v2"]
    assert verify({**secured, "@context": more}, accepted, keys, expect).document["@context"] == contexts
    with pytest.raises(ProofVerificationError, match=r"proof\.context"):
        verify({**secured, "@context": more[1:]}, accepted, keys, expect)
