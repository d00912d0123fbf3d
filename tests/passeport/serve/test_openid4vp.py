"""A recruiter asks over OpenID4VP, a wallet answers, and only an answer to the question counts."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from boundary.sources import Mirror
from exchange.openid4vp import client_id, link, response
from exchange.openid4vp.request import AuthorizationRequest
from keys.dids.resolve import resolver
from keys.x509 import Authority
from passeport.serve.app import create_app
from passeport.serve.settings import Service
from passeport.serve.tidy import tidy
from problems import ProtocolError

VCT = "https://w3id.org/passeport/vct/certification/1"
NAME = {"path": ["family_name"]}


@pytest.fixture
def client(furnished) -> Iterator[TestClient]:
    settings = Service(home=furnished.home, role="verifier", requests_per_minute=100_000)
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        yield client


def ask(
    client: TestClient, *claims: dict[str, Any], mode: str = "direct_post", **more: Any
) -> dict[str, Any]:
    one: dict[str, Any] = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}}
    if claims:
        one["claims"] = list(claims)
    body = {"dcql_query": {"credentials": [one]}, "response_mode": mode, **more}
    answer = client.post("/verifier/requests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def asked(opened: dict[str, Any]) -> AuthorizationRequest:
    request, asker = client_id.open_plain(link.read(opened["link"]).parameters)
    assert not asker.proved
    return request


def shown(furnished, request: AuthorizationRequest, items: str = "family_name,given_name") -> str:
    out, held = furnished.path("presented.txt"), furnished.held("R-1")
    bound = ("--audience", request.client_id, "--nonce", request.nonce)
    furnished("wallet", "present", "--show", f"{held}:{items}", *bound, "--out", out)
    return out.read_text("utf-8").strip()


def post(client: TestClient, request: AuthorizationRequest, vp_token: Any):
    return client.post(request.response_uri, data=response.form(vp_token, request))


def result(client: TestClient, opened: dict[str, Any], code: str | None = None):
    params = {"response_code": code} if code else {}
    headers = {"Authorization": f"Bearer {opened['handle']}"}
    return client.get("/verifier/results", params=params, headers=headers)


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_an_answer_is_verified_and_read_by_who_asked(client, furnished, mode):
    opened = ask(client, NAME, mode=mode)
    assert result(client, opened).json() == {"state": "open"}
    request = asked(opened)
    answer = post(client, request, {"q": [shown(furnished, request)]})
    assert (answer.status_code, answer.json()) == (200, {})
    found = result(client, opened).json()
    assert found["state"] == "answered"
    [report] = found["presentations"]["q"]
    assert report["credentials"][0]["shown"]["items"]


def test_what_was_answered_is_read_with_the_handle_only(client, furnished):
    opened = ask(client, NAME)
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {opened['handle']}"}):
        assert client.get("/verifier/results", headers=headers).status_code in (401, 404)
    assert opened["handle"] not in opened["link"]


def refused(answer, code: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["error_description"].startswith(code), answer.text


def test_an_answer_to_another_request_does_not_count(client, furnished):
    first, second = asked(ask(client, NAME)), asked(ask(client, NAME))
    replayed = shown(furnished, first)
    refused(post(client, second, {"q": [replayed]}), "vp.not_proved")
    swapped = client.post(second.response_uri, data=response.form({"q": [replayed]}, first))
    refused(swapped, "vp.state")


def test_an_answer_without_the_holders_proof_does_not_count(client, furnished):
    request = asked(ask(client, NAME))
    whole = shown(furnished, request)
    stripped = whole.rpartition("~")[0] + "~"
    refused(post(client, request, {"q": [stripped]}), "vp.not_proved")
    changed = whole[:-20] + ("A" if whole[-20] != "A" else "B") + whole[-19:]
    refused(post(client, request, {"q": [changed]}), "vp.not_proved")
    assert post(client, request, {"q": [whole]}).status_code == 200, "the request stayed open"


@pytest.mark.parametrize(
    "claims",
    [({"path": ["birthdate"]},), ({"path": ["family_name"], "values": ["Autre"]},), ({"path": ["absent"]},)],
    ids=["not shown", "another value", "not there"],
)
def test_an_answer_that_does_not_answer_the_query_does_not_count(client, furnished, claims):
    request = asked(ask(client, *claims))
    refused(post(client, request, {"q": [shown(furnished, request)]}), "vp.query_not_satisfied")


@pytest.mark.parametrize("name", ["r", "Q", ""])
def test_an_answer_to_what_was_not_asked_does_not_count(client, furnished, name):
    request = asked(ask(client, NAME))
    refused(post(client, request, {name: [shown(furnished, request)]}), "vp.unknown_query")


def test_two_answers_where_one_was_asked_do_not_count(client, furnished):
    request = asked(ask(client, NAME))
    one = shown(furnished, request)
    refused(post(client, request, {"q": [one, one]}), "vp.query_not_satisfied")


def test_an_answer_counts_once(client, furnished):
    request = asked(ask(client, NAME))
    answer = {"q": [shown(furnished, request)]}
    with ThreadPoolExecutor(10) as pool:
        statuses = Counter(pool.map(lambda _: post(client, request, answer).status_code, range(10)))
    assert statuses == {200: 1, 409: 9}


def test_an_answer_in_plain_where_it_had_to_be_encrypted_does_not_count(client, furnished):
    request = asked(ask(client, NAME, mode="direct_post.jwt"))
    plain = {"vp_token": json.dumps({"q": [shown(furnished, request)]}), "state": request.state}
    refused(client.post(request.response_uri, data=plain), "vp.not_encrypted")
    other = asked(ask(client, NAME, mode="direct_post.jwt"))
    crossed = response.form({"q": [shown(furnished, request)]}, other)
    refused(client.post(request.response_uri, data=crossed), "vp.decrypt_failed")


def test_a_person_who_declines_closes_the_request_and_says_no_more(client):
    opened = ask(client, NAME)
    request = asked(opened)
    fields = response.refusal(ProtocolError("vp.untrusted", error="access_denied"), request)
    assert client.post(request.response_uri, data=fields).status_code == 200
    assert result(client, opened).json() == {"state": "declined", "error": "access_denied"}


def test_on_the_same_device_only_the_page_that_was_led_back_to_reads_the_result(client, furnished):
    opened = ask(client, NAME, return_to="https://recruteur.example/retour")
    other = ask(client, NAME, return_to="https://recruteur.example/retour")
    request, second = asked(opened), asked(other)
    led = post(client, request, {"q": [shown(furnished, request)]}).json()["redirect_uri"]
    code = led.partition("response_code=")[2]
    post(client, second, {"q": [shown(furnished, second)]})
    for wrong in (None, "x", code[:-1]):
        assert result(client, opened, wrong).status_code == 403
    assert result(client, opened, code).json()["state"] == "answered"
    assert result(client, opened, code).status_code == 403, "a code is used once"


def test_the_code_of_another_request_reads_nothing(client, furnished):
    opened = ask(client, NAME, return_to="https://recruteur.example/retour")
    other = ask(client, NAME, return_to="https://recruteur.example/retour")
    request, second = asked(opened), asked(other)
    post(client, request, {"q": [shown(furnished, request)]})
    led = post(client, second, {"q": [shown(furnished, second)]}).json()["redirect_uri"]
    assert result(client, opened, led.partition("response_code=")[2]).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://voleur.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "voleur.example"},
        {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)  # fmt: skip
def test_a_web_page_of_another_origin_is_not_the_owner_of_this_laptop(client, headers):
    body = {"dcql_query": {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {}}]}}
    assert client.post("/verifier/requests", json=body, headers=headers).status_code == 401


def test_a_service_for_others_takes_nobody_for_its_owner(furnished):
    settings = Service(home=furnished.home, role="verifier", public_url="https://verifieur.example")
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        assert client.post("/verifier/requests", json={}).status_code == 401


@pytest.mark.parametrize("asks_by", ["decentralized_identifier", "x509_hash"])
@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_a_request_is_signed_by_the_organisation_that_asks(furnished, asks_by, mode):
    settings = Service(
        home=furnished.home, passphrase=furnished.secret, asks_as="centre", asks_by=asks_by,
        requests_per_minute=100_000,
    )  # fmt: skip
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        opened = ask(client, NAME, mode=mode)
        found = link.read(opened["link"])
        assert found.client_id.startswith(asks_by + ":")
        token = client.post(found.request_uri, data={"wallet_nonce": "n" * 22}).text
        authority = Authority.read((furnished.home / "authority.pem").read_bytes())
        now = dt.datetime.now(dt.UTC)
        trust = client_id.Trust(resolver(Mirror(furnished.home / "web")), [authority.certificate], now)
        request, asker = client_id.open_signed(token, found.client_id, trust, "n" * 22)
        assert asker.proved
        assert post(client, request, {"q": [shown(furnished, request)]}).status_code == 200
        assert result(client, opened).json()["state"] == "answered"


def test_a_service_without_a_certificate_for_its_name_says_so(furnished):
    settings = Service(
        home=furnished.home, passphrase=furnished.secret, asks_as="centre", asks_by="x509_san_dns"
    )
    with TestClient(create_app(settings), base_url=settings.public_url) as client:
        query = {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {}}]}
        answer = client.post("/verifier/requests", json={"dcql_query": query})
    assert (answer.status_code, answer.json()["code"]) == (503, "vp.no_certificate")


def test_what_was_shown_is_forgotten_and_overwritten_after_the_retention_time(furnished):
    settings = Service(home=furnished.home, role="verifier", retention_seconds=60)
    app = create_app(settings)
    clock = [dt.datetime.now(dt.UTC)]
    app.state.house.now = lambda: clock[0]
    client = TestClient(app, base_url=settings.public_url)
    opened = ask(client, NAME)
    request = asked(opened)
    answer = shown(furnished, request, "family_name")
    assert post(client, request, {"q": [answer]}).status_code == 200
    kept = [path for path in (furnished.home / "service").iterdir() if path.is_file()]
    name = "EXEMPLE-DÉMONSTRATION"
    assert name in result(client, opened).text
    assert any(name.encode() in path.read_bytes() for path in kept)
    clock[0] += dt.timedelta(seconds=60)
    assert result(client, opened).status_code == 404
    assert tidy(app.state.house) > 0
    assert not any(name.encode() in path.read_bytes() for path in kept)
    app.state.house.close()
