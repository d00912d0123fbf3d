"""Protects: what a European wallet is told of a type is what the credentials of that type are."""

import pytest

from credentials.items import selective_paths
from credentials.metadata import type_metadata
from credentials.pointers import expand_path
from credentials.templates import load, names

_PROTOCOL = {"vct", "vct#integrity", "iss", "iat", "nbf", "exp", "cnf", "status", "sub"}


def _places(payload, claim):
    return expand_path(payload, ["*" if step is None else step for step in claim["path"]])


def test_claims_are_disclosable_as_told(example):
    disclosures = set(selective_paths(example.template, example.sd))
    for claim in type_metadata(example.template)["claims"]:
        for place in _places(example.sd, claim):
            assert (claim["sd"] == "always") == (place in disclosures)


def test_every_disclosure_and_every_open_claim_is_told(example):
    told = {
        place for claim in type_metadata(example.template)["claims"] for place in _places(example.sd, claim)
    }
    assert set(selective_paths(example.template, example.sd)) <= told
    assert example.sd.keys() - _PROTOCOL <= {place[0] for place in told}


def test_mandatory_claims_are_there(example):
    for claim in type_metadata(example.template)["claims"]:
        assert not claim.get("mandatory") or _places(example.sd, claim)


@pytest.mark.parametrize("name", names())
def test_labels_in_both_languages(name):
    document = type_metadata(load(name))
    assert document["vct"] == load(name).vct
    for shown in [document, *document["claims"]]:
        assert {entry["locale"] for entry in shown["display"]} == {"fr", "en"}
