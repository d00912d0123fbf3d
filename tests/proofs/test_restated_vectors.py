"""One official case per suite, restated in ``tests/vectors`` for machines without the official files."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from boundary import strict_json
from boundary.strict_json import Json
from contexts import CONFORMANCE
from keys import multikey
from keys.local import LocalSigner
from keys.resolver import Resolver
from proofs import jcs, whole
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.rdf.canonical import Algorithm
from proofs.selective.group import canonicalize_and_group, hash_mandatory_nquads
from proofs.selective.labels import create_hmac_id_label_map_function
from proofs.suite import Cryptosuite, ProofOptions

VECTORS = Path(__file__).parents[1] / "vectors"


def _case(name: str) -> tuple[Mapping[str, str], Json]:
    case = tomllib.loads((VECTORS / f"{name}.toml").read_text("utf-8"))
    return case, strict_json.read_object(case["document"])


def _signer(secret: str) -> LocalSigner:
    return LocalSigner.from_secret(*multikey.decode_secret(secret))


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("eddsa_rdfc_2022", "sha256"),
        ("ecdsa_rdfc_2019_p256", "sha256"),
        ("ecdsa_rdfc_2019_p384", "sha384"),
        ("eddsa_jcs_2022", "sha256"),
        ("ecdsa_jcs_2019_p256", "sha256"),
        ("ecdsa_jcs_2019_p384", "sha384"),
    ],
)
def test_signed_whole(
    name: str,
    algorithm: Algorithm,
    official: dict[str, Cryptosuite],
    keys: Resolver,
    expect: Expectation,
) -> None:
    case, document = _case(name)
    options = ProofOptions(created=case["created"])
    secured = add_proof(document, official[case["cryptosuite"]], options, _signer(case["secret_key"]))
    proof = secured["proof"]
    assert isinstance(proof, dict)
    hash_data = jcs.hash_data if "jcs" in name else whole.hash_data
    hashes = hash_data(document, proof, CONFORMANCE, algorithm).hex()
    assert hashes == case["proof_hash"] + case["document_hash"]
    assert proof["proofValue"] == case["proof_value"]
    assert verify(secured, official, keys, expect).document == document


def test_signed_for_selective_disclosure(
    official: dict[str, Cryptosuite], keys: Resolver, expect: Expectation
) -> None:
    case, document = _case("ecdsa_sd_2023")
    hmac_key = bytes.fromhex(case["hmac_key"])
    suite = EcdsaSd2023(CONFORMANCE, lambda _: hmac_key, lambda: _signer(case["proof_secret_key"]))
    options = ProofOptions(created=case["created"], mandatory=case["mandatory"])
    base = add_proof(document, suite, options, _signer(case["secret_key"]))
    proof = base["proof"]
    assert isinstance(proof, dict)
    assert suite.proof_hash(document, proof).hex() == case["proof_hash"]
    factory = create_hmac_id_label_map_function(hmac_key)
    grouped = canonicalize_and_group(document, factory, {"mandatory": case["mandatory"]}, CONFORMANCE)
    mandatory = grouped.groups["mandatory"].matching.values()
    assert hash_mandatory_nquads(mandatory).hex() == case["mandatory_hash"]
    assert proof["proofValue"] == case["base_proof_value"]

    shown = derive(base, official, case["selective"])
    derived = shown["proof"]
    assert isinstance(derived, dict)
    assert derived["proofValue"] == case["derived_proof_value"]
    assert "SMITH" not in strict_json.write(verify(shown, official, keys, expect).document)
