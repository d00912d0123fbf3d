"""eddsa-rdfc-2022 and ecdsa-rdfc-2019 against the official vectors, every intermediate value."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from boundary.strict_json import Json, JsonValue
from contexts import CONFORMANCE
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem, ProofGenerationError, ProofVerificationError
from proofs import whole
from proofs.config import canonical_proof_config
from proofs.data_integrity import Expectation, add_proof, verify
from proofs.rdf import canonical_form
from proofs.rdf.canonical import Algorithm
from proofs.suite import Cryptosuite, ProofOptions

Vector = Callable[[str], JsonValue]
Load = Callable[[JsonValue], LocalSigner]


@dataclass(frozen=True)
class Case:
    """One folder of vectors; ``ending`` is what its file names end with."""

    folder: str
    ending: str
    unsigned: str
    pair: str
    suite: str
    hash: Algorithm = "sha256"

    def file(self, name: str, kind: str) -> str:
        return f"{self.folder}/{name}{self.ending}.{kind}"


_P256 = ("ECDSAP256", "vc-di-ecdsa/p256KeyPair.json", "ecdsa-rdfc-2019", "sha256")
_P384 = ("ECDSAP384", "vc-di-ecdsa/p384KeyPair.json", "ecdsa-rdfc-2019", "sha384")
_ED = ("DataInt", "vc-di-eddsa/keyPair.json", "eddsa-rdfc-2022", "sha256")


def _case(folder: str, unsigned: str, rest: tuple[str, str, str, Algorithm]) -> Case:
    ending, pair, suite, algorithm = rest
    return Case(folder, ending, unsigned, pair, suite, algorithm)


CASES = [
    _case("vc-di-eddsa/eddsa-rdfc-2022", "vc-di-eddsa/unsigned.json", _ED),
    _case("vc-di-eddsa/eddsa-rdfc-2022/employ", "vc-di-eddsa/employmentAuth.json", _ED),
    _case("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "vc-di-ecdsa/unsigned.json", _P256),
    _case("vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ", "vc-di-ecdsa/employmentAuth.json", _P256),
    _case("vc-di-ecdsa/ecdsa-rdfc-2019-p384", "vc-di-ecdsa/unsigned.json", _P384),
    _case("vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ", "vc-di-ecdsa/employmentAuth.json", _P384),
]
every_case = pytest.mark.parametrize("case", CASES, ids=[case.folder for case in CASES])


def _json(value: JsonValue) -> Json:
    assert isinstance(value, dict)
    return value


def _text(value: JsonValue) -> str:
    assert isinstance(value, str)
    return value.strip()


@every_case
def test_canonical_document(case: Case, vector: Vector) -> None:
    canonical = canonical_form(_json(vector(case.unsigned)), CONFORMANCE, algorithm=case.hash)
    assert canonical.text == vector(case.file("canonDoc", "txt"))


@every_case
def test_canonical_proof_configuration(case: Case, vector: Vector) -> None:
    config = _json(vector(case.file("proofConfig", "json")))
    document = _json(vector(case.unsigned))
    canonical = canonical_proof_config(document, config, CONFORMANCE, case.hash)
    assert canonical.text == vector(case.file("proofCanon", "txt"))


@every_case
def test_hashes(case: Case, vector: Vector) -> None:
    config = _json(vector(case.file("proofConfig", "json")))
    combined = whole.hash_data(_json(vector(case.unsigned)), config, CONFORMANCE, case.hash).hex()
    assert combined == _text(vector(case.file("combinedHash", "txt")))
    half = len(combined) // 2
    assert combined[:half] == _text(vector(case.file("proofHash", "txt")))
    assert combined[half:] == _text(vector(case.file("docHash", "txt")))


@every_case
def test_signature_bytes(case: Case, vector: Vector) -> None:
    signed = _json(vector(case.file("signed", "json")))
    signature = whole.proof_bytes(_json(signed["proof"]))
    assert signature.hex() == _text(vector(case.file("sigHex", "txt")))
    assert _json(signed["proof"])["proofValue"] == _text(vector(case.file("sigBTC58", "txt")))


@every_case
def test_signs_to_the_same_bytes(
    case: Case, vector: Vector, official: dict[str, Cryptosuite], official_signer: Load
) -> None:
    """Both signature schemes are deterministic here, so the whole secured document is reproduced."""
    config = _json(vector(case.file("proofConfig", "json")))
    options = ProofOptions(created=_text(config["created"]))
    signer = official_signer(vector(case.pair))
    secured = add_proof(_json(vector(case.unsigned)), official[case.suite], options, signer)
    assert secured == vector(case.file("signed", "json"))


@every_case
def test_verifies(
    case: Case, vector: Vector, official: dict[str, Cryptosuite], keys: Resolver, expect: Expectation
) -> None:
    verified = verify(_json(vector(case.file("signed", "json"))), official, keys, expect)
    assert verified.document == vector(case.unsigned)
    assert [proof.cryptosuite for proof in verified.proofs] == [case.suite]


@every_case
def test_the_vectors_lean_on_a_catch_all_vocabulary_that_the_product_refuses(
    case: Case, vector: Vector, accepted: dict[str, Cryptosuite], keys: Resolver, expect: Expectation
) -> None:
    with pytest.raises(Problem) as caught:
        verify(_json(vector(case.file("signed", "json"))), accepted, keys, expect)
    assert caught.value.code == "context.unknown"


@pytest.mark.parametrize(
    ("suite", "algorithm"),
    [("eddsa-rdfc-2022", "P-256"), ("ecdsa-rdfc-2019", "Ed25519")],
)
def test_refuses_to_sign_with_a_key_of_another_type(
    suite: str,
    algorithm: str,
    credential: Json,
    accepted: dict[str, Cryptosuite],
    signers: dict[str, LocalSigner],
) -> None:
    with pytest.raises(ProofGenerationError) as caught:
        accepted[suite].create_proof(credential, ProofOptions(), signers[algorithm])
    assert caught.value.code == "proof.signer_key_type"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        pytest.param(None, "proof.value", id="null"),
        pytest.param(7, "proof.value", id="number"),
        pytest.param("", "proof.value", id="empty"),
        pytest.param("2YwC8z3ap7yx", "proof.value_encoding", id="no multibase header"),
        pytest.param("u2YwC8z3ap7yx", "proof.value_encoding", id="header of base64url"),
        pytest.param("z2YwC8z3ap7yx\n", "proof.value_encoding", id="white space, which base58 forgives"),
        pytest.param("z0OIl", "proof.value_encoding", id="letters that base58 leaves out"),
        pytest.param("zé", "proof.value_encoding", id="not ASCII"),
        pytest.param("z" + "2" * 300, "proof.value_encoding", id="far too long"),
        pytest.param("z2YwC8z3ap7yx", "signature.length", id="too short"),
    ],
)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"])
def test_refuses_a_value_that_is_no_signature(
    suite: str,
    value: JsonValue,
    code: str,
    credential: Json,
    accepted: dict[str, Cryptosuite],
    signers: dict[str, LocalSigner],
    keys: Resolver,
    expect: Expectation,
) -> None:
    signer = signers["Ed25519" if suite.startswith("eddsa") else "P-256"]
    secured = add_proof(credential, accepted[suite], ProofOptions(), signer)
    secured["proof"] = {**_json(secured["proof"]), "proofValue": value}
    with pytest.raises(ProofVerificationError) as caught:
        verify(secured, accepted, keys, expect)
    assert caught.value.code == code
