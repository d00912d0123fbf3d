"""The issuer adds the status itself; a revocation is seen by whoever asks within a minute."""

import base64
import datetime as dt
import gzip

from passeport.serve.house import utc_now

VERIFY = "/verifiers/proof-only/credentials/verify"
CHECKED = {"checks": ["proof", "credentialStatus"]}


def plain(**changes):
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:alice"},
        **changes,
    }


def issued(client, at, **changes):
    answer = client.post(f"{at}/credentials/issue", json={"credential": plain(**changes)})
    assert answer.status_code == 201, answer.text
    return answer.json()["verifiableCredential"]


def set_status(client, at, name, purpose="revocation", **more):
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
    body = {"credentialId": name, "credentialStatus": entry, **more}
    return client.post(f"{at}/credentials/status", json=body)


def entry_for(secured, purpose):
    return next(one for one in secured["credentialStatus"] if one["statusPurpose"] == purpose)


def bit(client, entry):
    answer = client.get(entry["statusListCredential"])
    assert answer.status_code == 200, answer.text
    encoded = answer.json()["credentialSubject"]["encodedList"]
    data = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    index = int(entry["statusListIndex"])
    return data[index // 8] >> (7 - index % 8) & 1


def after(client, **time):
    client.app.state.house.now = lambda: utc_now() + dt.timedelta(**time)


def verify(client, secured, options=CHECKED):
    return client.post(VERIFY, json={"verifiableCredential": secured, "options": options})


AT = "/issuers/conformance-status/eddsa-rdfc-2022"


def test_status_is_added_set_and_read(client):
    secured = issued(client, AT, id="urn:uuid:1")
    for entry in secured["credentialStatus"]:
        assert entry["statusListIndex"] == str(int(entry["statusListIndex"]))
        listed = client.get(entry["statusListCredential"])
        assert "json" in listed.headers["content-type"]
        assert listed.json()["credentialSubject"]["statusPurpose"] == entry["statusPurpose"]
        assert bit(client, entry) == 0
        assert verify(client, listed.json(), {"checks": ["proof"]}).status_code == 200
    assert verify(client, secured).status_code == 200
    assert set_status(client, AT, "urn:uuid:1").status_code == 200
    after(client, minutes=1)
    assert bit(client, entry_for(secured, "revocation")) == 1
    refused = verify(client, secured)
    assert (refused.status_code, refused.json()["code"]) == (400, "status.revoked")
    assert verify(client, secured, {"checks": ["proof"]}).status_code == 200


def test_a_suspension_ends_and_a_revocation_does_not(client):
    secured = issued(client, AT, id="urn:uuid:2")
    assert set_status(client, AT, "urn:uuid:2", "suspension").status_code == 200
    after(client, minutes=5)
    assert bit(client, entry_for(secured, "suspension")) == 1
    assert bit(client, entry_for(secured, "revocation")) == 0
    assert set_status(client, AT, "urn:uuid:2", "suspension", status=False).status_code == 200
    after(client, minutes=6)
    assert bit(client, entry_for(secured, "suspension")) == 0
    assert set_status(client, AT, "urn:uuid:2").status_code == 200
    assert set_status(client, AT, "urn:uuid:2", status=False).status_code == 409


def test_what_was_not_issued_here_has_no_status(client):
    assert set_status(client, AT, "urn:uuid:unknown").status_code == 404


def test_a_status_set_for_a_test_suite_is_seen_at_once(client):
    """Test-suites do not wait, and neither do they ask twice."""
    secured = issued(client, AT)
    entry = entry_for(secured, "revocation")
    assert bit(client, entry) == 0
    assert verify(client, secured).status_code == 200
    assert set_status(client, AT, secured["id"]).status_code == 200
    assert bit(client, entry) == 1
    assert verify(client, secured).status_code == 400
