"""Protects: what really comes out of ecdsa-sd-2023 keeps its schema and gives the same facts."""

import datetime as dt

import pytest

from credentials.facts import facts_ld
from credentials.items import items_ld, mandatory_pointers
from credentials.schemas import check_shown
from keys.dids.key import did
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from problems import MalformedValueError
from proofs import SUITES, data_integrity
from proofs.data_integrity import Expectation
from proofs.suite import ProofOptions

_SIGNER = LocalSigner.from_secret("P-256", b"\x11" * 32)
_EXPECTED = Expectation("assertionMethod", dt.datetime(2026, 11, 21, tzinfo=dt.UTC))


@pytest.fixture
def secured(example):
    if not example.template.selective_ld:
        pytest.skip("secured as a whole")
    return _secured(example)


def _secured(example):
    example.ld["issuer"]["id"] = did(_SIGNER.public_key)
    options = ProofOptions(mandatory=mandatory_pointers(example.template, example.ld))
    return data_integrity.add_proof(example.ld, SUITES["ecdsa-sd-2023"], options, _SIGNER)


def _shown(secured, pointers):
    derived = data_integrity.derive(secured, SUITES, pointers)
    return data_integrity.verify(derived, SUITES, resolver(), _EXPECTED).document


def test_everything_and_the_last_item_alone(example, secured):
    items = items_ld(example.template, example.ld)
    for chosen in (items, items[-1:]):
        document = _shown(secured, [pointer for item in chosen for pointer in item.pointers])
        check_shown(document)
        assert facts_ld(document) == facts_ld(example.show_ld([item.id for item in chosen]))


# The three half items of our model: cryptography accepts them, the schema of what was shown does not.
_HALVES = {
    "an adjusted skill without the level that was observed": (
        "endorsement",
        [
            f"/credentialSubject/endorsedSkill/1/{member}"
            for member in ("ref", "name", "framework", "code", "verdict", "level", "levelScale", "narrative")
        ],
    ),
    "a job that starts and does not end": ("skill", ["/credentialSubject/experience/startDate"]),
    "a language level without the part of the test": (
        "rs-certification",
        [f"/credentialSubject/result/2/{member}" for member in ("value", "name", "resultScale")],
    ),
}


@pytest.mark.parametrize("half", _HALVES)
def test_half_an_item_verifies_and_is_refused(copy_of, half):
    name, pointers = _HALVES[half]
    document = _shown(_secured(copy_of(name)), pointers)
    with pytest.raises(MalformedValueError) as caught:
        check_shown(document)
    assert caught.value.code == "schema.refused"
