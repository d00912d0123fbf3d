"""What a wallet must not get away with, and what others must not read: cases of the catalogue, each
constraint of a query by itself."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from boundary import base64url
from exchange.openid4vp import client_id, link, response
from exchange.openid4vp.request import AuthorizationRequest
from passeport.serve.app import create_app
from passeport.serve.settings import Service

CERTIFICATION = "https://w3id.org/passeport/vct/certification/1"
DIPLOMA = "https://w3id.org/passeport/vct/diploma/1"
NAME = {"path": ["family_name"]}
BITS = 128


@pytest.fixture
def app(furnished) -> Iterator[FastAPI]:
    app = create_app(Service(home=furnished.home, role="verifier", requests_per_minute=100_000))
    yield app
    app.state.house.close()


@pytest.fixture
def client(app) -> TestClient:
    return TestClient(app, base_url=app.state.house.settings.public_url)


def ask(
    client: TestClient, mode: str = "direct_post", **one: Any
) -> tuple[dict[str, Any], AuthorizationRequest]:
    query = {
        "id": "q",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [CERTIFICATION]},
        "claims": [NAME],
        **one,
    }
    body = {"dcql_query": {"credentials": [query]}, "response_mode": mode}
    opened = client.post("/verifier/requests", json=body)
    assert opened.status_code == 201, opened.text
    request, _ = client_id.open_plain(link.read(opened.json()["link"]).parameters)
    return opened.json(), request


def shown(furnished, request: AuthorizationRequest) -> str:
    out, held = furnished.path("shown.txt"), furnished.held("R-1")
    bound = ("--audience", request.client_id, "--nonce", request.nonce)
    furnished("wallet", "present", "--show", f"{held}:family_name,given_name", *bound, "--out", out)
    return out.read_text("utf-8").strip()


def answered(client: TestClient, request: AuthorizationRequest, token: str) -> Any:
    return client.post(request.response_uri, data=response.form({"q": [token]}, request))


@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"meta": {"vct_values": [DIPLOMA]}}, "vp.query_not_satisfied"),
        (
            {"format": "jwt_vc_json", "meta": {"type_values": [["VerifiableCredential"]]}},
            "vp.query_not_satisfied",
        ),
        ({"claims": [{"path": ["family_name"], "values": ["Autre"]}]}, "vp.query_not_satisfied"),
        ({"claims": [{"path": ["mention"]}]}, "vp.query_not_satisfied"),
        ({"claims": [{"path": ["iss"], "values": ["did:web:autre.example"]}]}, "vp.query_not_satisfied"),
    ],
    ids=["another type", "another format", "another value", "not shown", "another issuer"],
)
def test_each_constraint_is_checked_on_what_came(client, furnished, bent, code) -> None:
    """VP-013: a wallet that looks away from one of them."""
    _, request = ask(client, **bent)
    answer = answered(client, request, shown(furnished, request))
    assert answer.status_code == 400
    assert answer.json()["error_description"].partition(":")[0] == code
    _, honest = ask(client)
    assert answered(client, honest, shown(furnished, honest)).status_code == 200


def test_an_answer_that_comes_too_late_does_not_count(app, client, furnished) -> None:
    """VP-018: after its end a request is nobody's, whatever state it is answered with."""
    opened, request = ask(client)
    token = shown(furnished, request)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    app.state.house.now = lambda: later
    assert answered(client, request, token).status_code in (400, 404)
    headers = {"Authorization": f"Bearer {opened['handle']}"}
    assert client.get("/verifier/results", headers=headers).status_code == 404


def test_the_state_of_another_time_does_not_count(client, furnished) -> None:
    """VP-018: with the state of a request that was answered, or of one that was never made."""
    _, first = ask(client)
    assert answered(client, first, shown(furnished, first)).status_code == 200
    for state in (first.state, "", "x"):
        _, second = ask(client)
        said = response.form({"q": [shown(furnished, second)]}, replace(second, state=state))
        assert client.post(second.response_uri, data=said).status_code == 400, state


def test_names_cannot_be_guessed_nor_told_from_each_other(client) -> None:
    """VP-002, VP-017: handle, state, nonce and address of a request have 128 bits, and none is another."""
    opened, request = ask(client)
    address = re.findall(r"requests/([A-Za-z0-9_-]+)/", request.response_uri)[0]
    secrets = [opened["handle"], request.nonce, request.state, address]
    assert all(len(secret) * 6 >= BITS for secret in secrets), secrets
    assert len(set(secrets)) == 4
    assert opened["handle"] not in opened["link"]
    for seen in (request.nonce, request.state, address):
        hashed = base64url.encode(hashlib.sha256(seen.encode()).digest())
        for guess in (seen, hashed, hashed[: len(opened["handle"])]):
            headers = {"Authorization": f"Bearer {guess}"}
            assert client.get("/verifier/results", headers=headers).status_code == 404
