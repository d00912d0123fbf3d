"""JS-012: what other sites' forms can send is no order to do anything: every route that takes JSON takes it
under its own name only, and whole."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from passeport.serve.app import create_app
from passeport.serve.settings import Service

LIES = [
    "text/plain",
    "text/plain;charset=utf-7",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/json",
    "application/jsonp",
    "",
]


@pytest.fixture
def client(furnished):
    settings = Service(home=furnished.home, passphrase=furnished.secret, requests_per_minute=1_000_000)
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        yield client


@pytest.fixture
def takers(client) -> list[tuple[str, str, Any]]:
    """Every operation that takes JSON, with an example of what it takes."""
    found = []
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            if set(content) == {"application/json"}:
                filled = path.replace("{organisation}", "centre")
                found.append(
                    (method, re.sub(r"{\w+}", "x-1", filled), content["application/json"].get("example", {}))
                )
    assert len(found) > 15
    return found


@pytest.mark.parametrize("kind", LIES, ids=lambda kind: kind or "none")
def test_json_under_another_name_is_refused(client, takers, kind: str) -> None:
    for method, path, example in takers:
        request = client.build_request(method, path, json=example)
        del request.headers["content-type"]
        if kind:
            request.headers["content-type"] = kind
        answer = client.send(request)
        assert answer.status_code in (400, 401, 403, 404, 415), (method, path, answer.text)
        assert answer.json().get("code", "http.media_type") in ("http.media_type", "access.not_found"), (
            path,
            answer.text,
        )


def test_what_comes_behind_a_document_is_refused(client, takers) -> None:
    for method, path, example in takers:
        request = client.build_request(method, path, json=example)
        body = request.read() + b"{}"
        kind = {"content-type": "application/json; charset=utf-7"}
        answer = client.request(method, path, content=body, headers=kind)
        assert answer.status_code in (400, 401, 403, 404), (method, path, answer.text)
        assert answer.json().get("code", "json.syntax") == "json.syntax", (path, answer.text)
