"""Signing VCDM documents as tokens: what comes out verifies, and what nobody can rely on never comes out."""

import pytest

from boundary.strict_json import Json
from keys.local import LocalSigner
from problems import DataLossError, Problem, ProofGenerationError, ProofVerificationError
from proofs import jose, jws, sd_jwt
from proofs.jose.envelope import CLAIMS

WHOLE, SELECTIVE = "vc+jwt", "vc+sd-jwt"
NEVER = [
    "@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema",
    "relatedResource", "termsOfUse",
]  # fmt: skip


@pytest.mark.parametrize("algorithm", ["P-256", "P-384", "Ed25519"])
@pytest.mark.parametrize("form", [WHOLE, SELECTIVE])
def test_what_was_secured_verifies(parties, form, algorithm):
    signer = LocalSigner.generate(algorithm)
    document = {**parties.credential, "issuer": parties.did(signer)}
    text = jose.secure(form, document, {"iat": parties.at(0), **parties.cnf}, signer)
    verified = parties.verify(form, text)
    assert verified.document == document
    assert verified.claims == {"iat": parties.at(0), **parties.cnf}
    assert verified.key.verification_method == signer.verification_method
    header = jws.parse(verified.issuer_jwt).header
    assert header == {
        "typ": form,
        "cty": "vc",
        "kid": signer.verification_method,
        "alg": {"P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}[algorithm],
    }


@pytest.mark.parametrize("form", ["vp+jwt", "vp+sd-jwt"])
def test_a_presentation_says_so(parties, form):
    text = jose.secure(form, parties.presentation, parties.claims(), parties.holder)
    verified = parties.verify_presentation(form, text)
    assert verified.document == parties.presentation
    assert verified.holder.audience == parties.audience
    assert jws.parse(text.partition("~")[0]).header["cty"] == "vp"


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_a_document_has_no_claims_of_the_token(parties, name):
    """Some of them are words of the VCDM context: they would pass for the issuer's own."""
    with pytest.raises(ProofGenerationError, match=r"jose\.claim_in_document"):
        jose.secure(WHOLE, {**parties.credential, name: "x"}, {}, parties.issuer)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"undefined": "x"}, DataLossError),
        ({"undefinedObject": {"type": "Nothing"}}, DataLossError),
        ({"type": ["VerifiableCredential", "NoSuchType"]}, DataLossError),
        ({"vc": {}}, ProofVerificationError),
        ({"vp": {}}, ProofVerificationError),
        ({"proof": {"type": "DataIntegrityProof"}}, ProofVerificationError),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", {"x": "https://x.example/"}]}, Problem),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", "https://unknown.example/v1"]}, Problem),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", [WHOLE, SELECTIVE])
def test_what_json_ld_would_drop_is_never_signed(parties, form, change, problem):
    with pytest.raises(problem):
        jose.secure(form, {**parties.credential, **change}, {}, parties.issuer)


@pytest.mark.parametrize("name", NEVER)
def test_what_verification_needs_is_never_hidden(parties, name):
    """VC-JOSE-COSE §3.2.1: hidden, they would take the credential's limits with them."""
    more: Json = {
        "validUntil": "2030-01-01T00:00:00Z",
        "credentialStatus": {"type": "BitstringStatusListEntry"},
        "credentialSchema": {"id": "https://x.example/s", "type": "JsonSchema"},
        "relatedResource": {"id": "https://x.example/r", "digestMultibase": "uAAAA"},
        "termsOfUse": {"type": "TermsOfUse"},
    }
    document = {**parties.credential, **({name: more[name]} if name in more else {})}
    if name == "termsOfUse":
        document["termsOfUse"] = {"id": "https://x.example/t", "type": "Profile"}
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
        jose.secure(SELECTIVE, document, {}, parties.issuer, selective=[(name,)])


@pytest.mark.parametrize("claim", ["iat", "cnf", "exp", "aud", "status"])
def test_nor_is_what_the_token_says_of_itself(parties, claim):
    claims = {claim: {"jwk": parties.cnf["cnf"]["jwk"]} if claim == "cnf" else parties.at(0)}
    with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
        jose.secure(SELECTIVE, parties.credential, claims, parties.issuer, selective=[(claim,)])


def test_nothing_is_left_out_of_a_presentation(parties):
    """What the holder put together, nobody else takes apart."""
    for path in [("verifiableCredential",), ("holder",), ("type", 0)]:
        with pytest.raises(ProofVerificationError, match=r"sdjwt\.claim_not_disclosable"):
            jose.secure("vp+sd-jwt", parties.presentation, {}, parties.holder, selective=[path])


def test_a_jwt_hides_nothing(parties):
    with pytest.raises(ProofGenerationError, match=r"sdjwt\.path_unknown"):
        jose.secure(WHOLE, parties.credential, {}, parties.issuer, selective=[("name",)])


def test_the_document_given_is_left_alone(parties):
    before = repr(parties.credential)
    jose.secure(SELECTIVE, parties.credential, {"iat": 1}, parties.issuer, selective=[("name",)])
    assert repr(parties.credential) == before


def test_what_is_hidden_is_not_in_the_signed_text(parties):
    paths = [
        ("credentialSubject", "givenName"),
        ("credentialSubject", "skill"),
        *(("credentialSubject", "skill", n) for n in range(3)),
    ]
    text = jose.secure(SELECTIVE, parties.credential, {}, parties.issuer, selective=paths)
    shown = sd_jwt.present(text, [("credentialSubject", "skill", 1)])
    subject = parties.verify(SELECTIVE, shown).document["credentialSubject"]
    assert "givenName" not in subject
    assert [skill["ref"] for skill in subject["skill"]] == ["s2"]
