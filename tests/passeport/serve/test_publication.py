"""What is public stands where its name says, for whichever host is asked, and is never out of date."""

import base64
import datetime as dt
import hashlib
import json
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from credentials import published, templates
from keys.dids.resolve import resolver
from passeport.serve.app import create_app
from passeport.serve.house import utc_now
from passeport.serve.settings import Service
from proofs import jws

HOST = {"Host": "certificateur.example"}
TOKENS = "/status/token/1"
REVOKED = "/status/bitstring/1/revocation"


def service(home, secret, **changes):
    settings = Service(home=home, passphrase=secret, requests_per_minute=1_000_000, **changes)
    return TestClient(create_app(settings), base_url=settings.public_url)


@pytest.fixture
def client(furnished):
    with service(furnished.home, furnished.secret) as client:
        yield client


def later(client, **time):
    client.app.state.house.now = lambda: utc_now() + dt.timedelta(**time)


def test_keys_stand_where_the_did_says(client, furnished):
    answer = client.get("/.well-known/did.json", headers=HOST)
    assert answer.status_code == 200
    assert answer.json()["id"] == "did:web:certificateur.example"
    assert client.get("/.well-known/did.json", headers={"Host": "employeur.example"}).json()["id"] == (
        "did:web:employeur.example"
    )
    assert client.get("/.well-known/did.json").status_code == 404, "this machine is nobody's host"
    furnished("keys", "revoke", "centre", "key-1", "--reason", "compromised")
    method = client.get("/.well-known/did.json", headers=HOST).json()["verificationMethod"][0]
    assert method["revocationReason"] == "compromised"


def test_an_organisation_under_a_path(furnished):
    named = ("--did", "did:web:hote.example:filiales:une", "--org", "Filiale (fictive)")
    furnished("keys", "create", "filiale", *named)
    with service(furnished.home, furnished.secret) as client:
        host = {"Host": "hote.example"}
        assert client.get("/filiales/une/did.json", headers=host).json()["id"].endswith("filiales:une")
        metadata = client.get("/.well-known/jwt-vc-issuer/filiales/une", headers=host)
        assert metadata.json()["issuer"] == "https://hote.example/filiales/une"
        assert client.get("/filiales/deux/did.json", headers=host).status_code == 404
        assert client.get("/filiales/une/../une/did.json", headers=host).status_code in (200, 404)


def test_an_organisation_that_comes_later_is_found_at_once(client, furnished):
    """Who publishes where is learnt once; who is not known yet is looked for again."""
    host = {"Host": "nouveau.example"}
    assert client.get("/.well-known/did.json", headers=host).status_code == 404
    furnished("keys", "create", "nouveau", "--did", "did:web:nouveau.example", "--org", "Nouveau (fictif)")
    assert client.get("/.well-known/did.json", headers=host).json()["id"] == "did:web:nouveau.example"


@pytest.mark.parametrize("place", ["status", "status:token:1"])
def test_an_organisation_whose_name_looks_like_a_list(furnished, place):
    did = f"did:web:hote.example:{place}"
    furnished("keys", "create", "drole", "--did", did, "--org", "Nom (fictif)")
    with service(furnished.home, furnished.secret) as client:
        path = f"/{place.replace(':', '/')}/did.json"
        assert client.get(path, headers={"Host": "hote.example"}).json()["id"] == did


def test_issuer_metadata_are_inserted(client):
    answer = client.get("/.well-known/jwt-vc-issuer", headers=HOST)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["issuer"] == "https://certificateur.example"
    assert answer.json()["jwks"]["keys"][0]["kid"] == "key-1"


def test_the_public_host_of_the_service_itself(furnished):
    """Behind a proxy that does not pass the host on, the service's own is meant."""
    with service(furnished.home, furnished.secret, public_url="https://certificateur.example") as client:
        assert client.get("/.well-known/did.json", headers={"Host": "10.0.0.7"}).status_code == 200
        assert client.get("/.well-known/jwt-vc-issuer/issuers/centre").json()["issuer"] == (
            "https://certificateur.example/issuers/centre"
        )


@pytest.mark.parametrize("url", ["https://localhost:8443", "https://10.0.0.5"])
def test_a_service_at_an_address_that_no_identifier_has(furnished, url):
    with service(furnished.home, furnished.secret, public_url=url) as client:
        assert client.get("/.well-known/did.json", headers=HOST).status_code == 200
        assert client.get("/.well-known/jwt-vc-issuer/issuers/centre").status_code == 404


