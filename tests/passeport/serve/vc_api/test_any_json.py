"""Whatever JSON arrives, on whichever route: an answer that is no fault of ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROUTES = [
    "/issuers/conformance/eddsa-rdfc-2022/credentials/issue",
    "/issuers/conformance/ecdsa-sd-2023/credentials/issue",
    "/issuers/conformance/bbs-2023/credentials/issue",
    "/issuers/conformance/vc-sd-jwt-p256/credentials/issue",
    "/issuers/conformance/vc-cose-p384/credentials/issue",
    "/issuers/conformance-status/eddsa-jcs-2022/credentials/issue",
    "/issuers/conformance-status/eddsa-jcs-2022/credentials/status",
    "/issuers/nobody/eddsa-rdfc-2022/credentials/issue",
    "/credentials/derive",
    "/verifiers/proof-only/credentials/derive",
    "/credentials/verify",
    "/presentations/verify",
    "/verifiers/proof-only/credentials/verify",
    "/verifiers/proof-only/presentations/verify",
]
MEMBERS = (
    "credential", "verifiableCredential", "verifiablePresentation", "options", "credentialId",
    "credentialStatus", "status",
)  # fmt: skip
OPTIONS = (
    "mandatoryPointers", "selectivePointers", "checks", "challenge", "domain", "expectedProofPurpose",
    "credentialId",
)  # fmt: skip
TERMS = (
    "@context", "id", "type", "issuer", "credentialSubject", "proof", "holder", "verifiableCredential",
    "credentialStatus", "credentialSchema", "validFrom", "name", "relatedResource", "evidence", "@graph",
)  # fmt: skip
WORDS = st.sampled_from(
    ["VerifiableCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential",
     "EnvelopedVerifiablePresentation", "https://www.w3.org/ns/credentials/v2", "DataIntegrityProof",
     "eddsa-rdfc-2022", "ecdsa-sd-2023", "bbs-2023", "assertionMethod", "data:application/vc+jwt,a.b.c",
     "data:application/vc+cose;base64,0oRA", "u2V0BhVhA", "z3", "/issuer", "proof", "", "did:key:z6Mk"]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | WORDS


def objects(names, values):
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=5), values, max_size=6)


ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | objects(TERMS, inner), max_leaves=12
)
BODIES = ANYTHING | st.fixed_dictionaries(
    {},
    optional={
        name: ANYTHING if name != "options" else objects(OPTIONS, ANYTHING) | LEAVES for name in MEMBERS
    },
)


@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=BODIES)
def test_no_json_is_a_fault_of_ours(client, route, body):
    answer = client.post(route, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, (route, body, answer.text)
    assert "json" in answer.headers["content-type"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"text"', b"3", b"{", b"\xff", b'{"a":1,"a":2}', b"{}"]
)
def test_what_is_no_request_is_refused(client, route, body):
    answer = client.post(route, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == (404 if "nobody" in route else 400), answer.text
    assert answer.json()["code"]


@pytest.mark.parametrize("route", ROUTES)
def test_another_media_type_and_method(client, route):
    assert client.post(route, content=b"{}", headers={"Content-Type": "text/plain"}).status_code in (400, 404)
    assert client.get(route).status_code in (404, 405)
