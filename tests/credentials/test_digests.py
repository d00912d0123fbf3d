"""Protects: a digest names one credential, whatever is shown of it, and no more than was signed."""

import copy
import datetime as dt
import hashlib

import pytest

from boundary import base64url
from credentials import digests
from credentials.items import items_ld, items_sd, mandatory_pointers, selective_paths
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from problems import MalformedValueError, ProofVerificationError
from proofs import SUITES, data_integrity, sd_jwt
from proofs.data_integrity import Expectation
from proofs.ecdsa_sd_2023 import EcdsaSd2023
from proofs.suite import ProofOptions

_SIGNER = LocalSigner.from_secret("P-256", b"\x11" * 32)


def _secured(example, suite="ecdsa-sd-2023"):
    options = ProofOptions(mandatory=mandatory_pointers(example.template, example.ld))
    return data_integrity.add_proof(example.ld, SUITES[suite], options, _SIGNER)


def test_the_form_of_a_digest():
    """A multihash of SHA-256 in base64url."""
    digest = digests.multihash(b"x")
    assert digest.startswith("uEi")
    assert base64url.decode(digest[1:]) == b"\x12\x20" + hashlib.sha256(b"x").digest()


def test_the_digest_of_a_whole_document_is_that_of_the_endorsement_example(examples):
    """Restated from our model: the digest that the endorsement example carries."""
    stated = examples["endorsement"].ld["credentialSubject"]["endorsedDigest"][0]["digestMultibase"]
    assert digests.of_document(examples["declared-experience"].ld) == stated


def test_a_proof_does_not_change_the_digest_of_a_document(examples):
    example = examples["declared-experience"]
    secured = _secured(example, "ecdsa-rdfc-2019")
    assert "proof" in secured
    assert digests.of_document(secured) == digests.of_document(example.ld)
    assert digests.of_json_ld(secured) == (("jcs-unsecured", digests.of_document(example.ld)),)


def test_the_order_of_members_does_not_change_it_and_a_value_does(examples):
    document = examples["declared-experience"].ld
    assert digests.of_document(dict(reversed(document.items()))) == digests.of_document(document)
    assert digests.of_document(document | {"name": "Autre"}) != digests.of_document(document)


def test_derivation_does_not_change_the_digest_of_a_base_signature(examples):
    example = examples["block"]
    secured = _secured(example)
    for item in items_ld(example.template, example.ld)[:2]:
        derived = data_integrity.derive(secured, SUITES, item.pointers)
        assert digests.of_base_signature(derived) == digests.of_base_signature(secured)
        assert digests.of_json_ld(derived) == digests.of_json_ld(secured)
    assert [over for over, _ in digests.of_json_ld(secured)] == ["di-base-signature"]


def test_each_issuance_has_a_base_signature_of_its_own(examples):
    assert digests.of_base_signature(_secured(examples["block"])) != digests.of_base_signature(
        _secured(examples["block"])
    )


def test_presentation_does_not_change_the_digest_of_an_sd_jwt(examples):
    example = examples["declared-experience"]
    signer = LocalSigner.generate("P-256", f"{example.sd['iss']}#key")
    text = sd_jwt.issue(example.sd, selective_paths(example.template, example.sd), signer)
    for item in items_sd(example.template, example.sd)[:3]:
        shown = sd_jwt.present(text, item.paths)
        assert digests.of_sd_jwt(shown) == digests.of_sd_jwt(text)
        assert digests.of_sd_jwt_part(sd_jwt.parse(shown)) == (
            ("sd-jwt-issuer-jwt", digests.of_sd_jwt(text)),
        )


def test_a_set_of_proofs_is_named_both_ways(examples):
    secured = _secured(examples["block"])
    both = data_integrity.add_proof(secured, SUITES["ecdsa-rdfc-2019"], ProofOptions(), _SIGNER)
    assert [over for over, _ in digests.of_json_ld(both)] == ["jcs-unsecured", "di-base-signature"]


