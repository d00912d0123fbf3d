"""The instances for other people's test-suites: what those send, and what they must get."""

import copy
import datetime as dt
import json

import pytest
from starlette.testclient import TestClient

from contexts import CONFORMANCE
from issuer.vc_api import INSTANCES
from keys.local import LocalSigner
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service
from proofs import data_integrity, suites
from proofs.suite import ProofOptions

VERIFY = "/verifiers/proof-only/credentials/verify"
PRESENTED = "/verifiers/proof-only/presentations/verify"
DERIVE = "/verifiers/proof-only/credentials/derive"
V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
PLAIN = [name for name in INSTANCES if name not in SELECTIVE]


def verify(client, secured, options=..., at=VERIFY, member="verifiableCredential"):
    body = {member: secured} | ({} if options is ... else {"options": options})
    return client.post(at, json=body)


def assert_refused(answer, *codes):
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert told["verified"] is False
    assert told["problemDetails"][0]["code"] == told["code"]
    assert told["type"].startswith(("https://www.w3.org/", "https://w3id.org/security#", "urn:passeport:"))
    if codes:
        assert told["code"] in codes, told["code"]


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("options", [..., {}, {"checks": ["proof"]}, {"unknown": [1, {}]}])
def test_what_an_instance_issues_verifies(client, issue, name, options):
    secured = issue(name)
    assert verify(client, secured, options).status_code == 200
    assert verify(client, secured, options).json()["verified"] is True


@pytest.mark.parametrize("name", SELECTIVE)
@pytest.mark.parametrize("options", [..., {}, {"mandatoryPointers": ["/credentialSubject/alumniOf"]}])
def test_what_discloses_selectively_is_derived_and_verifies(client, issue, name, options):
    base = issue(name, options)
    assert base["proof"]["proofValue"].startswith("u")
    assert_refused(verify(client, base))
    answer = client.post(
        DERIVE,
        json={"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject/id"]}},
    )
    assert answer.status_code == 201, answer.text
    derived = answer.json()["verifiableCredential"]
    pointed = options is not ... and "mandatoryPointers" in options
    assert ("alumniOf" in derived["credentialSubject"]) == pointed
    assert "name" not in derived["credentialSubject"]
    assert verify(client, derived).status_code == 200
    derived["credentialSubject"]["id"] = "did:example:mallory"
    assert_refused(verify(client, derived))


@pytest.mark.parametrize("name", SELECTIVE)
@pytest.mark.parametrize("pointers", [["/nothing/there"], ["no-slash"], [1], "text", {}, None])
def test_a_pointer_to_nothing_is_an_error(client, name, pointers):
    body = {"credential": plain(), "options": {"mandatoryPointers": pointers}}
    answer = client.post(f"/issuers/conformance/{name}/credentials/issue", json=body)
    assert answer.status_code == 400, answer.text


def plain(**changes):
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:alice"},
        **changes,
    }


@pytest.mark.parametrize("name", [name for name in INSTANCES if "-jwt" not in name and "cose" not in name])
def test_the_proof_is_written_as_the_suite_says(issue, name):
    proof = issue(name)["proof"]
    assert proof["cryptosuite"] == INSTANCES[name].form.name
    assert proof["proofPurpose"] == "assertionMethod"
    assert proof["proofValue"][0] == ("u" if name in SELECTIVE or "mldsa" in name else "z")
    assert proof["verificationMethod"].startswith("did:key:")


@pytest.mark.parametrize("name", ["vc-jwt-p256", "vc-jwt-p384", "vc-sd-jwt-ed25519", "vc-cose-p256"])
def test_an_envelope_is_as_the_data_model_says(client, issue, name):
    secured = issue(name)
    assert secured["@context"] == V2
    assert secured["type"] == "EnvelopedVerifiableCredential"
    assert secured["id"].startswith(f"data:application/{INSTANCES[name].form.name}")
    for changes in (
        {"@context": []},
        {"@context": EXAMPLES},
        {"id": secured["id"].partition(",")[2]},
        {"type": "VerifiableCredential"},
        {"type": None},
        {"name": "added"},
    ):
        assert_refused(verify(client, {**secured, **changes}))


def test_a_credential_of_the_older_model_is_issued_with_the_context_that_defines_proofs(client):
    older = plain(**{"@context": [V1], "issuanceDate": "2026-01-01T00:00:00Z"})
    answer = client.post("/issuers/conformance/eddsa-rdfc-2022/credentials/issue", json={"credential": older})
    secured = answer.json()["verifiableCredential"]
    assert secured["@context"] == [V1, "https://w3id.org/security/data-integrity/v2"]
    assert verify(client, secured).status_code == 200


