"""A service on the public web: no address in what is sent leads it into its own house.

Every name leads to this machine here, and whatever is connected to is noted before it is refused.
"""

import socket
from dataclasses import replace
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from boundary.serving.access import Caller
from keys.dids import resolution
from keys.local import LocalSigner
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from proofs import SUITES, data_integrity, jws
from proofs.suite import ProofOptions

PLACES = [
    "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1", "10.0.0.1",
    "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254", "[fd00:ec2::254]", "[::ffff:127.0.0.1]",
    "user:pw@127.0.0.1", "issuer.example:22", "127.0.0.1.nip.example", "rebind.example", "metadata",
]  # fmt: skip
SCHEMES = ["http", "https", "file", "gopher", "ftp", "unix"]
SIGNER = LocalSigner.generate("Ed25519")


class Somebody:
    """Whoever it is has signed in: what they send is what is looked at."""

    def identify(self, request):
        return Caller("somebody")


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    home = tmp_path_factory.mktemp("public")
    settings = Service(home=home, public_url="https://passeport.example", requests_per_minute=1_000_000)
    app = create_app(settings)
    app.state.gate = Somebody()
    with TestClient(app, base_url=settings.public_url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def reached(monkeypatch, public):
    reached: list[object] = []

    def connect(_, address):
        reached.append(address)
        raise ConnectionRefusedError

    def look_up(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return reached


def verify(public, credential):
    return public.post("/credentials/verify", json={"verifiableCredential": credential})


def signed(**more):
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": SIGNER.verification_method.partition("#")[0],
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
        **more,
    }
    options = ProofOptions(created="2026-01-01T00:00:00Z")
    return data_integrity.add_proof(document, SUITES["eddsa-rdfc-2022"], options, SIGNER)


def test_this_service_is_on_the_public_web(public):
    assert not public.app.state.house.settings.development


@pytest.mark.parametrize("place", PLACES)
def test_dids_are_not_resolved_into_the_house(public, reached, place):
    for written in (place, place.replace(":", "%3A"), f"{place}%3A8080", f"{place}:path"):
        did = f"did:web:{written}"
        for path in (did, quote(did, safe="")):
            answer = public.get(f"/1.0/identifiers/{path}")
            assert 400 <= answer.status_code < 500, (path, answer.text)
            assert answer.json().get("didDocument") is None
    assert not reached


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_status_lists_are_not_fetched_from_the_house(public, reached, scheme, place):
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "1",
        "statusListCredential": f"{scheme}://{place}/status/1",
    }
    answer = verify(public, signed(credentialStatus=entry))
    assert answer.status_code == 400, answer.text
    assert not reached


@pytest.mark.parametrize("place", PLACES)
def test_keys_are_not_fetched_from_the_house(public, reached, place):
    secured = signed()
    for issuer in (f"did:web:{place}", f"https://{place}", f"http://{place}/issuer"):
        changed = {**secured["proof"], "verificationMethod": f"{issuer}#key-1"}
        answer = verify(public, {**secured, "issuer": issuer, "proof": changed})
        assert answer.status_code == 400, answer.text
        header = {"typ": "vc+jwt", "kid": f"{issuer}#key-1"}
        token = jws.sign(header, {"issuer": issuer}, SIGNER)
        envelope = {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/vc+jwt,{token}",
        }
        assert verify(public, envelope).status_code == 400
    assert not reached


@pytest.mark.parametrize("place", PLACES)
def test_contexts_and_schemas_are_never_fetched(public, reached, place):
    address = f"https://{place}/x"
    schema = {"id": address, "type": "JsonSchema"}
    for changes in (
        {"@context": ["https://www.w3.org/ns/credentials/v2", address]},
        {"credentialSchema": schema},
        {"relatedResource": {"id": address, "digestSRI": "sha256-AAAA"}},
        {"refreshService": {"id": address, "type": "JsonSchema"}},
    ):
        assert verify(public, {**signed(), **changes}).status_code == 400
    assert not reached


def test_this_canary_sings(public, reached):
    """Let the guard look away, and the same request is seen."""
    open_door = replace(public.app.state.house.client, addresses=lambda _: True)
    resolution.resolve("did:web:rebind.example", open_door)
    assert reached
