"""Presentations in tokens of VCDM 1.1, as the test-suites of others send them: for their signature alone."""

import datetime as dt

import pytest

from boundary.sources import Nowhere
from boundary.strict_json import write
from contexts import CONFORMANCE
from keys.dids.resolve import resolver
from keys.local import LocalSigner
from proofs import jose, jws, suites
from verifier.policy import Policy, Question
from verifier.verify import Verifier

V2 = "https://www.w3.org/ns/credentials/v2"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
ISSUER, HOLDER, OTHER = (LocalSigner.generate(kind) for kind in ("P-256", "Ed25519", "Ed25519"))


def did(signer):
    return signer.verification_method.partition("#")[0]


CREDENTIAL = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": did(ISSUER),
    "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
}


def envelope(kind, token, media_type="application/jwt"):
    return {"@context": V2, "type": f"EnvelopedVerifiable{kind}", "id": f"data:{media_type},{token}"}


def credential(signer=ISSUER, header=None, **changes):
    claims = {"iss": did(signer), "sub": "did:example:alice", "vc": CREDENTIAL, **changes}
    return jws.sign({"typ": "JWT", "kid": signer.verification_method} | (header or {}), claims, signer)


def presentation(signer=HOLDER, header=None, document=None, **changes):
    document = document or {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did(HOLDER),
        "verifiableCredential": [envelope("Credential", credential())],
    }
    claims = {"iss": did(HOLDER), "aud": "example.com", "nonce": "123456789", "vp": document, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jws.sign({"typ": "JWT", "kid": signer.verification_method} | (header or {}), claims, signer)


def report(document, question=None, *, proof_only=True):
    policy = Policy(question=question, proof_only=proof_only)
    verifier = Verifier(policy, suites(CONFORMANCE), resolver(), Nowhere())
    return verifier.verify(write(document).encode(), NOW)


def codes(found):
    steps = [*found.steps, *(step for line in found.credentials for step in line.steps)]
    return {step.code for step in steps if step.outcome == "failed"}


@pytest.mark.parametrize(
    "question",
    [None, Question("", "123456789"), Question("example.com", ""), Question("example.com", "123456789")],
    ids=["nothing asked", "nonce", "audience", "both"],
)
def test_the_signatures_are_looked_at(question):
    found = report(envelope("Presentation", presentation()), question)
    assert found.verified, codes(found)
    (line,) = found.credentials
    assert {step.code for step in line.steps} == {"integrity.intact", "issuer.not_checked"}


def test_a_credential_alone():
    assert report(envelope("Credential", credential())).verified
    head, body, tail = credential().split(".")
    assert not report(envelope("Credential", f"{head}.{body}.{tail[:-4]}AAAA")).verified


def test_a_newer_token_may_call_itself_a_token():
    """``application/jwt`` says nothing that its header would not say better."""
    token = jose.secure("vc+jwt", CREDENTIAL, {}, ISSUER)
    assert report(envelope("Credential", token)).verified
    assert not report(envelope("Presentation", token)).verified


BAD = {
    "another nonce": ({"question": Question("", "0")}, {"kb.other_nonce"}),
    "another audience": ({"question": Question("https://other.example", "")}, {"kb.other_audience"}),
    "asked of nobody": ({"question": Question("example.com", ""), "aud": None}, {"kb.other_audience"}),
    "signed by another": ({"signer": OTHER}, {"sdjwt.issuer_key_mismatch"}),
    "said by another": ({"iss": did(OTHER)}, {"sdjwt.issuer_key_mismatch"}),
    "held by another": (
        {"document": {"@context": [V2], "type": ["VerifiablePresentation"], "holder": did(OTHER)}},
        {"kb.other_holder"},
    ),
    "no document": ({"vp": None}, {"shape.object_expected"}),
    "no presentation": ({"vp": CREDENTIAL}, {"model.not_a"}),
    "expired": ({"exp": 1_700_000_000}, {"sdjwt.expired"}),
    "of no type": ({"header": {"typ": "JOSE"}}, {"jose.wrong_typ"}),
    "a key of one's own": ({"header": {"jwk": {"kty": "OKP"}}}, {"jose.untrusted_key"}),
}


@pytest.mark.parametrize("defect", BAD)
def test_what_does_not_hold(defect):
    changes, expected = BAD[defect]
    question = changes.get("question")
    token = presentation(**{name: value for name, value in changes.items() if name != "question"})
    found = report(envelope("Presentation", token), question)
    assert not found.verified
    assert codes(found) & expected, codes(found)


def test_what_it_holds_is_looked_at_too():
    forged = credential(signer=OTHER, iss=did(ISSUER))
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [envelope("Credential", forged)],
    }
    assert not report(envelope("Presentation", presentation(document=document))).verified


def test_nobody_relies_on_one():
    """VC-JOSE-COSE §3.1.3: what a token says in ``vp`` is not what it says."""
    found = report(envelope("Presentation", presentation()), proof_only=False)
    assert codes(found) == {"jose.nested_document"}


@pytest.mark.parametrize("question", [Question("", "n-2"), Question("https://other.example", "")])
def test_a_newer_presentation_for_somebody_else_even_if_the_signature_is_all_that_is_asked(question):
    document = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": did(HOLDER)}
    claims = {"aud": "https://recruteur.example", "nonce": "n-1", "iat": int(NOW.timestamp())}
    token = jose.secure("vp+jwt", document, claims, HOLDER)
    held = envelope("Presentation", token, "application/vp+jwt")
    assert not codes(report(held, Question("https://recruteur.example", "n-1")))
    assert codes(report(held, question)) <= {"kb.other_nonce", "kb.other_audience"}
    assert codes(report(held, question))
