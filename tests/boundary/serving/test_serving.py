"""A route says who may use it, a body is read strictly, and a refusal says no more than it should."""

from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.testclient import TestClient

from boundary.serving import refusals
from boundary.serving.access import (
    Bound,
    Caller,
    Members,
    Public,
    SignedIn,
    allow,
    caller,
    declarations,
    require_declared,
)
from boundary.serving.answers import json_answer
from boundary.serving.body import Body, FormBody, shaped
from boundary.serving.middle import Headers, Pace, Watch
from boundary.serving.size import Sized, up_to
from boundary.serving.tally import Tally
from problems import AuthenticationError, ProtocolError


class Order(Body):
    name: str
    count: int


class OfHeader:
    """A gate for tests: the caller and the role are said in headers."""

    def identify(self, request: Request) -> Caller:
        if "x-caller" not in request.headers:
            raise AuthenticationError("access.sign_in")
        roles = frozenset(request.headers.get("x-roles", "").split()) - {""}
        return Caller(request.headers["x-caller"], {"one": roles})  # type: ignore[dict-item]


def _routes() -> APIRouter:
    routes = APIRouter()

    @routes.post("/orders", dependencies=[allow(Public("a test"))])
    def order(given: Annotated[Order, Depends(shaped(Order))]) -> Response:
        return json_answer({"count": given.count})

    @routes.post("/token", dependencies=[allow(Bound("a code")), Depends(refusals.speaks_oauth)])
    def token(form: FormBody) -> Response:
        raise ProtocolError("http.refused", error="invalid_grant")

    @routes.get("/organisations/{organisation}", dependencies=[allow(Members("operator", "auditor"))])
    def organisation(request: Request, organisation: str) -> Response:
        return json_answer({"who": caller(request).id})

    @routes.get("/me", dependencies=[allow(SignedIn())])
    def me(request: Request) -> Response:
        return json_answer({"who": caller(request).id})

    @routes.post("/large", dependencies=[allow(Public("a test")), up_to(20_000)])
    async def large(request: Request) -> Response:
        return json_answer({"size": len(await request.body())})

    @routes.post("/unread", dependencies=[allow(Public("a test"))])
    def unread() -> Response:
        return json_answer({})

    @routes.get("/broken", dependencies=[allow(Public("a test"))])
    def broken() -> Response:
        raise RuntimeError("a secret that stood in a variable")

    return routes


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_routes(), prefix="/v1")
    app.state.gate = OfHeader()
    refusals.install(app)
    app.add_middleware(Sized, limit=10_000)
    for middle in (Headers, Watch):
        app.add_middleware(middle)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def test_a_route_that_does_not_say_who_may_use_it_keeps_the_application_from_starting():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_routes())
    require_declared(app.routes)
    forgotten = APIRouter()

    @forgotten.get("/forgotten")
    def route() -> Response:
        return Response()

    app.include_router(forgotten, prefix="/deep")
    with pytest.raises(ValueError, match="/deep/forgotten"):
        require_declared(app.routes)


def test_the_pages_that_the_framework_adds_by_itself_are_undeclared():
    with pytest.raises(ValueError, match=r"/docs.*"):
        require_declared(FastAPI().routes)


def test_the_declarations_of_a_whole_application_can_be_read():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_routes(), prefix="/v1")
    found = {route.path: access for route, access in declarations(app.routes)}
    assert found["/v1/organisations/{organisation}"] == [Members("auditor", "operator")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Caller": "a"}, 404),
        ({"X-Caller": "a", "X-Roles": "support"}, 403),
        ({"X-Caller": "a", "X-Roles": "support auditor"}, 200),
    ],
    ids=["nobody", "not a member", "another role", "the right role"],
)
def test_only_a_member_with_the_role_is_let_in(client: TestClient, headers, status):
    assert client.get("/v1/organisations/one", headers=headers).status_code == status


def test_another_organisation_is_not_there(client: TestClient):
    headers = {"X-Caller": "a", "X-Roles": "administrator operator auditor"}
    assert client.get("/v1/organisations/two", headers=headers).status_code == 404