GOOD_CREDENTIALS = {
    "a type as URL": {"type": ["VerifiableCredential", "https://w.example/#Type"]},
    "a type as URL, before the others": {"type": ["https://w.example/#Type", "VerifiableCredential"]},
    "a service's type as URL": {"refreshService": {"type": "https://w.example/#Service", "id": "urn:a:b"}},
    "the digest that the W3C states": {
        "relatedResource": {"id": V2, "digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"}
    },
    "a context document in the place of a context": {
        "@context": [V2, {"@context": {"Own": "https://w.example/#Own"}}],
        "type": ["VerifiableCredential", "Own"],
    },
}


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-jcs-2019-p384", "vc-jwt-p256"])
@pytest.mark.parametrize("merit", GOOD_CREDENTIALS)
def test_what_the_data_model_allows_is_issued(client, name, merit):
    body = {"credential": plain(**GOOD_CREDENTIALS[merit])}
    answer = client.post(f"/issuers/conformance/{name}/credentials/issue", json=body)
    assert answer.status_code == 201, answer.text
    secured = answer.json()["verifiableCredential"]
    assert verify(client, secured, {"checks": ["proof"]}).status_code == 200


def test_a_status_that_is_looked_at_is_called_by_its_word(client, issue):
    """A type as URL would be passed over, and with it what was withdrawn."""
    entry = {"type": "https://www.w3.org/ns/credentials/status#BitstringStatusListEntry", "id": "urn:a:b"}
    body = {"credential": plain(credentialStatus=entry)}
    answer = client.post("/issuers/conformance/eddsa-rdfc-2022/credentials/issue", json=body)
    secured = answer.json()["verifiableCredential"]
    assert verify(client, secured, {"checks": ["proof"]}).status_code == 200
    assert_refused(verify(client, secured, {"checks": ["proof", "credentialStatus"]}), "spelling.type")


