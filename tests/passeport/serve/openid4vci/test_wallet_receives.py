"""Our wallet at our issuer's counter: every way to take up an offer, every format, and what goes wrong."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from boundary.fetch import Answer
from boundary.sources import Mirror
from exchange.openid4vci import offer as offers
from keys.dids.resolve import resolver
from keys.sealing import Cost
from passeport import issuers
from passeport.passport import sound, verifier, whole
from passeport.settings import Settings
from problems import InputError, ProtocolError
from storage.sqlite.vault import SqliteVault
from wallet import hold, receive
from wallet.receive import Web, errand
from wallet.vault import Vault

HERE = "http://127.0.0.1:8000"
PERSON = {"birth_name": "exemple demonstration", "given_name": "camille", "birthdate": "2000-02-29"}


@dataclass
class Wire:
    """:class:`boundary.fetch.Client` by way of the application itself; ``log`` is what was asked."""

    http: TestClient
    log: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Any = (), limit: int = 0) -> Answer:
        answer = self.http.request(method, url, content=body, headers=dict(headers))
        self.log.append(f"{method} {url.removeprefix(HERE)} {answer.status_code}")
        return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@dataclass
class Person:
    """Somebody with a wallet, in front of a certifier."""

    certifier: Any
    vault: Vault
    wire: Wire

    @property
    def web(self) -> Web:
        source = Mirror(self.certifier.house.settings.web)
        return Web(self.wire, resolver(source), self.certifier.clock, "w-1")

    def verify(self, body: bytes, _media: str) -> None:
        source = Mirror(self.certifier.house.settings.web)
        sound(verifier(source).verify(whole(body), self.certifier.clock()))

    def link(self, sent: Any, base: str = "openid-credential-offer://") -> str:
        at = f"{HERE}/issuers/{sent.offer.organisation}/offers/{sent.reference}"
        return offers.by_reference(at, base)

    def look(self, sent: Any) -> receive.Offered:
        return receive.look(self.link(sent), self.web)

    def accept(self, sent: Any, *configurations: str, tx_code: str | None = None, copies: int = 1) -> Any:
        begun = receive.start(self.look(sent), configurations or None, copies)
        return receive.collect(receive.redeem(begun, tx_code, self.web), self.vault, self.web)

    def keep(self, errand: receive.Errand) -> Any:
        return receive.keep(errand, self.vault, self.verify, self.web)


@pytest.fixture
def person(certifier, tmp_path) -> Iterator[Person]:
    store = SqliteVault(tmp_path / "person.db")
    for name in certifier.house.organisations.names():
        settings = certifier.house.settings
        issuers.open_issuer(Settings(settings.home, "fr"), name).publish_keys(settings.web)
    vault, _ = Vault.create(store, "quatre mots au hasard", cost=Cost(memory_kib=8, passes=1, lanes=1))
    yield Person(certifier, vault, Wire(certifier.http))
    store.close()


def events(person: Person) -> list[str]:
    return [line for line in person.wire.log if "notification" in line]


@pytest.mark.parametrize(
    ("configuration", "form"),
    [
        ("diploma.sd-jwt", "application/dc+sd-jwt"),
        ("diploma.ldp", "application/vc"),
        ("diploma.jwt", "application/vc+jwt"),
    ],
)
def test_every_format_by_pre_authorized_code(certifier, person, configuration, form):
    errand = person.accept(certifier.offer(), configuration)
    [arrival] = receive.arrived(errand, person.vault, person.verify, person.web)
    assert arrival.media_type == form
    assert person.vault.credentials() == [], "nothing is kept before the person has seen whose it is"
    shown = " ".join(line for item in arrival.facts.shown for line in item.lines["fr"])
    assert "Camille Fictive" in shown
    [held] = person.keep(errand)
    assert person.vault.credentials() == [held]
    assert events(person)[-1].endswith(" 204")


def test_what_is_offered_is_shown_before_anything_is_accepted(certifier, person):
    """CI-018: opening a link asks for descriptions, with GET, and for nothing else."""
    offered = person.look(certifier.offer(policy="code"))
    assert all(line.startswith("GET ") for line in person.wire.log)
    assert person.vault.credentials() == []
    assert person.vault.holder_keys() == []
    assert offered.name("fr") == "centre (fictif)"
    assert offered.host == "127.0.0.1"
    assert offered.tx_code is not None
    assert {one.configuration for one in offered.credentials("fr")} == {
        "diploma.sd-jwt", "diploma.ldp", "diploma.jwt",
    }  # fmt: skip
    assert {one.name for one in offered.credentials("en")} == {"Diploma"}


def test_an_offer_that_somebody_else_passed_on_shows_whose_it_is_and_can_be_refused(certifier, person):
    """CI-018: the credential of another person's offer is not added by itself."""
    errand = person.accept(certifier.offer(), "diploma.sd-jwt")
    [arrival] = receive.arrived(errand, person.vault, person.verify, person.web)
    assert "family_name" in {item.id for item in arrival.facts.shown}
    receive.refuse(errand, person.vault, person.web)
    assert person.vault.credentials() == []
    assert person.vault.holder_keys() == [], "nor is a key left to which it is bound"
    assert events(person)[-1].endswith(" 204")


