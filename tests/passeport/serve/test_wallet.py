"""The wallet over HTTP: closed without its holder, open for a quarter of an hour, asking before it acts."""

import datetime as dt
import html
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

from exchange import qr, share_link
from exchange.openid4vci import offer as offers
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering
from issuer.order import Award
from passeport.serve.app import create_app
from passeport.serve.settings import Service

EXAMPLES = Path(__file__).parents[2] / "credentials" / "examples"
VCT = "https://w3id.org/passeport/vct/certification/1"
QUERY = {
    "id": "q",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": [VCT]},
    "claims": [{"path": ["family_name"]}],
}
ROUTES = [
    ("GET", "/wallet/credentials"),
    ("GET", "/wallet/credentials/0"),
    ("DELETE", "/wallet/credentials/0"),
    ("GET", "/wallet/history"),
    ("GET", "/wallet/offers"),
    ("POST", "/wallet/offers/0/collect"),
    ("POST", "/wallet/offers/0/keep"),
    ("DELETE", "/wallet/offers/0"),
    ("DELETE", "/wallet/requests/0"),
    ("DELETE", "/wallet/session"),
    ("GET", "/wallet/callback"),
    ("GET", "/wallet/links"),
    ("DELETE", "/wallet/links/0"),
]


@dataclass
class Home:
    """A service on this machine, in a thread, and the browser of its owner."""

    url: str
    app: Any
    browser: httpx2.Client
    secret: str
    moment: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def unlock(self, passphrase: str | None = None) -> Any:
        return self.browser.post("/wallet/session", json={"passphrase": passphrase or self.secret})

    def passes(self, **time: float) -> None:
        self.moment += dt.timedelta(**time)

    def offer(self, policy: Any = "link", **how: Any) -> str:
        house = self.app.state.house
        row = json.loads((EXAMPLES / "diploma.json").read_text("utf-8"))["row"]
        claims = {name: value for name, value in row.items() if name not in PIPELINE}
        award, desk = Award("R-900", "diploma", claims), house.organisations.get("centre").desk("P-256")
        sent = Offering(house.offers).make("centre", award, policy, desk, self.moment, **how)
        return offers.by_reference(f"{self.url}/issuers/centre/offers/{sent.reference}")

    def look(self, link: str) -> Any:
        answer = self.browser.post("/wallet/offers", json={"link": link})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.browser.post(f"/wallet{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def held(self) -> list[str]:
        return [one["id"] for one in self.browser.get("/wallet/credentials").json()["credentials"]]

    def ask(self) -> Any:
        return httpx2.post(
            f"{self.url}/verifier/requests", json={"dcql_query": {"credentials": [QUERY]}}
        ).json()

    def result(self, opened: Any) -> Any:
        headers = {"Authorization": f"Bearer {opened['handle']}"}
        return httpx2.get(f"{self.url}/verifier/results", headers=headers).json()


@pytest.fixture
def home(furnished: Any) -> Iterator[Home]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = create_app(Service(home=furnished.home, port=port, passphrase=furnished.secret))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    url = f"http://127.0.0.1:{port}"
    with httpx2.Client(base_url=url) as browser:
        found = Home(url, app, browser, furnished.secret)
        app.state.house.now = lambda: found.moment
        yield found
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_closed_wallet_says_nothing(home: Home, method: str, path: str) -> None:
    for cookies in ({}, {"passeport_wallet": "guessed"}, {"passeport_wallet": "A" * 43}):
        answer = httpx2.request(method, f"{home.url}{path}", cookies=cookies)
        assert (answer.status_code, answer.json()["code"]) == (401, "wallet.locked"), answer.text


def test_the_passphrase_opens_it_for_whoever_has_the_cookie(home: Home) -> None:
    assert home.unlock("une autre phrase").status_code == 403
    opened = home.unlock()
    assert opened.status_code == 204
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert len(home.held()) == 6
    assert home.browser.delete("/wallet/session").status_code == 204
    stolen = opened.headers["set-cookie"].partition(";")[0].partition("=")[2]
    answer = httpx2.get(f"{home.url}/wallet/credentials", cookies={"passeport_wallet": stolen})
    assert answer.status_code == 401, "wherever the cookie was copied to"


def test_it_closes_when_nobody_uses_it_and_stays_open_while_somebody_does(home: Home) -> None:
    home.unlock()
    for _ in range(5):
        home.passes(minutes=8)
        assert home.held()
    home.passes(minutes=16)
    assert home.browser.get("/wallet/credentials").status_code == 401


def test_nothing_in_the_stores_opens_it(home: Home) -> None:
    """The data key is sealed under a secret that only the cookie carries, and that nothing keeps."""
    secret = home.unlock().headers["set-cookie"].partition(";")[0].partition("=")[2]
    folder = home.app.state.house.settings.home
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not any(secret.encode() in data for data in files)


def test_the_page_of_another_site_cannot_use_it(home: Home) -> None:
    home.unlock()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = home.browser.get("/wallet/credentials", headers=headers)
        assert answer.status_code == 403


def test_an_offer_is_looked_at_accepted_and_kept_in_three_steps(home: Home) -> None:
    """CI-018."""
    home.unlock()
    before = home.held()
    seen = home.look(home.offer())
    assert home.held() == before
    got = home.post(f"/offers/{seen['id']}/accept", configurations=["diploma.sd-jwt"])
    assert got["state"] == "arrived"
    assert "family_name" in {item["id"] for item in got["arrived"][0]["items"]}
    assert home.held() == before
    [kept] = home.post(f"/offers/{seen['id']}/keep")["kept"]
    assert home.held() == [*before, kept]
    assert home.browser.get("/wallet/offers").json() == {"offers": []}
    shown = home.browser.get(f"/wallet/credentials/{kept}").json()
    assert shown["form"] == "application/dc+sd-jwt"
    assert home.browser.delete(f"/wallet/credentials/{kept}").status_code == 204
    assert home.held() == before


def test_what_arrived_can_be_refused(home: Home) -> None:
    home.unlock()
    before = home.held()
    seen = home.look(home.offer())
    home.post(f"/offers/{seen['id']}/accept")
    [waiting] = home.browser.get("/wallet/offers").json()["offers"]
    assert waiting["state"] == "arrived"
    again = home.browser.post(f"/wallet/offers/{seen['id']}/accept", json={})
    assert again.json()["code"] == "receive.accepted_already"
    assert home.browser.delete(f"/wallet/offers/{seen['id']}").status_code == 204
    assert home.held() == before


def test_signing_in_leads_back_to_the_wallet(home: Home) -> None:
    home.unlock()
    seen = home.look(home.offer("person"))
    told = home.post(f"/offers/{seen['id']}/accept", configurations=["diploma.sd-jwt"])
    assert told["state"] == "sign_in"
    page = httpx2.get(told["url"])
    found = re.search(r'name="session" value="([^"]+)"', page.text)
    assert found
    row = json.loads((EXAMPLES / "diploma.json").read_text("utf-8"))["row"]
    form = {
        "session": html.unescape(found[1]), "do": "receive", "given_name": row["given_name"],
        "birth_name": row["birth_family_name"], "birthdate": row["birthdate"],
    }  # fmt: skip
    back = httpx2.post(told["url"].partition("?")[0], data=form, cookies=page.cookies)
    assert back.status_code == 303, back.text
    where = back.headers["location"]
    assert where.startswith(f"{home.url}/wallet/callback?")
    assert home.browser.get(where.replace("state=", "state=x")).status_code == 400
    assert home.browser.get(where).json()["state"] == "arrived"
    assert len(home.post(f"/offers/{seen['id']}/keep")["kept"]) == 1


def test_a_request_is_looked_at_and_answered_and_remembered(home: Home) -> None:
    home.unlock()
    opened = home.ask()
    seen = home.post("/requests", link=opened["link"])
    [query] = seen["consent"]["queries"]
    assert home.result(opened) == {"state": "open"}
    chosen = query["credentials"][0]["credential"]
    assert home.post(f"/requests/{seen['id']}/answer", credentials=[chosen]) == {"next": None}
    assert home.result(opened)["state"] == "answered"
    [event] = home.browser.get("/wallet/history").json()["history"]
    assert [one["credential"] for one in event["shown"]] == [chosen]
    again = home.browser.post(f"/wallet/requests/{seen['id']}/answer", json={})
    assert again.json()["code"] == "answer.no_request"


def test_a_request_is_declined(home: Home) -> None:
    home.unlock()
    opened = home.ask()
    seen = home.post("/requests", link=opened["link"])
    assert home.browser.delete(f"/wallet/requests/{seen['id']}").status_code == 204
    assert home.result(opened)["error"] == "access_denied"


def test_a_request_does_not_wait_for_ever(home: Home) -> None:
    home.unlock()
    seen = home.post("/requests", link=home.ask()["link"])
    home.passes(minutes=8)
    home.held()
    home.passes(minutes=8)
    answer = home.browser.post(f"/wallet/requests/{seen['id']}/answer", json={})
    assert answer.json()["code"] == "answer.no_request"


def test_a_share_behind_a_link_is_made_remembered_and_cut(home: Home) -> None:
    home.unlock()
    [chosen, *_] = home.held()
    show = [{"credential": chosen, "items": ["family_name"]}]
    made = home.post("/links", show=show, service=home.url, views=2)
    link = share_link.opened(qr.decode(made["url"].replace("http:", "https:")))
    kept = httpx2.post(f"{home.url}/links/{link.name}/view", json={}).json()["ciphertext"]
    assert b"birthdate" not in link.unseal(kept)
    assert home.browser.get("/wallet/links").json() == {"links": [made]}
    [event] = home.browser.get("/wallet/history").json()["history"]
    assert (event["outcome"], event["verifier"]["id"]) == ("linked", link.audience)
    assert [one["credential"] for one in event["shown"]] == [chosen]
    assert home.browser.delete(f"/wallet/links/{made['id']}").status_code == 204
    assert httpx2.post(f"{home.url}/links/{link.name}/view", json={}).json()["code"] == "link.revoked"
    assert home.browser.get("/wallet/links").json() == {"links": []}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"service": "https://passeport.example/path"}, "link.origin"),
        ({"service": "http://192.168.0.1"}, "link.origin"),
        ({"show": [{"credential": "ffff"}]}, "wallet.no_credential"),
        ({"show": [{"credential": "*", "items": ["unheard"]}]}, "present.item_unknown"),
        ({"show": []}, "http.body"),
        ({"days": 93}, "http.body"),
    ],
    ids=["a path", "a private address", "not held", "no such item", "nothing", "too long"],
)
def test_what_is_no_share(home: Home, wrong: Any, code: str) -> None:
    home.unlock()
    [held, *_] = home.held()
    body = {"show": [{"credential": held}], "service": home.url, **wrong}
    for one in body["show"]:
        one["credential"] = one["credential"].replace("*", held)
    answer = home.browser.post("/wallet/links", json=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"].startswith(code), answer.text
    assert home.browser.get("/wallet/history").json() == {"history": []}, "nothing left"


def test_a_service_that_others_reach_has_no_such_wallet(furnished: Any) -> None:
    app = create_app(Service(home=furnished.home, public_url="https://passeport.example", role="wallet"))
    with TestClient(app, base_url="https://passeport.example") as browser:
        assert browser.post("/wallet/session", json={"passphrase": furnished.secret}).status_code == 404