BAD_CREDENTIALS = {
    "v2 context not first": {"@context": [EXAMPLES, V2]},
    "no context": {"@context": None},
    "number as context": {"@context": [V2, 1]},
    "text as context": {"@context": [V2, "no url"]},
    "context that nobody knows": {"@context": [V2, "https://unknown.example/v1"]},
    "type that maps to nothing": {"type": ["VerifiableCredential", "UnknownType"]},
    "no type": {"type": None},
    "term that maps to nothing": {"unknownTerm": "x"},
    "id null": {"id": None},
    "id array": {"id": ["urn:a:b"]},
    "id no url": {"id": "no url"},
    "issuer null": {"issuer": None},
    "issuer array": {"issuer": ["did:example:a", "did:example:b"]},
    "issuer no url": {"issuer": "no url"},
    "issuer without id": {"issuer": {"name": "x"}},
    "no subject": {"credentialSubject": None},
    "empty subject": {"credentialSubject": {}},
    "empty subject in a list": {"credentialSubject": [{"id": "did:example:a"}, {}]},
    "subject id no url": {"credentialSubject": {"id": "no url"}},
    "status without type": {"credentialStatus": {"id": "urn:a:b"}},
    "status with two ids": {"credentialStatus": {"id": ["urn:a:b", "urn:c:d"], "type": "x"}},
    "evidence without type": {"evidence": {"id": "urn:a:b"}},
    "schema without id": {"credentialSchema": {"type": "JsonSchema"}},
    "language object with an extra key": {"name": {"@value": "x", "@language": "en", "url": "y"}},
    "date that is none": {"validFrom": "2026-01-01"},
    "ends before it begins": {"validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"},
    "related resource as text": {"relatedResource": "https://w.example/x"},
    "related resource without digest": {"relatedResource": {"id": "https://w.example/x"}},
    "protected term redefined": {"@context": [V2, {"type": "https://evil.example/type"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-jcs-2019-p384", "vc-jwt-p256"])
@pytest.mark.parametrize("defect", BAD_CREDENTIALS)
def test_what_the_data_model_forbids_is_not_issued(client, name, defect):
    body = {"credential": plain(**BAD_CREDENTIALS[defect])}
    answer = client.post(f"/issuers/conformance/{name}/credentials/issue", json=body)
    assert answer.status_code == 400, answer.text


def altered(secured, defect):
    changed = copy.deepcopy(secured)
    proof = changed["proof"]
    match defect:
        case "proof missing":
            del changed["proof"]
        case "proof null":
            changed["proof"] = None
        case "proof empty":
            changed["proof"] = []
        case "type missing" | "verificationMethod missing" | "proofPurpose missing" | "proofValue missing":
            del proof[defect.split()[0]]
        case "type unknown":
            proof["type"] = "UnknownProofType"
        case "cryptosuite unknown":
            proof["cryptosuite"] = "UnknownCryptosuite"
        case "purpose wrong":
            proof["proofPurpose"] = "invalidPurpose"
        case "method invalid":
            proof["verificationMethod"] = "did:key:invalidVm"
        case "value null":
            proof["proofValue"] = None
        case "value without header":
            proof["proofValue"] = proof["proofValue"][1:]
        case "created no date":
            proof["created"] = "invalidDate"
        case "previous proof missing":
            proof["previousProof"] = "urn:uuid:38329df9-2179-4f5b-a6fe-5ce2bb1ebd1d"
        case "term added":
            changed["undefinedTerm"] = "x"
        case "type added":
            changed["type"].append("UndefinedType")
        case "subject changed":
            changed["credentialSubject"]["name"] = "Mallory"
        case "context null":
            changed["@context"] = None
        case "second proof bad":
            changed["proof"] = [proof, {**proof, "created": "2020-01-01T00:00:00Z"}]
    return changed


DEFECTS = (
    "proof missing", "proof null", "proof empty", "type missing", "verificationMethod missing",
    "proofPurpose missing", "proofValue missing", "type unknown", "cryptosuite unknown", "purpose wrong",
    "method invalid", "value null", "value without header", "created no date", "previous proof missing",
    "term added", "type added", "subject changed", "context null", "second proof bad",
)  # fmt: skip


@pytest.mark.parametrize("name", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p384", "eddsa-jcs-2022"])
@pytest.mark.parametrize("defect", DEFECTS)
def test_what_a_verifier_must_refuse(client, issue, name, defect):
    secured = issue(name)
    assert_refused(verify(client, altered(secured, defect), {"checks": ["proof"]}))


@pytest.mark.parametrize(
    "options",
    [{"expectedProofPurpose": "authentication"}, {"domain": "domain.example"}, {"challenge": "1235abcd6789"}],
)
def test_a_proof_that_is_not_what_was_asked_for(client, issue, options):
    assert_refused(verify(client, issue(), {"checks": ["proof"], **options}))


def test_a_document_that_is_no_credential(client, issue):
    secured = issue()
    for member, at in (("verifiableCredential", VERIFY), ("verifiablePresentation", PRESENTED)):
        for wrong in ({**secured, "type": ["Person"]}, json.dumps(secured), [secured], None, 3, {}):
            answer = verify(client, wrong, at=at, member=member)
            assert answer.status_code == 400, answer.text
    wrapped = {"vp_token": {"a": [secured]}, "type": ["VerifiableCredential"]}
    assert verify(client, wrapped).status_code == 400


def test_what_was_signed_before_data_integrity(client):
    """From the VC-API's test-suite for verifiers (W3C CCG, mock-data/valid-vc-di.json): 1.1, and expired."""
    did = "did:key:z6MkiVQTYk3L2XKY6yg6MyeN2QLE5QkKcXByUeY1dkdiLx4j"
    secured = {
        "@context": [V1, "https://w3id.org/security/suites/ed25519-2020/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:key:z6MkhTNL7i2etLerDK8Acz5t528giE5KA4p75T6ka1E1D74r"},
        "id": "urn:uuid:797f719c-e4ac-4e9e-8da8-bc60a9c8ba91",
        "issuanceDate": "2022-03-31T19:21:25Z",
        "expirationDate": "2022-05-31T19:21:25Z",
        "issuer": did,
        "proof": {
            "type": "Ed25519Signature2020",
            "created": "2022-03-31T19:21:26Z",
            "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
            "proofPurpose": "assertionMethod",
            "proofValue": "z4ngCxM3oqs6Fxq4NcgzXT8XugTK92EeHxkux8CjdZwSb"
            "FqMZVDQqBJcXb3MUcfbDWzsCoDA3pYAYJDqYbCtMvXxz",
        },
    }
    asked = {"checks": ["proof"]}
    assert verify(client, secured, asked).status_code == 200
    assert verify(client, secured, asked, "/credentials/verify").status_code == 200
    assert_refused(verify(client, secured, at="/credentials/verify"))
    for defect in ("subject changed", "proof missing", "type missing", "purpose wrong", "value null"):
        assert_refused(verify(client, altered(secured, defect), asked))
    without = copy.deepcopy(secured)
    del without["proof"]["created"]
    assert_refused(verify(client, without, asked))


@pytest.mark.parametrize("media_type", ["jwt", "vc+jwt"])
def test_an_envelope_that_calls_its_content_a_token(client, issue, media_type):
    secured = issue("vc-jwt-p256")
    secured["id"] = secured["id"].replace("application/vc+jwt", f"application/{media_type}")
    assert verify(client, secured).status_code == 200
    secured["id"] = secured["id"][:-4] + "AAAA"
    assert_refused(verify(client, secured))


HOLDER = LocalSigner.generate("Ed25519")
HOLDER_DID = HOLDER.verification_method.partition("#")[0]


def presented(*credentials, signed=True, challenge="c-1", domain="vcdm.example", **changes):
    document = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER_DID,
        "verifiableCredential": list(credentials),
        **changes,
    }
    document = {name: value for name, value in document.items() if value not in (None, [])}
    if not signed:
        return document
    created = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    options = ProofOptions("authentication", created, challenge=challenge, domain=domain)
    return data_integrity.add_proof(document, suites(CONFORMANCE)["eddsa-rdfc-2022"], options, HOLDER)


def verify_presented(client, document, options=...):
    return verify(client, document, options, PRESENTED, "verifiablePresentation")


@pytest.mark.parametrize(
    "options",
    [..., {}, {"checks": []}, {"checks": ["proof"]}, {"challenge": "c-1"}, {"domain": "vcdm.example"},
     {"challenge": "c-1", "domain": "vcdm.example"}],
)  # fmt: skip
def test_presentations_with_and_without_options(client, issue, options):
    assert verify_presented(client, presented(issue()), options).status_code == 200
    assert verify_presented(client, presented(), options).status_code == 200
    assert verify_presented(client, presented(issue("vc-jwt-p256")), options).status_code == 200


def test_a_presentation_of_no_credentials_says_so_or_not(client):
    """The list may be left out or be empty: no signature tells the difference."""
    for name in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        document = presented() | {"verifiableCredential": []}
        del document["proof"]
        options = ProofOptions(
            "authentication", "2026-01-01T00:00:00Z", challenge="c-1", domain="vcdm.example"
        )
        secured = data_integrity.add_proof(document, suites(CONFORMANCE)[name], options, HOLDER)
        assert verify_presented(client, secured, {"challenge": "c-1"}).status_code == 200
        assert_refused(verify_presented(client, secured | {"type": ["VerifiablePresentation", "X"]}))


@pytest.mark.parametrize("options", [{"challenge": "c-2"}, {"domain": "other.example"}])
def test_a_presentation_for_somebody_else(client, issue, options):
    assert_refused(verify_presented(client, presented(issue()), options))


def test_a_presentation_without_signature_only_when_none_is_asked_for(client, issue):
    unsigned = presented(issue(), signed=False)
    assert verify_presented(client, unsigned, {"checks": []}).status_code == 200
    assert_refused(verify_presented(client, unsigned), "proof.missing")
    broken = presented(altered(issue(), "subject changed"), signed=False)
    assert_refused(verify_presented(client, broken, {"checks": []}))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": None},
        {"type": ["Person"]},
        {"@context": [EXAMPLES, V2]},
        {"holder": {"name": "x"}},
        {"holder": "no url"},
        {"verifiableCredential": ["https://credentials.example/1"]},
    ],
    ids=["no type", "other type", "context order", "holder without id", "holder no url", "credential as URL"],
)
def test_presentations_that_the_data_model_forbids(client, changes):
    unsigned = presented(signed=False, **changes)
    assert verify_presented(client, unsigned, {"checks": []}).status_code == 400


@pytest.mark.parametrize("holder", [HOLDER_DID, {"id": HOLDER_DID}], ids=["text", "object"])
def test_holder_as_text_or_object(client, holder):
    assert verify_presented(client, presented(holder=holder)).status_code == 200


def test_the_holders_own_word_names_the_holder(client):
    """A credential that only the presentation's signature secures (VCDM 2.0 §4.13.3)."""
    own = plain(issuer=HOLDER_DID)
    assert verify_presented(client, presented(own)).status_code == 200
    assert_refused(verify_presented(client, presented(own, holder=None)), "vc_api.not_holders_word")
    assert_refused(verify_presented(client, presented(own, holder="did:example:acme")))
    assert_refused(verify_presented(client, presented(plain(issuer="did:example:acme"))))


def test_every_worker_has_the_same_keys(client):
    home = client.app.state.house.settings.home
    other = House(Service(home=home))
    try:
        assert other.strangers.issuer.did("P-384") == next(
            one["id"]
            for one in client.get("/issuers/conformance").json()["issuers"]
            if one["keyType"] == "P-384"
        )
    finally:
        other.close()
    assert (home / "service" / "conformance.key").stat().st_mode & 0o777 == 0o600


def test_there_are_none_outside_development(tmp_path):
    for changes in ({"public_url": "https://passeport.example", "conformance": True}, {"conformance": False}):
        settings = Service(home=tmp_path, **changes)
        with TestClient(create_app(settings), base_url=settings.public_url) as client:
            assert client.get("/issuers/conformance").status_code == 404
            path = "/issuers/conformance/eddsa-rdfc-2022/credentials/issue"
            assert client.post(path, json={"credential": plain()}).status_code in (401, 404)
            assert not (tmp_path / "service" / "conformance.key").exists()