@pytest.mark.parametrize(
    "base", ["openid-credential-offer://", "haip-vci://", "https://wallet.example/offer"]
)
def test_every_kind_of_link(certifier, person, base):
    sent = certifier.offer()
    by_value = offers.by_value(certifier.read(sent), base)
    for link in (person.link(sent, base), by_value):
        assert receive.look(link, person.web).offer.issuer == f"{HERE}/issuers/centre"


def test_a_transaction_code(certifier, person):
    sent = certifier.offer(policy="code")
    begun = receive.start(person.look(sent), ["diploma.sd-jwt"])
    with pytest.raises(InputError, match=r"receive\.tx_code_wanted"):
        receive.redeem(begun, None, person.web)
    with pytest.raises(ProtocolError) as refusal:
        receive.redeem(begun, "000000" if sent.tx_code != "000000" else "1", person.web)
    assert refusal.value.error == "invalid_grant"
    errand = receive.collect(receive.redeem(begun, sent.tx_code, person.web), person.vault, person.web)
    assert len(person.keep(errand)) == 1


def test_tokens_are_bound_to_a_key_and_servers_give_their_nonces(certifier, person):
    errand = person.accept(certifier.offer(), "diploma.sd-jwt")
    assert errand.access is not None
    assert errand.access.token.scheme == "DPoP"
    tokens = [line for line in person.wire.log if line.startswith("POST /issuers/centre/token")]
    assert [line[-3:] for line in tokens] == ["400", "200"], "once more, with the nonce"


def test_copies_do_not_link(certifier, person):
    errand = person.accept(certifier.offer(), "diploma.sd-jwt", copies=3)
    held = person.keep(errand)
    assert len(held) == 3
    keys = {hold.facts_of(one).holder_id for one in held}
    assert len(keys) == 3
    assert len([line for line in person.wire.log if "/credential " in line]) <= 2


def test_everything_that_is_offered_at_once(certifier, person):
    held = person.keep(person.accept(certifier.offer()))
    assert {one.media_type for one in held} == {
        "application/dc+sd-jwt", "application/vc", "application/vc+jwt",
    }  # fmt: skip


def signed_in(certifier, url: str, fields: dict[str, str]) -> str:
    """Play the person's browser; return the query that the wallet gets back."""
    browser = TestClient(certifier.app, base_url=HERE, follow_redirects=False)
    page = browser.get(url)
    assert page.status_code == 200, page.text
    found = re.search(r'name="session" value="([^"]+)"', page.text)
    assert found
    form = {"session": html.unescape(found[1]), "do": "receive", **fields}
    answer = browser.post("/issuers/centre/authorize", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].partition("?")[2])


def test_signing_in(certifier, person):
    """Between the way out and the way back the errand is in the vault only."""
    sent = certifier.offer(policy="person")
    offered = person.look(sent)
    assert offered.by_sign_in
    begun, url = receive.sign_in(
        receive.start(offered, ["diploma.sd-jwt"]), "https://wallet.example/back", person.web
    )
    assert "request_uri=" in url, "pushed"
    receive.remember(begun, person.vault, certifier.clock())
    query = signed_in(certifier, url, PERSON)
    [again] = receive.errands(person.vault)
    assert again == begun
    with pytest.raises(ProtocolError, match=r"oauth\.other_state"):
        receive.signed_in(again, re.sub("state=[^&]*", "state=x", query), person.web)
    with pytest.raises(ProtocolError, match=r"oauth\.other_issuer"):
        receive.signed_in(again, re.sub("iss=[^&]*", "iss=https%3A%2F%2Fevil.example", query), person.web)
    errand = receive.collect(receive.signed_in(again, query, person.web), person.vault, person.web)
    assert len(person.keep(errand)) == 1
    assert receive.errands(person.vault) == []


