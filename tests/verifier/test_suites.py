"""One verdict whatever the suite: what -jcs- signatures and chains of proofs can and cannot get past."""

import hashlib

import pytest

from boundary import base58btc, strict_json
from keys.local import LocalSigner
from proofs import SUITES, jcs
from proofs.data_integrity import add_proof
from proofs.suite import ProofOptions

LD = "application/vc"
CREATED = "2026-10-01T09:00:00Z"
FIRST = "urn:uuid:0e4e1c1a-0000-4000-8000-000000000001"
SUITES_BY_KEY = {
    "Ed25519": ("eddsa-jcs-2022", "eddsa-rdfc-2022"),
    "P-256": ("ecdsa-jcs-2019", "ecdsa-rdfc-2019"),
}


@pytest.fixture(params=SUITES_BY_KEY)
def issuer(request, town):
    """An organisation with a key of each type."""
    signer = LocalSigner.generate(request.param, "did:web:certificateur.example#key-1")
    return town.organisation("certificateur.example", "Centre des Trois-Fontaines (organisme fictif)", signer)


@pytest.fixture
def unsecured(issuer, town, person):
    """What a certifier says, its proof taken off; its status list is published."""
    if issuer.desk.signer.algorithm == "Ed25519":
        other = town.organisation("autre.example", "Autre centre (organisme fictif)")
        body = other.issue("certification", person.new_key())[LD]
        other.publish()
    else:
        body = issuer.issue("certification", person.new_key())[LD]
        issuer.publish()
    document = strict_json.read_object(body)
    del document["proof"]
    document["issuer"]["id"] = issuer.desk.did
    return document


def _sign(document, suite, signer, **options):
    return add_proof(document, SUITES[suite], ProofOptions(created=CREATED, **options), signer)


def _said(town, document):
    return town.said(town.one(strict_json.write(document)))


def _sign_by_hand(document, suite, signer):
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": CREATED,
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    hashes = [hashlib.sha256(jcs.canonical_json(part)).digest() for part in (config, document)]
    value = base58btc.encode(signer.sign(b"".join(hashes)))
    return {**document, "proof": {**config, "proofValue": value}}


def test_the_verdict_is_the_same_for_json_and_for_rdf(town, issuer, unsecured):
    signer = issuer.desk.signer
    json, rdf = (_said(town, _sign(unsecured, suite, signer)) for suite in SUITES_BY_KEY[signer.algorithm])
    assert json == rdf
    assert json["integrity"] == ("passed", "integrity.intact")
    assert json["issuer_key"][0] == "passed"


def test_what_no_context_defines_is_refused_though_the_issuer_signed_it(town, issuer, unsecured):
    """A member that one reader takes for a right and another has never heard of."""
    signer, subject = issuer.desk.signer, unsecured["credentialSubject"]
    suite = SUITES_BY_KEY[signer.algorithm][0]
    honest = _sign_by_hand(unsecured, suite, signer)
    assert _said(town, honest)["integrity"] == ("passed", "integrity.intact")
    for document in (
        {**unsecured, "accessLevel": "admin"},
        {**unsecured, "credentialSubject": {**subject, "accessLevel": "admin"}},
    ):
        line = town.one(strict_json.write(_sign_by_hand(document, suite, signer)))
        assert town.said(line) == {"integrity": ("failed", "rdf.undefined_term")}
        assert line.facts is None


def test_a_context_added_to_what_was_signed_changes_nothing(town, issuer, unsecured):
    signer = issuer.desk.signer
    secured = _sign(unsecured, SUITES_BY_KEY[signer.algorithm][0], signer)
    longer = {**secured, "@context": [*secured["@context"], "https://w3id.org/security/data-integrity/v2"]}
    assert _said(town, longer) == _said(town, secured)


@pytest.mark.parametrize("link", [0, 1])
def test_an_employer_may_sign_after_the_issuer_and_trust_stays_with_the_issuer(link, town, issuer, unsecured):
    signer = issuer.desk.signer
    secured = _sign(unsecured, SUITES_BY_KEY[signer.algorithm][link], signer, id=FIRST)
    alone = town.one(strict_json.write(secured))
    suite = SUITES_BY_KEY["P-256"][link]
    chained = _sign(secured, suite, town.employer.desk.signer, previous=[FIRST])
    line = town.one(strict_json.write(chained))
    assert town.said(line) == town.said(alone)
    assert line.opened.key.controller == issuer.desk.did
    cut = {**chained, "proof": chained["proof"][1]}
    assert _said(town, cut) == {"integrity": ("failed", "proof.previous_missing")}


def test_a_chain_that_the_issuer_did_not_sign_is_not_theirs(town, issuer, unsecured):
    """Strangers may vouch for one another as much as they like."""
    for signer, options in (
        (town.employer.desk.signer, {"id": FIRST}),
        (LocalSigner.generate("P-256"), {"previous": [FIRST]}),
    ):
        unsecured = _sign(unsecured, "ecdsa-jcs-2019", signer, **options)
    said = _said(town, unsecured)
    assert said["issuer_key"][0] == "failed"
