"""An organisation's instances: credentials that were built elsewhere, in its name and its ledger."""

import json
from urllib.parse import quote

import pytest

from boundary import base58btc

V2 = "https://www.w3.org/ns/credentials/v2"
SHORT = base58btc.encode(b"\xed\x01" + bytes(31))
AT = "/issuers/centre/{}/credentials"


def built(**changes):
    """A credential with words of the base context alone: no catch-all vocabulary here."""
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:alice"},
        "name": "Attestation de présence",
        **changes,
    }


def issue(town, credential, name="ecdsa-rdfc-2019-p256", **body):
    return town.post(f"{AT.format(name)}/issue", json={"credential": credential, **body})


@pytest.mark.parametrize(
    "name", ["ecdsa-rdfc-2019-p256", "ecdsa-jcs-2019-p256", "vc-jwt-p256", "vc-sd-jwt-p256", "vc-cose-p256"]
)
def test_what_it_issues_verifies_in_full(town, name):
    answer = issue(town, built(), name)
    assert answer.status_code == 201, answer.text
    secured = answer.json()["verifiableCredential"]
    verified = town.post("/credentials/verify", json={"verifiableCredential": secured})
    assert verified.status_code == 200, verified.text
    steps = {step["step"]: step["outcome"] for step in verified.json()["credentials"][0]["steps"]}
    assert (steps["integrity"], steps["issuer_key"], steps["status"]) == ("passed",) * 3


def test_it_names_itself_and_a_place_in_its_lists(town):
    secured = issue(town, built()).json()["verifiableCredential"]
    assert secured["issuer"] == "did:web:certificateur.example"
    assert secured["id"].startswith("urn:uuid:")
    assert {entry["statusPurpose"] for entry in secured["credentialStatus"]} == {"revocation", "suspension"}
    assert all(isinstance(entry["statusListIndex"], str) for entry in secured["credentialStatus"])


def test_asked_again_it_gives_the_same(town):
    one = issue(town, built(id="urn:uuid:1")).json()
    assert issue(town, built(id="urn:uuid:1")).json() == one
    assert issue(town, built(id="urn:uuid:1", name="Autre chose")).status_code == 409


def test_withdrawn_by_its_name_here_or_by_its_own_id(town):
    """An award is known to its issuer by one name, and to whoever holds it by the id of the credential."""
    named = {"options": {"credentialId": "BTS-2024-001"}}
    secured = issue(town, built(), **named).json()["verifiableCredential"]
    assert issue(town, built(), **named).json()["verifiableCredential"] == secured
    other = issue(town, built(), "vc-jwt-p256", **named)
    assert other.status_code == 201, other.text

    def set_status(name, value):
        entry = {"type": "BitstringStatusListEntry", "statusPurpose": "suspension"}
        body = {"credentialId": name, "credentialStatus": entry, "status": value}
        return town.post(f"{AT.format('ecdsa-rdfc-2019-p256')}/status", json=body)

    ledger = town.app.state.house.organisations.get("centre").ledger
    assert secured["id"] in ledger.identify("BTS-2024-001")
    assert set_status(secured["id"], True).status_code == 200
    assert ledger.status("BTS-2024-001") == "suspended"
    assert set_status("BTS-2024-001", False).status_code == 200
    assert ledger.status("BTS-2024-001") == "valid"
    assert set_status("urn:uuid:00000000-0000-4000-8000-000000000000", True).status_code == 404


def test_derived_with_pointers(town):
    asked = {"mandatoryPointers": ["/issuer", "/credentialStatus"]}
    base = issue(town, built(), "ecdsa-sd-2023", options=asked).json()["verifiableCredential"]
    body = {"verifiableCredential": base, "options": {"selectivePointers": ["/name"]}}
    answer = town.post("/credentials/derive", json=body)
    assert answer.status_code == 201, answer.text
    derived = answer.json()["verifiableCredential"]
    assert derived["name"] == "Attestation de présence"
    only = {"verifiableCredential": derived, "options": {"checks": ["proof"]}}
    assert town.post("/verifiers/proof-only/credentials/verify", json=only).status_code == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"issuer": "did:web:autre.example"}, "ready.other_issuer"),
        ({"proof": {}}, "ready.already_secured"),
        ({"credentialStatus": {"type": "BitstringStatusListEntry"}}, "ready.already_secured"),
        ({"type": ["VerifiableCredential", "BitstringStatusListCredential"]}, "ready.not_of_a_person"),
        ({"@context": [V2, "https://www.w3.org/ns/credentials/examples/v2"]}, "context.unknown"),
        ({"unknown": "x"}, None),
        ({"id": None}, "model.url_expected"),
        ({"credentialSubject": None}, "model.no_subject"),
    ],
)
def test_what_an_organisation_never_signs(town, changes, code):
    answer = issue(town, built(**changes))
    assert answer.status_code == 400, answer.text
    assert code is None or answer.json()["code"] == code