def test_what_is_not_ready_is_asked_for_again(certifier, person):
    sent = certifier.offer(held=True)
    errand = person.accept(sent, "diploma.sd-jwt")
    assert [one.interval for one in errand.waiting] == [60]
    assert errand.arrived == ()
    receive.remember(errand, person.vault, certifier.clock())
    [errand] = receive.errands(person.vault)
    errand = receive.collect(errand, person.vault, person.web)
    assert len(errand.waiting) == 1
    certifier.clock.passes(days=3)
    certifier.offering.release(sent.offer.id, certifier.clock())
    errand = receive.collect(errand, person.vault, person.web)
    assert errand.waiting == ()
    assert any("/token 200" in line for line in person.wire.log[-6:]), "with a token renewed meanwhile"
    assert len(person.keep(errand)) == 1


def test_a_stale_nonce_is_fetched_again_once(certifier, person, monkeypatch):
    sent = certifier.offer()
    begun = receive.redeem(receive.start(person.look(sent), ["diploma.sd-jwt"]), None, person.web)
    stale = person.certifier.wallet().nonce()
    certifier.clock.passes(minutes=6)
    from wallet.receive.collect import _Counter

    given = iter([stale, *(person.certifier.wallet().nonce() for _ in range(2))])
    with monkeypatch.context() as patched:
        patched.setattr(_Counter, "_nonce", lambda _: next(given))
        errand = receive.collect(begun, person.vault, person.web)
    assert len(person.keep(errand)) == 1
    asked = [line[-3:] for line in person.wire.log if "/credential " in line]
    assert asked[-2:] == ["400", "200"]


def test_metadata_may_come_signed(certifier, person):
    from dataclasses import replace

    sent = certifier.offer()
    offered = receive.look(person.link(sent), replace(person.web, signed=True))
    assert offered.signed_by == "did:web:centre.example"
    assert person.look(sent).signed_by is None


def test_an_errand_is_the_same_after_a_night_in_the_vault(certifier, person):
    errand_ = person.accept(certifier.offer(held=True))
    assert errand.from_json(errand.to_json(errand_)) == errand_


@dataclass
class Liar(Wire):
    """Changes what the issuer says of itself on its way."""

    lies: dict[str, Any] = field(default_factory=dict)
    about: str = ""

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Any = (), limit: int = 0) -> Answer:
        answer = super().send(method, url, body=body, headers=headers, limit=limit)
        if self.about not in url:
            return answer
        said = {**json.loads(answer.body), **self.lies}
        return Answer(answer.status, answer.headers, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("about", "lies"),
    [
        ("openid-credential-issuer", {"credential_issuer": "https://bank.example"}),
        ("openid-credential-issuer", {"credential_issuer": f"{HERE}/issuers/centre/"}),
        ("oauth-authorization-server", {"issuer": "https://bank.example"}),
        ("oauth-authorization-server", {"token_endpoint": "https://evil.example/token"}),
        ("oauth-authorization-server", {"pushed_authorization_request_endpoint": "https://evil.example/par"}),
    ],
    ids=["another issuer", "almost the issuer", "another server", "tokens elsewhere", "requests elsewhere"],
)
def test_metadata_of_somebody_else_are_refused(certifier, person, about, lies):
    """CI-019: before a code, a key or a token is sent to anybody."""
    sent = certifier.offer()
    person.wire = Liar(certifier.http, lies=lies, about=about)
    with pytest.raises(ProtocolError, match=r"wallet\.metadata_mismatch"):
        person.look(sent)
    assert all(line.startswith("GET ") for line in person.wire.log)


def test_what_cannot_be_verified_now_is_not_lost(certifier, person):
    """The issuer's key is not to be had for a moment: the credential waits, and so do its keys."""
    errand_ = person.accept(certifier.offer(), "diploma.sd-jwt")
    receive.remember(errand_, person.vault, certifier.clock())

    def unreachable(_body: bytes, _media: str) -> None:
        raise InputError("wallet.issuer_unreachable", cause="fetch.failed")

    with pytest.raises(InputError):
        receive.keep(errand_, person.vault, unreachable, person.web)
    assert person.vault.credentials() == []
    [waiting] = receive.errands(person.vault)
    assert events(person) == []
    assert len(person.keep(waiting)) == 1
