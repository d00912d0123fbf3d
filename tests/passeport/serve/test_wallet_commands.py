"""The wallet's commands with services over real HTTP: shown first, and only then accepted or sent."""

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from exchange.openid4vci import offer as offers
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering, Sent
from issuer.order import Award
from passeport import qr_image
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service

EXAMPLES = Path(__file__).parents[2] / "credentials" / "examples"
VCT = "https://w3id.org/passeport/vct/certification/1"
QUERY = {
    "id": "q",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": [VCT]},
    "claims": [{"path": ["family_name"]}],
}


@dataclass(frozen=True)
class Street:
    """Our services, and a person's command line on the same machine."""

    url: str
    house: House
    person: Any

    def offer(self, policy: Any = "link", **how: Any) -> tuple[str, Sent]:
        row = json.loads((EXAMPLES / "diploma.json").read_text("utf-8"))["row"]
        claims = {name: value for name, value in row.items() if name not in PIPELINE}
        desk, now = self.house.organisations.get("centre").desk("P-256"), dt.datetime.now(dt.UTC)
        sent = Offering(self.house.offers).make(
            "centre", Award("R-900", "diploma", claims), policy, desk, now, **how
        )
        return offers.by_reference(f"{self.url}/issuers/centre/offers/{sent.reference}"), sent

    def ask(self, query: Any = QUERY) -> Any:
        body = {"dcql_query": {"credentials": [query]}}
        return httpx2.post(f"{self.url}/verifier/requests", json=body).json()

    def result(self, opened: Any) -> Any:
        headers = {"Authorization": f"Bearer {opened['handle']}"}
        return httpx2.get(f"{self.url}/verifier/results", headers=headers).json()

    def held(self) -> int:
        return len(self.person("wallet", "list", "--json").json)


@pytest.fixture
def street(furnished: Any, request: pytest.FixtureRequest) -> Iterator[Street]:
    """Other settings may be given as the parameter; who attests is then written by the wallet's owner."""
    more = getattr(request, "param", {})
    if "wallet_providers" in more:
        more = {**more, "wallet_providers": furnished.path("providers.pem")}
        furnished("wallet", "attest", more["wallet_providers"])
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    app = create_app(Service(home=furnished.home, port=port, passphrase=furnished.secret, **more))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    person = replace(furnished, more={"PASSEPORT_LOOPBACK": "1"})
    yield Street(f"http://127.0.0.1:{port}", app.state.house, person)
    server.should_exit = True
    thread.join()
    listening.close()


def test_an_offer_is_shown_and_not_accepted_unasked(street: Street) -> None:
    """CI-018: a program that does not say yes, and a person who is not there, accept nothing."""
    link, sent = street.offer()
    before = street.held()
    told = street.person("wallet", "receive", link, "--json").json
    assert told.keys() == {"offered"}
    assert {one["format"] for one in told["offered"]["credentials"]} == {"dc+sd-jwt", "ldp_vc", "jwt_vc_json"}
    assert "diploma.sd-jwt" in street.person("wallet", "receive", link).out
    assert street.held() == before
    assert street.house.offers.find(sent.offer.id, dt.datetime.now(dt.UTC)).state == "offered"


def test_an_accepted_offer_says_whose_it_is_and_is_kept(street: Street) -> None:
    link, _ = street.offer()
    before = street.held()
    told = street.person("wallet", "receive", link, "--only", "diploma.sd-jwt", "--yes", "--json").json
    assert len(told["kept"]) == 1
    labels = {item["id"] for item in told["arrived"][0]["items"]}
    assert "family_name" in labels
    assert street.held() == before + 1
    assert "Rien n'est en route" in street.person("wallet", "collect").out


ATTESTED = {"wallet_providers": "", "attested_only": True, "attested_keys": True}


@pytest.mark.parametrize("street", [ATTESTED], indirect=True, ids=["attested"])
def test_an_attested_wallet_with_attested_keys(street: Street) -> None:
    """HAIP 1.0 §4.4.1, §4.5.1: the provider's file makes the difference, and nothing else."""
    link, _ = street.offer()
    provider = street.person.home / "wallet-provider.pem"
    assert provider.stat().st_mode & 0o077 == 0
    aside = provider.rename(provider.with_suffix(".aside"))
    street.person.refused("receive.not_attested", "wallet", "receive", link, "--yes")
    aside.rename(provider)
    told = street.person("wallet", "receive", link, "--only", "diploma.sd-jwt", "--yes", "--json").json
    assert len(told["kept"]) == 1