def test_pointers_where_all_is_shown(town):
    answer = issue(town, built(), options={"mandatoryPointers": ["/issuer"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "vc_api.shows_everything")


def test_an_instance_without_key_or_name(town):
    assert issue(town, built(), "eddsa-rdfc-2022").status_code == 404
    assert issue(town, built(), "no-such-suite").status_code == 404
    assert issue(town, built(), "dc+sd-jwt").status_code == 404
    answer = town.post(f"{AT.format('ecdsa-sd-2023').replace('centre', 'nobody')}/issue", json={})
    assert answer.status_code == 404


def test_who_is_not_its_owner_may_not(town):
    for headers in ({"Origin": "https://elsewhere.example"}, {"Host": "rebound.example"}):
        for path in (
            f"{AT.format('ecdsa-rdfc-2019-p256')}/issue",
            "/credentials/verify",
            "/credentials/derive",
            f"{AT.format('ecdsa-rdfc-2019-p256')}/status",
        ):
            answer = town.post(path, json={"credential": built()}, headers=headers)
            assert answer.status_code == 401, path


def test_dids_are_resolved(town):
    did = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
    for written in (did, quote(did, safe="")):
        answer = town.get(f"/1.0/identifiers/{written}")
        assert answer.status_code == 200
        assert "json" in answer.headers["content-type"]
        result = answer.json()
        assert result["didDocument"]["id"] == did
        assert result["didDocument"]["verificationMethod"][0]["controller"] == did
        assert {"@context", "didDocumentMetadata", "didResolutionMetadata"} <= result.keys()
    found = town.get("/1.0/identifiers/did:web:certificateur.example").json()["didDocument"]
    assert found["assertionMethod"][0] == "did:web:certificateur.example#key-1"


@pytest.mark.parametrize(
    ("did", "error"),
    [
        ("key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:-v4:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b", "invalidDid"),
        ("did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b/path", "invalidDidUrl"),
        ("did:example:1", "methodNotSupported"),
        (f"did:key:{SHORT}", "invalidPublicKeyLength"),
        ("did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F", "unsupportedPublicKeyType"),
        ("did:web:192.168.0.1", "invalidDid"),
        ("did:web:unknown.invalid", "notFound"),
    ],
)
def test_dids_that_are_none(town, did, error):
    answer = town.get(f"/1.0/identifiers/{quote(did, safe='')}")
    assert 400 <= answer.status_code < 500, answer.text
    result = answer.json()
    said = "didDereferencingMetadata" if error == "invalidDidUrl" else "didResolutionMetadata"
    assert result[said]["error"] == error
    assert result["didDocument"] is None
    assert json.dumps(result).count("Traceback") == 0


def test_a_did_url_and_the_form_of_a_key(town):
    """What the did:key tests ask over HTTP: the options of the method as parameters, parts by DID URL."""
    did = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
    url = f"{did}#{did.removeprefix('did:key:')}"
    place = f"/1.0/identifiers/{quote(url, safe='')}"
    part = town.get(place).json()["didDocument"]
    assert (part["id"], part["controller"], part["type"]) == (url, did, "Multikey")
    asked = town.get(place, params={"publicKeyFormat": "JsonWebKey2020"}).json()["didDocument"]
    assert asked["publicKeyJwk"]["crv"] == "Ed25519"
    older = {"publicKeyFormat": "Ed25519VerificationKey2018", "enableExperimentalPublicKeyTypes": "false"}
    answer = town.get(place, params=older)
    assert answer.status_code == 400
    assert answer.json()["didDereferencingMetadata"]["error"] == "invalidPublicKeyType"
    answer = town.get(f"/1.0/identifiers/{quote(did, safe='')}", params={"publicKeyFormat": "unknown"})
    assert answer.status_code == 400
    assert answer.json()["didResolutionMetadata"]["error"] == "unsupportedPublicKeyType"
