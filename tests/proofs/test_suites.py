"""Suites that remember give what those that remember nothing give, and refuse what they refuse."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from boundary.strict_json import Json
from contexts import PRODUCT
from keys.local import LocalSigner
from keys.resolver import Resolver
from problems import Problem, ProofVerificationError
from proofs import GENERIC, SUITES, suites
from proofs.data_integrity import Expectation, add_proof, derive, verify
from proofs.rdf.shapes import Shapes
from proofs.selective.outline import Outlines
from proofs.suite import Cryptosuite, ProofOptions, SelectiveCryptosuite

MANDATORY = ("/issuer", "/validFrom")
REVEAL = ["/credentialSubject/skill/1", "/credentialSubject/givenName"]


@pytest.fixture
def remembering() -> Mapping[str, Cryptosuite]:
    return suites(PRODUCT, Shapes(PRODUCT, sightings=2), Outlines(PRODUCT))


def one_of_many(credential: Json, number: int) -> Json:
    one: Any = copy.deepcopy(credential)
    one["id"] = f"urn:uuid:0e4e1c1a-0000-4000-8000-{number:012}"
    one["credentialSubject"]["givenName"] = f'Camille "Fictive" {number}’'
    one["credentialSubject"]["skill"][1]["level"] = str(number % 4)
    return one


def shown(secured: Json, accepted: Mapping[str, Cryptosuite], suite: Cryptosuite) -> Json:
    return derive(secured, accepted, REVEAL) if isinstance(suite, SelectiveCryptosuite) else secured


def test_both_tables_hold_the_same_suites() -> None:
    assert list(SUITES) == list(GENERIC)
    for name, suite in SUITES.items():
        assert (suite.name, suite.algorithms) == (name, GENERIC[name].algorithms)


@pytest.mark.parametrize("name", GENERIC)
def test_what_one_made_the_other_verifies(
    name: str,
    credential: Json,
    signers: dict[str, LocalSigner],
    remembering: Mapping[str, Cryptosuite],
    keys: Resolver,
    expect: Expectation,
) -> None:
    signer = signers[next(iter(GENERIC[name].algorithms))]
    tables = (remembering, GENERIC)
    for number in range(6):
        document = one_of_many(credential, number)
        for made_by, checked_by in (tables, tables[::-1]):
            options = ProofOptions(created="2026-11-21T11:00:00Z", mandatory=MANDATORY)
            secured = add_proof(document, made_by[name], options, signer)
            presented = shown(secured, checked_by, checked_by[name])
            assert verify(presented, made_by, keys, expect) == verify(presented, checked_by, keys, expect)


def alterations(value: Any) -> list[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [found for key, item in items if key not in ("@context", "proof") for found in alterations(item)]
    return [(value, key) for key, item in items if isinstance(item, str) and key != "@context"] + inner


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023", "bbs-2023"])
def test_nothing_can_be_altered(
    name: str,
    credential: Json,
    signers: dict[str, LocalSigner],
    remembering: Mapping[str, Cryptosuite],
    keys: Resolver,
    expect: Expectation,
) -> None:
    """Once documents like it are known, a document is still verified in every text."""
    signer = signers[next(iter(GENERIC[name].algorithms))]
    options = ProofOptions(created="2026-11-21T11:00:00Z", mandatory=MANDATORY)
    secured = add_proof(credential, remembering[name], options, signer)
    presented = shown(secured, remembering, remembering[name])
    for _ in range(3):
        verify(presented, remembering, keys, expect)
    refused = 0
    for holder, key in alterations(presented):
        kept = holder[key]
        holder[key] = f"{kept}x"
        with pytest.raises(Problem):
            verify(presented, remembering, keys, expect)
        holder[key] = kept
        refused += 1
    assert refused > 10
    verify(presented, remembering, keys, expect)


def test_values_cannot_be_exchanged(
    credential: Json,
    signers: dict[str, LocalSigner],
    remembering: Mapping[str, Cryptosuite],
    keys: Resolver,
    expect: Expectation,
) -> None:
    """Each value is signed in its place."""
    secured = add_proof(credential, remembering["eddsa-rdfc-2022"], ProofOptions(), signers["Ed25519"])
    for _ in range(3):
        verify(secured, remembering, keys, expect)
    subject: Any = secured["credentialSubject"]
    subject["givenName"], subject["familyName"] = subject["familyName"], subject["givenName"]
    with pytest.raises(ProofVerificationError, match=r"signature\.invalid"):
        verify(secured, remembering, keys, expect)