def test_an_offer_on_a_picture_with_a_code(street: Street) -> None:
    link, sent = street.offer("code")
    picture = street.person.write("offer.png", qr_image.png(link))
    street.person.refused("secret.missing", "wallet", "receive", picture, "--yes")
    ends = ["wallet", "receive", picture, "--tx-code", sent.tx_code, "--only", "diploma.ldp", "--yes"]
    assert "Camille" in street.person(*ends).out
    assert street.person("wallet", "list").out.count("JSON-LD") == 4


def test_what_comes_later_is_collected_later(street: Street) -> None:
    link, sent = street.offer(held=True)
    told = street.person("wallet", "receive", link, "--only", "diploma.sd-jwt", "--yes", "--json").json
    assert told["waiting"] == 1
    assert street.person("wallet", "collect", "--yes", "--json").json["waiting"] == 1
    Offering(street.house.offers).release(sent.offer.id, dt.datetime.now(dt.UTC))
    assert len(street.person("wallet", "collect", "--yes", "--json").json["kept"]) == 1


def test_signing_in_ends_with_the_address_that_the_browser_came_back_to(street: Street) -> None:
    link, _ = street.offer("person")
    back = "https://wallet.example/back"
    told = street.person("wallet", "receive", link, "--back", back, "--yes", "--json").json
    assert told["signIn"].startswith(f"{street.url}/issuers/centre/authorize?")
    answer = f"{back}?code=guessed&state=guessed&iss=https%3A%2F%2Fevil.example"
    street.person.refused("oauth.other_issuer", "wallet", "collect", "--back", answer, "--yes")


def test_an_answer_is_shown_and_not_sent_unasked(street: Street) -> None:
    opened = street.ask()
    told = street.person("wallet", "answer", opened["link"], "--json").json
    consent = told["consent"]
    assert told["answered"] is False
    assert consent["verifier"]["proved"] is False
    assert consent["purpose"] is None
    [query] = consent["queries"]
    assert query["required"] is True
    [credential] = query["credentials"]
    assert "family_name" in {item["id"] for item in credential["shown"]}
    assert "birthdate" in {item["id"] for item in credential["hidden"]}
    assert "non vérifiée" in street.person("wallet", "answer", opened["link"]).out
    assert street.result(opened) == {"state": "open"}


def test_an_answer_is_sent_and_remembered(street: Street) -> None:
    opened = street.ask()
    assert street.person("wallet", "answer", opened["link"], "--yes", "--json").json["answered"] is True
    assert street.result(opened)["state"] == "answered"
    [event] = street.person("wallet", "history", "--json").json
    assert event["outcome"] == "answered"
    assert event["verifier"]["proved"] is False
    [shown] = event["shown"]
    assert street.person("wallet", "show", shown["credential"], "--json").json["presented"] == [event]
    assert "montré" in street.person("wallet", "history").out
    other = street.ask()
    seen = street.person("wallet", "answer", other["link"], "--json").json["consent"]
    assert seen["lastShown"] is None, "an unsigned request is somebody else each time"


@pytest.mark.parametrize("query", [QUERY, {**QUERY, "meta": {"vct_values": ["urn:absent"]}}])
def test_to_decline_looks_the_same_whatever_is_held(street: Street, query: Any) -> None:
    """VP-009."""
    opened = street.ask(query)
    street.person("wallet", "answer", opened["link"], "--decline")
    assert street.result(opened) == {"state": "declined", "error": "access_denied"}
    [event] = street.person("wallet", "history", "--json").json
    assert (event["outcome"], event["shown"]) == ("declined", [])


def test_a_choice_that_answers_nothing_is_refused(street: Street) -> None:
    opened = street.ask()
    street.person.refused(
        "answer.no_such_choice", "wallet", "answer", opened["link"], "--choose", "ffff", "--yes"
    )
    assert street.result(opened) == {"state": "open"}


def test_services_on_this_machine_are_for_development_only(street: Street) -> None:
    careful = replace(street.person, more={})
    link, _ = street.offer()
    careful.refused("url.refused", "wallet", "receive", link, "--yes")
    careful.refused(
        "url.refused", "wallet", "answer", f"openid4vp://?client_id=x509_hash:a&request_uri={street.url}/r"
    )


@pytest.mark.parametrize(
    "link", ["x", "openid-credential-offer://", "https://example.org/menu", "openid4vp://?a=b"]
)
def test_what_is_no_link(street: Street, link: str) -> None:
    assert street.person.play("wallet", "receive", link).status == 2
    assert street.person.play("wallet", "answer", link).status == 2
