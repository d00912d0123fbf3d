"""What is the token's in a payload, what the document's; and by what a token is recognized."""

import pytest

from boundary import base64url
from problems import ParsingError, ProofVerificationError
from proofs import jose, sd_jwt
from proofs.jose.envelope import CLAIMS, split


def test_claims_and_document_are_told_apart():
    payload = {"type": ["VerifiableCredential"], "iat": 1, "name": "Titre", "cnf": {}}
    assert split(payload) == jose.Payload(
        {"type": ["VerifiableCredential"], "name": "Titre"}, {"iat": 1, "cnf": {}}
    )


def test_no_member_of_a_credential_is_taken_for_a_claim(parties):
    """Nor is what JSON-LD reads ever out of what a verifier checks."""
    assert CLAIMS.isdisjoint(parties.credential)
    assert split(parties.credential).document == parties.credential


@pytest.mark.parametrize("name", ["vc", "vp"])
def test_a_document_in_a_claim_is_refused(name):
    """VC-JOSE-COSE §3.1.3: the way of VCDM 1.1, in which two documents could contradict each other."""
    with pytest.raises(ProofVerificationError, match=r"jose\.nested_document"):
        split({"type": ["VerifiableCredential"], name: {}})


def test_a_proof_that_nobody_would_verify_is_refused():
    with pytest.raises(ProofVerificationError, match=r"jose\.proof_inside"):
        split({"type": ["VerifiableCredential"], "proof": {"type": "DataIntegrityProof"}})


@pytest.mark.parametrize("form", jose.FORMS)
def test_a_token_is_recognized_by_its_type(parties, mint, form):
    assert jose.peek(mint(form, parties.credential, parties.issuer)) == form


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + "~",
        lambda token: "." + token,
        lambda token: token.replace(token.split(".")[0], "e30"),
        lambda token: token.replace(token.split(".")[0], "!"),
        lambda token: token.replace(token.split(".")[0], base64url.encode(b'{"typ":["vc+jwt"]}')),
        lambda token: token.replace(token.split(".")[0], base64url.encode(b'{"typ":"VC+JWT"}')),
        lambda token: token.replace(token.split(".")[0], base64url.encode(b'{"typ":"dc+sd-jwt"}')),
        lambda _: "",
        lambda _: "é" * 10,
    ],
)
def test_nothing_else_is(parties, mint, change):
    """Whatever does not say plainly what it is goes the way of what is unknown."""
    assert jose.peek(change(mint("vc+jwt", parties.credential, parties.issuer))) is None


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt"])
def test_a_holder_reads_what_is_held(parties, form):
    selective = [("credentialSubject", "givenName")] if form == "vc+sd-jwt" else []
    text = jose.secure(form, parties.credential, parties.cnf, parties.issuer, selective=selective)
    assert jose.unverified(form, text) == jose.Payload(parties.credential, parties.cnf)


def test_what_is_cut_is_not_read(parties):
    text = jose.secure("vc+sd-jwt", parties.credential, {}, parties.issuer)
    with pytest.raises(ParsingError):
        sd_jwt.unverified(sd_jwt.parse(text[:-9]))
