"""A service in development, played by who asks it as test-suites do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from passeport.serve.app import create_app
from passeport.serve.house import utc_now
from passeport.serve.settings import Service

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


@pytest.fixture(scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Service(home=tmp_path_factory.mktemp("home"), requests_per_minute=1_000_000)
    app = create_app(settings)
    with TestClient(app, base_url=settings.public_url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(_client: TestClient) -> TestClient:
    """A service without any organisation, as `make serve` begins; its clock is right in each test."""
    _client.app.state.house.now = utc_now
    return _client


@pytest.fixture
def town(furnished) -> Iterator[TestClient]:
    """A service with the organisation ``centre``, which has a P-256 key and a ledger."""
    settings = Service(home=furnished.home, passphrase=furnished.secret, requests_per_minute=1_000_000)
    app = create_app(settings)
    with TestClient(app, base_url=settings.public_url, raise_server_exceptions=False) as client:
        yield client


def credential(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "@context": [V2, EXAMPLES],
        "id": "urn:uuid:f5d0b6e2-4b1e-4d5c-9d8e-0a1b2c3d4e5f",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:alice", "name": "Alice", "alumniOf": "École fictive"},
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


@pytest.fixture
def issue(client: TestClient) -> Callable[..., dict[str, Any]]:
    """Issue at a conformance instance, whose did:key is named as the issuer."""

    def made(name: str = "eddsa-rdfc-2022", options: Any = ..., **changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {"credential": credential(**{"issuer": did(client, name), **changes})}
        if options is not ...:
            body["options"] = options
        answer = client.post(f"/issuers/conformance/{name}/credentials/issue", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["verifiableCredential"]

    return made


def did(client: TestClient, name: str) -> str:
    listed = client.get("/issuers/conformance").json()["issuers"]
    return next(one["id"] for one in listed if f"/{name}/" in one["endpoint"])