@pytest.mark.parametrize("path", [TOKENS, REVOKED, "/.well-known/did.json"])
def test_a_document_is_tagged_cached_shortly_and_open_to_any_page(client, path):
    answer = client.get(path, headers=HOST)
    assert answer.status_code == 200, answer.text
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    assert answer.headers["access-control-allow-origin"] == "*"
    assert int(answer.headers["cache-control"].partition("max-age=")[2]) < 60
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={**HOST, "If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={**HOST, "If-None-Match": '"other"'}).status_code == 200
    assert client.head(path, headers=HOST).headers["etag"] == tag


def states(client):
    payload = jws.claims(jws.parse(client.get(TOKENS, headers=HOST).text))
    encoded = payload["status_list"]["lst"]
    bits = zlib.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return sum(byte.bit_count() for byte in bits)


def test_a_revocation_is_seen_within_a_minute_and_nothing_else_changes_a_list(client, furnished):
    before = client.get(TOKENS, headers=HOST).text
    later(client, minutes=5)
    assert client.get(TOKENS, headers=HOST).text == before, "signed once, not each time"
    assert states(client) == 0
    furnished("revoke", "R-1", "--issuer", "centre", "--reason", "erreur")
    later(client, minutes=5, seconds=59)
    assert states(client) == 1
    assert client.get(TOKENS, headers=HOST).text != before


def test_a_list_is_signed_again_every_day(client):
    before = client.get(REVOKED, headers=HOST).json()
    later(client, days=1, seconds=11)
    after = client.get(REVOKED, headers=HOST).json()
    assert after["validUntil"] > before["validUntil"]


def test_two_forms_of_a_token_list_at_one_address(client):
    jwt = client.get(TOKENS, headers=HOST)
    cwt = client.get(TOKENS, headers={**HOST, "Accept": "application/statuslist+cwt"})
    assert jwt.headers["content-type"] == "application/statuslist+jwt"
    assert cwt.headers["content-type"] == "application/statuslist+cwt"
    assert cwt.headers["vary"] == jwt.headers["vary"] == "Accept"
    assert cwt.content == client.get(f"{TOKENS}.cwt", headers=HOST).content
    assert cwt.headers["etag"] != jwt.headers["etag"]


def test_the_list_of_one_purpose_says_json(client):
    answer = client.get(REVOKED, headers=HOST)
    assert "json" in answer.headers["content-type"]
    assert answer.json()["id"] == f"https://certificateur.example{REVOKED}"


@pytest.mark.parametrize(
    "path",
    ["/status/token/0", "/status/token/2", "/status/token/01x", "/status/bitstring/1/message",
     "/status/bitstring/1", "/status/token/99999999999999999999", "/status/token/-1", "/status/token/1.cbor"],
)  # fmt: skip
def test_lists_that_are_none(client, path):
    assert client.get(path, headers=HOST).status_code == 404


def test_workers_publish_the_same_bytes(furnished):
    """Each signs for itself; what one kept is what all hand out."""
    with service(furnished.home, furnished.secret) as one, service(furnished.home, furnished.secret) as two:
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda n: (one, two)[n % 2].get(TOKENS, headers=HOST).text, range(16)))
        later(one, seconds=11)
        later(two, seconds=11)
        settled = {worker.get(TOKENS, headers=HOST).headers["etag"] for worker in (one, two)}
    assert len(settled) == 1
    assert len(found) == 1


def test_without_the_key_nothing_old_is_passed_off_as_new(furnished):
    with service(furnished.home, None) as client:
        assert client.get(TOKENS, headers=HOST).status_code == 200, "as the command line published it"
    [path] = (furnished.home / "web" / "certificateur.example" / "status" / "token").glob("1")
    path.unlink()
    with service(furnished.home, None) as client:
        assert client.get(TOKENS, headers=HOST).status_code == 503


def test_types_contexts_and_schemas_under_their_names(client):
    for name in templates.names():
        template = templates.load(name)
        answer = client.get(template.vct.removeprefix("https://w3id.org"))
        assert answer.json()["vct"] == template.vct
        digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
        assert published.integrity(template) == f"sha256-{digest}"
    assert "@context" in client.get("/passeport/v1").json()
    assert json.loads(client.get("/passeport/schema/diploma/1.json").content)["$id"].endswith(
        "diploma/1.json"
    )
    for unknown in (
        "/passeport/v9",
        "/passeport/vct/unknown/1",
        "/passeport/../passeport.toml",
        "/passeport/",
    ):
        assert client.get(unknown).status_code == 404


def test_the_service_verifies_with_what_it_publishes(client):
    """Its own keys and lists are not asked for over the network."""
    house = client.app.state.house
    key = resolver(house.source).resolve("did:web:certificateur.example#key-1", "assertionMethod")
    assert key.controller == "did:web:certificateur.example"
    assert house.source.get(f"https://certificateur.example{TOKENS}")