def test_the_name_of_an_sd_jwt():
    """RFC 6920: the digest itself, without multihash header."""
    assert digests.name_of(digests.multihash(b"Hello World!")) == (
        "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    )


@pytest.mark.parametrize(
    ("proof", "problem"),
    [
        (None, MalformedValueError),
        ([], MalformedValueError),
        ({"cryptosuite": "eddsa-rdfc-2022", "proofValue": "z3"}, MalformedValueError),
        ({"cryptosuite": "ecdsa-sd-2023"}, MalformedValueError),
        ({"cryptosuite": "ecdsa-sd-2023", "proofValue": 7}, MalformedValueError),
        ([{"cryptosuite": "ecdsa-sd-2023", "proofValue": "u2V0A"}] * 2, MalformedValueError),
        ({"cryptosuite": "ecdsa-sd-2023", "proofValue": "u2V0A"}, ProofVerificationError),
        ({"cryptosuite": "ecdsa-sd-2023", "proofValue": "z2V0A"}, ProofVerificationError),
        ({"cryptosuite": "ecdsa-sd-2023", "proofValue": ""}, ProofVerificationError),
    ],
)
def test_no_base_signature(proof, problem):
    with pytest.raises(problem):
        digests.of_base_signature({"proof": proof})


def test_a_number_without_canonical_form():
    with pytest.raises(MalformedValueError) as caught:
        digests.of_document({"x": 2**60})
    assert caught.value.code == "digest.no_canonical_form"


@pytest.mark.parametrize(
    ("over", "issuer", "subject", "binds"),
    [
        ("sd-jwt-issuer-jwt", "did:key:zA", "did:key:zA", True),
        ("jcs-unsecured", "did:key:zA", "did:key:zA", True),
        ("di-base-signature", "did:web:a.example", "did:key:zA", True),
        ("di-base-signature", "did:key:zA", "did:key:zA", False),
        ("disclosed-content", "did:web:a.example", "did:key:zA", False),
    ],
)
def test_acceptable(over, issuer, subject, binds):
    assert digests.acceptable(over, issuer, subject) is binds


def test_why_a_base_signature_names_nothing_that_the_holder_issued(copy_of):
    """Whoever kept the one-time key swaps a statement under the same base signature, and it verifies."""
    example = copy_of("declared-experience")
    kept, issuer = LocalSigner.generate("P-256"), LocalSigner.generate("P-256")
    suite = EcdsaSd2023(random=lambda size: b"\x01" * size, proof_key=lambda: kept)
    options = ProofOptions(
        created="2026-10-01T00:00:00Z", mandatory=mandatory_pointers(example.template, example.ld)
    )
    honest = data_integrity.add_proof(example.ld, suite, options, issuer)
    forged = copy.deepcopy(example.ld)
    forged["credentialSubject"]["skill"][0]["level"] = "4"
    forged = data_integrity.add_proof(forged, suite, options, issuer)
    shown = data_integrity.derive(forged, SUITES, ["/credentialSubject/skill/0"])
    expectation = Expectation("assertionMethod", dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    verified = data_integrity.verify(shown, SUITES, resolver(), expectation)
    assert verified.document["credentialSubject"]["skill"][0]["level"] == "4"
    assert digests.of_base_signature(shown) == digests.of_base_signature(honest)
    assert not digests.acceptable(
        "di-base-signature", example.ld["issuer"]["id"], example.ld["credentialSubject"]["id"]
    )


def test_a_credential_whose_presentations_do_not_link_has_no_digest(examples):
    """Whatever named it would be the same in each presentation, and so link them."""
    example, signer = examples["block"], LocalSigner.from_secret("Bls12381G2", b"\x11" * 32)
    options = ProofOptions(mandatory=mandatory_pointers(example.template, example.ld))
    secured = data_integrity.add_proof(example.ld, SUITES["bbs-2023"], options, signer)
    assert digests.of_json_ld(secured) == ()
    assert digests.of_json_ld(data_integrity.derive(secured, SUITES, [])) == ()
    with pytest.raises(MalformedValueError, match=r"digest\.no_base_signature"):
        digests.of_base_signature(secured)
