"""The VC-API with strangers: what our service signs they verify, status included, and we what they sign."""

import copy
import datetime as dt
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from data_integrity_parties import Request, TheirDataIntegrity, Way
from services import Town, running
from strangers import Strangers

pytestmark = pytest.mark.node

V2 = "https://www.w3.org/ns/credentials/v2"
ALGORITHMS = {
    "eddsa-rdfc-2022": "Ed25519",
    "eddsa-jcs-2022": "Ed25519",
    "ecdsa-rdfc-2019-p256": "P-256",
    "ecdsa-rdfc-2019-p384": "P-384",
    "ecdsa-jcs-2019-p256": "P-256",
    "ecdsa-jcs-2019-p384": "P-384",
    "ecdsa-sd-2023": "P-256",
    "bbs-2023": "Bls12381G2",
}
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
PROOFS = "/verifiers/proof-only/{}/verify"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running(tmp_path_factory.mktemp("town")) as found:
        yield found


@pytest.fixture
def theirs(strangers: Strangers) -> TheirDataIntegrity:
    return TheirDataIntegrity(strangers)


def post(town: Town, path: str, body: Any) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(town.url + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def plain(issuer: str) -> dict[str, Any]:
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:alice", "name": "Alice", "description": "Une élève"},
    }


def instances(town: Town) -> dict[str, str]:
    """Each instance with the issuer it names."""
    with urllib.request.urlopen(f"{town.url}/issuers/conformance", timeout=30) as answer:
        listed = json.load(answer)["issuers"]
    return {one["endpoint"].split("/")[-3]: one["id"] for one in listed}


def issue(town: Town, instance: str, of: str = "conformance") -> Any:
    body = {"credential": plain(instances(town)[instance])}
    status, answer = post(town, f"/issuers/{of}/{instance}/credentials/issue", body)
    assert status == 201, answer
    return answer["verifiableCredential"]


def verify(town: Town, member: str, document: Any, **options: Any) -> int:
    path = PROOFS.format("credentials" if member == "verifiableCredential" else "presentations")
    return post(town, path, {member: document, "options": options})[0]


@pytest.mark.parametrize("instance", ALGORITHMS)
def test_what_our_service_signs_they_verify(town: Town, theirs: TheirDataIntegrity, instance: str) -> None:
    secured = issue(town, instance)
    if instance in SELECTIVE:
        asked = {
            "verifiableCredential": secured,
            "options": {"selectivePointers": ["/credentialSubject/name"]},
        }
        status, answer = post(town, "/verifiers/proof-only/credentials/derive", asked)
        assert status == 201, answer
        secured = answer["verifiableCredential"]
        assert "description" not in secured["credentialSubject"]
    now = dt.datetime.now(dt.UTC)
    theirs.verify(secured, now)
    changed = copy.deepcopy(secured)
    changed["credentialSubject"]["name"] = "Mallory"
    with pytest.raises(theirs.refuses):
        theirs.verify(changed, now)


@pytest.mark.parametrize("instance", ALGORITHMS)
def test_what_they_sign_our_service_verifies(town: Town, theirs: TheirDataIntegrity, instance: str) -> None:
    suite = instance.removesuffix("-p256").removesuffix("-p384")
    way = Way(suite, theirs.new_key(ALGORITHMS[instance]), ("/issuer",) if instance in SELECTIVE else ())
    now = dt.datetime.now(dt.UTC)
    secured = theirs.issue(plain(way.did), way, now)
    if instance in SELECTIVE:
        assert verify(town, "verifiableCredential", secured) == 400
        secured = theirs.derive(secured, ["/credentialSubject"])
    assert verify(town, "verifiableCredential", secured) == 200
    secured["credentialSubject"]["name"] = "Mallory"
    assert verify(town, "verifiableCredential", secured) == 400


def test_what_they_present_our_service_verifies_for_whom_it_was_made(
    town: Town, theirs: TheirDataIntegrity
) -> None:
    way = Way("eddsa-rdfc-2022", theirs.new_key("Ed25519"))
    asked = {"challenge": "c-1", "domain": "verifier.example"}
    now = dt.datetime.now(dt.UTC)
    held = [issue(town, "ecdsa-rdfc-2019-p256"), issue(town, "eddsa-jcs-2022")]
    shown = theirs.present(held, way, Request(**asked, now=now))
    assert verify(town, "verifiablePresentation", shown, **asked) == 200
    assert verify(town, "verifiablePresentation", shown, **{**asked, "challenge": "c-2"}) == 400
    assert verify(town, "verifiablePresentation", shown, **{**asked, "domain": "other.example"}) == 400


@pytest.mark.parametrize("instance", ["eddsa-rdfc-2022", "ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019-p384"])
def test_they_read_the_status_that_our_service_publishes(
    town: Town, strangers: Strangers, instance: str
) -> None:
    secured = issue(town, instance, "conformance-status")
    assert strangers.ask("statusesOf", secured=secured) == {"revocation": False, "suspension": False}
    for purpose, value, expected in (
        ("suspension", True, {"revocation": False, "suspension": True}),
        ("suspension", False, {"revocation": False, "suspension": False}),
        ("revocation", True, {"revocation": True, "suspension": False}),
    ):
        entry = {"type": "BitstringStatusListEntry", "statusPurpose": purpose}
        body = {"credentialId": secured["id"], "credentialStatus": entry, "status": value}
        assert post(town, f"/issuers/conformance-status/{instance}/credentials/status", body)[0] == 200
        assert strangers.ask("statusesOf", secured=secured) == expected