def test_who_is_signed_in_is_known_to_the_route(client: TestClient):
    assert client.get("/v1/me", headers={"X-Caller": "a"}).json() == {"who": "a"}
    assert client.get("/v1/me").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"{", b'{"name":"a","name":"b","count":1}', b'{"name":"a","count":"1"}',
        b'{"name":"a","count":1.0}', b'{"name":"a","count":true}', b'{"name":null,"count":1}', b'{"count":1}',
        b'{"name":"a","count":1,"is_admin":true}', b'{"name":"a","count":NaN}', b'\xff{"name":"a","count":1}',
        b'{"name":"\\ud800","count":1}', b"[" * 5000,
    ],
)  # fmt: skip
def test_a_body_of_another_shape_is_a_clients_error_with_a_next_step(client: TestClient, body: bytes):
    answer = client.post("/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["nextStep"]


def test_a_good_body_is_read(client: TestClient):
    answer = client.post("/v1/orders", json={"name": "é", "count": 2})
    assert (answer.status_code, answer.json()) == (200, {"count": 2})


def test_a_body_of_another_media_type_is_refused(client: TestClient):
    answer = client.post("/v1/orders", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.json()["code"] == "http.media_type"


def announced(length: int) -> bytes:
    return b" " * length


def in_chunks(length: int) -> Iterator[bytes]:
    yield from (b" " * 500 for _ in range(length // 500 + 1))


@pytest.mark.parametrize("way", [announced, in_chunks], ids=["announced", "in chunks"])
@pytest.mark.parametrize("length", [10_001, 5_000_000])
def test_a_body_beyond_the_limit_is_refused_like_anything_else(client: TestClient, way, length: int):
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    answer = client.post("/v1/orders", content=way(length), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert (answer.json()["code"], answer.headers["content-language"]) == ("http.too_large", "en")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("way", [announced, in_chunks], ids=["announced", "in chunks"])
def test_where_oauth_is_spoken_a_body_beyond_the_limit_is_an_error_object(client: TestClient, way):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/v1/token", content=way(10_001), headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")
    assert answer.json()["error_description"].startswith("http.too_large")


@pytest.mark.parametrize("way", [announced, in_chunks], ids=["announced", "in chunks"])
def test_a_route_may_take_more_than_others(client: TestClient, way):
    assert client.post("/v1/large", content=way(10_001)).status_code == 200
    assert client.post("/v1/large", content=way(20_001)).json()["code"] == "http.too_large"


def test_a_body_that_nobody_reads_is_not_refused(client: TestClient):
    assert client.post("/v1/unread", content=announced(10_001)).status_code == 200


def test_where_oauth_is_spoken_the_refusal_is_its_error_object(client: TestClient):
    answer = client.post("/v1/token", data={"code": "1"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert answer.headers["cache-control"] == "no-store"


def test_a_field_given_twice_is_refused(client: TestClient):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/v1/token", content=b"code=1&code=2", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_fault_of_ours_says_a_number_and_nothing_of_our_inside(client: TestClient):
    answer = client.get("/v1/broken")
    assert answer.status_code == 500
    assert answer.json()["code"] == "http.unexpected"
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize(
    ("asked", "lang"),
    [("", "fr"), ("en", "en"), ("en-GB,fr;q=0.5", "en"), ("de, fr;q=0.4, en;q=0.8", "en"), ("en;q=0", "fr"),
     ("*", "fr"), (";;;,,,q=x", "fr"), ("de", "fr")],
)  # fmt: skip
def test_a_refusal_is_in_the_readers_language(client: TestClient, asked: str, lang: str):
    answer = client.get("/nowhere", headers={"Accept-Language": asked})
    assert answer.headers["content-language"] == lang


def test_a_refusal_is_told_to_no_cache_and_an_answer_says_what_a_browser_may_do(client: TestClient):
    answer = client.get("/nowhere")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_too_many_requests_of_one_address_are_told_to_wait():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_routes())
    refusals.install(app)
    app.add_middleware(Pace, tally=Tally(), per_minute=3, at_once=10)
    with TestClient(app) as client:
        answers = [client.post("/orders", json={"name": "a", "count": 1}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_too_many_requests_at_once_are_told_that_the_service_is_busy():
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(_routes())
    refusals.install(app)
    app.add_middleware(Pace, tally=Tally(), per_minute=1000, at_once=0)
    with TestClient(app) as client:
        answer = client.post("/orders", json={"name": "a", "count": 1})
    assert (answer.status_code, answer.json()["code"]) == (503, "http.busy")
