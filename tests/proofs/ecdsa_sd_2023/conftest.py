"""What the tests of ecdsa-sd-2023 share."""

from collections.abc import Callable

import pytest

from boundary.strict_json import Json
from keys.local import LocalSigner
from proofs.data_integrity import add_proof, derive
from proofs.ecdsa_sd_2023.proof_value import (
    DerivedProof,
    parse_derived_proof_value,
    serialize_derived_proof_value,
)
from proofs.suite import Cryptosuite, ProofOptions

Rewrite = Callable[[DerivedProof], DerivedProof]


@pytest.fixture
def base(
    credential: Json, mandatory: list[str], accepted: dict[str, Cryptosuite], signers: dict[str, LocalSigner]
) -> Json:
    """The credential as its holder keeps it."""
    options = ProofOptions(created="2026-09-15T00:00:00Z", mandatory=mandatory)
    return add_proof(credential, accepted["ecdsa-sd-2023"], options, signers["P-256"])


@pytest.fixture
def shown(base: Json, accepted: dict[str, Cryptosuite]) -> Json:
    """The credential with a name and one skill shown."""
    return derive(base, accepted, ["/credentialSubject/givenName", "/credentialSubject/skill/1"])


@pytest.fixture
def parsed() -> Callable[[Json], DerivedProof]:
    def read(secured: Json) -> DerivedProof:
        proof = secured["proof"]
        assert isinstance(proof, dict)
        return parse_derived_proof_value(str(proof["proofValue"]))

    return read


@pytest.fixture
def rewritten(parsed: Callable[[Json], DerivedProof]) -> Callable[[Json, Rewrite], Json]:
    """Change what stands in a derived proof, leaving the rest."""

    def rewrite(secured: Json, change: Rewrite) -> Json:
        proof = secured["proof"]
        assert isinstance(proof, dict)
        value = serialize_derived_proof_value(change(parsed(secured)))
        return {**secured, "proof": {**proof, "proofValue": value}}

    return rewrite
