"""Every address that comes from outside and is asked for, with every address that leads into the house.

One table of entrances; a test of its own sees that none is missing. Each is entered as others enter it, with
the guarded client of a public service: whatever is connected to is noted, and must be nothing. What never is
asked for at all (contexts, schemas, types, pictures) stands in ``test_network.py``, and what a service does
with all of them in ``tests/passeport/serve/vc_api/test_addresses.py``.
"""

import ast
import datetime as dt
import hashlib
import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest
from attacks import addresses

from boundary import urls
from boundary.fetch import Answer, Fetcher
from credentials.status_references import StatusReference
from exchange.oauth.metadata import AuthorizationServer
from exchange.oidc import SignIn
from exchange.openid4vp.client_id import Trust
from exchange.openid4vp.request import TYP
from exchange.share_link import ShareLink
from issuer.attested import Providers
from keys.controlled import Controlled
from keys.dids import resolution
from keys.dids.resolve import resolver
from keys.issuer_metadata import HttpsIssuer
from keys.local import LocalSigner
from passeport import passport
from passeport.cli import link as share_opened
from passeport.serve.oidc import Party
from passeport.serve.settings import Service
from problems import Problem, RetrievalError
from proofs import SUITES, badge_token, data_integrity, jws
from proofs.suite import ProofOptions
from storage.webhooks import Delivery, Webhook
from verifier.deliver import Deliverer
from verifier.policy import Policy
from wallet import answer, receive, share
from wallet.receive import Web
from wallet.receive.talk import Instance, Talk

ROOT = Path(__file__).parents[2]
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SIGNER = LocalSigner.generate("P-256")
DID = SIGNER.verification_method.partition("#")[0]
HONEST = "https://attacker.example"
"""A public host that says whatever it likes, and leads on to where it should not."""
LEADING = "https://redirect.example"
INSIDE = "http://169.254.169.254/latest/meta-data/"


@dataclass
class Attackers:
    """The web as its attacker has it: ``pages`` are theirs, ``leads`` is what :data:`LEADING` answers, and
    all else is asked for by the guarded client."""

    guarded: Fetcher
    leads: Answer | None = None
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def send(self, method: str, url: str, **how: Any) -> Answer:
        return self._own(url) or self.guarded.send(method, url, **how)

    def get(self, url: str, *, limit: int = 1 << 20) -> bytes:
        found = self._own(url)
        if found is None:
            return self.guarded.get(url, limit=limit)
        if found.status != 200:
            raise RetrievalError("fetch.redirect", host="attacker.example")
        return found.body

    def _own(self, url: str) -> Answer | None:
        self.asked.append(url)
        return self.leads if url.startswith(LEADING) else self.pages.get(url)

    def says(self, path: str, document: Any, kind: str = "application/json") -> str:
        url = f"{HONEST}{path}"
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.pages[url] = Answer(200, {"content-type": kind}, body)
        return url

    @property
    def web(self) -> Web:
        return Web(self, resolver(self), lambda: NOW)

    @property
    def trust(self) -> Trust:
        return Trust(resolver(self), [], NOW)


def did_of(url: str) -> str:
    """The did:web of where ``url`` leads, as one would write it."""
    parts = urlsplit(url)
    return "did:web:" + quote(parts.netloc, safe="") + parts.path.rstrip("/").replace("/", ":")


def signed_credential(**more: Any) -> bytes:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "credentialSubject": {"id": "urn:uuid:0e4e1c1a-0000-4000-8000-0000000050b0"},
        **more,
    }
    suite, options = SUITES["ecdsa-rdfc-2019"], ProofOptions(created="2026-01-01T00:00:00Z")
    return json.dumps(data_integrity.add_proof(document, suite, options, SIGNER)).encode()


def bitstring(url: str, web: Attackers) -> None:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7"}
    body = signed_credential(credentialStatus={**entry, "statusListCredential": url})
    passport.verifier(web, Policy()).verify(body, NOW)


def token_list(url: str, web: Attackers) -> None:
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": SIGNER.verification_method}
    claims = {"iss": DID, "vct": "urn:x", "status": {"status_list": {"idx": 7, "uri": url}}}
    passport.verifier(web, Policy()).verify(f"{jws.sign(header, claims, SIGNER)}~".encode(), NOW)


def keys_elsewhere(url: str, web: Attackers) -> None:
    web.says("/.well-known/jwt-vc-issuer", {"issuer": HONEST, "jwks_uri": url})
    HttpsIssuer(web).resolve(f"{HONEST}#k", "assertionMethod")


def badge_key(url: str, web: Attackers) -> None:
    token = jws.parse(jws.sign({"alg": "ES256", "kid": url}, {"issuer": url}, SIGNER))
    badge_token._key(token, {"issuer": url}, resolver(web), web)


def asked_by(method: str) -> Callable[[str, Attackers], None]:
    def enter(url: str, web: Attackers) -> None:
        link = f"openid4vp://?client_id=x509_hash%3Aabc&request_uri={quote(url, safe='')}"
        answer.fetch(f"{link}&request_uri_method={method}", web, web.trust)

    return enter


def asked_by_a_did(url: str, web: Attackers) -> None:
    asker = f"decentralized_identifier:{did_of(url)}"
    header = {"alg": "ES256", "typ": TYP, "kid": f"{did_of(url)}#k"}
    token = jws.sign(header, {"client_id": asker, "nonce": "n", "aud": "https://self-issued.me/v2"}, SIGNER)
    link = f"openid4vp://?client_id={quote(asker, safe='')}&request={token}"
    answer.fetch(link, web, web.trust)


def answered_to(url: str, web: Attackers) -> None:
    """The answer is sent where the request says, without a look at whose address it is (§8.2)."""
    query = {"credentials": [{"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]}
    said = {
        "client_id": f"redirect_uri:{url}", "response_uri": url, "response_mode": "direct_post",
        "response_type": "vp_token", "nonce": "n-0123456789", "dcql_query": json.dumps(query),
    }  # fmt: skip
    link = "openid4vp://?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())
    answer.decline(answer.fetch(link, web, web.trust), web)


def offered_at(url: str, web: Attackers) -> None:
    receive.look(f"openid-credential-offer://?credential_offer_uri={quote(url, safe='')}", web.web)


def offer(issuer: str) -> str:
    grant = {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "c"}}
    said = {"credential_issuer": issuer, "credential_configuration_ids": ["c"], "grants": grant}
    return f"openid-credential-offer://?credential_offer={quote(json.dumps(said), safe='')}"


def offered_by(url: str, web: Attackers) -> None:
    receive.look(offer(url), web.web)


def issuer_metadata(**more: Any) -> dict[str, Any]:
    known = {"c": {"format": "dc+sd-jwt", "vct": "urn:x"}}
    said = {"credential_issuer": HONEST, "credential_endpoint": f"{HONEST}/credential"}
    return {**said, "credential_configurations_supported": known, **more}


def authorized_by(url: str, web: Attackers) -> None:
    web.says("/.well-known/openid-credential-issuer", issuer_metadata(authorization_servers=[url]))
    receive.look(offer(HONEST), web.web)


def issuers_endpoint(url: str, web: Attackers) -> None:
    Talk(web.web).send(url, b"{}", "application/json")


def servers_endpoint(url: str, web: Attackers) -> None:
    Talk(web.web).form(url, {})


def challenged_at(url: str, web: Attackers) -> None:
    server = AuthorizationServer(HONEST, f"{HONEST}/token", challenge_endpoint=url)
    talk = Talk(web.web, instance=Instance(SimpleNamespace(vouch=None), SIGNER, server))  # type: ignore[arg-type]
    talk.form(f"{HONEST}/token", {})


def attested_by(url: str, web: Attackers) -> None:
    Providers([], web)._check_listed(StatusReference("token", url, 7), NOW)


def discovered(url: str, web: Attackers) -> None:
    Party(served(web, url))._provider()  # type: ignore[arg-type]


def provider(web: Attackers, **more: str) -> Any:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    said = {"issuer": HONEST, **{name: f"{HONEST}/{name}" for name in names}, **more}
    said |= {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
    web.says("/.well-known/openid-configuration", said)
    return served(web, HONEST)


def served(web: Attackers, issuer: str) -> Any:
    settings = Service.model_construct(oidc_issuer=issuer, oidc_client_id="us", oidc_client_secret=None)
    asked = SignIn("us", "https://us.example/session/oidc/callback", "s", "n", "v")
    content = {"asked": asdict(asked), "browser": hashlib.sha256(b"").hexdigest()}
    once = SimpleNamespace(take=lambda *_: SimpleNamespace(state="ready", content=content))
    return SimpleNamespace(settings=settings, client=web, once=once, now=lambda: NOW)


def signed_in_at(url: str, web: Attackers) -> None:
    house = provider(web, token_endpoint=url)
    Party(house).come_back(f"state=s&code=c&iss={quote(HONEST)}", "")


def signed_in_with_keys_at(url: str, web: Attackers) -> None:
    house = provider(web, jwks_uri=url)
    web.says("/token_endpoint", {"id_token": "a.b.c", "access_token": "t"})
    Party(house).come_back(f"state=s&code=c&iss={quote(HONEST)}", "")


def shared_at(url: str, web: Attackers) -> None:
    share._ask(web, "POST", url, {})  # type: ignore[arg-type]


def share_behind(url: str, web: Attackers) -> None:
    share_opened._taken(ShareLink(url.rstrip("/"), "name", bytes(32)), web)  # type: ignore[arg-type]


def told_at(url: str, web: Attackers) -> None:
    hook = Webhook("w-1", "centre", url, "a-1", NOW)
    store = SimpleNamespace()
    sender = Deliverer(store, web, lambda _: b"secret", lambda: NOW, "w", bytes)  # type: ignore[arg-type]
    sender._send(hook, Delivery("d-1", "w-1", "{}", NOW, NOW), NOW)


@dataclass(frozen=True)
class Entrance:
    """``module`` is where the address is asked for."""

    module: str
    enter: Callable[[str, Attackers], None]


ENTRANCES: Final[Mapping[str, Entrance]] = {
    "a did:web": Entrance(
        "keys/dids/resolution.py", lambda url, web: _raise(resolution.resolve(did_of(url), web))
    ),
    "the did:web of a key": Entrance(
        "keys/dids/web.py",
        lambda url, web: _raise(resolver(web).resolve(f"{did_of(url)}#k", "assertionMethod")),
    ),
    "an issuer's address": Entrance(
        "keys/issuer_metadata.py",
        lambda url, web: _raise(HttpsIssuer(web).resolve(f"{url}#k", "assertionMethod")),
    ),
    "an issuer's jwks_uri": Entrance("keys/issuer_metadata.py", keys_elsewhere),
    "a controlled identifier": Entrance(
        "keys/controlled.py",
        lambda url, web: _raise(Controlled(resolver(web), web).resolve(f"{url}#k", "assertionMethod")),
    ),
    "the key of a badge": Entrance("proofs/badge_token.py", badge_key),
    "a status list of a document": Entrance("verifier/checks.py", bitstring),
    "a status list of a token": Entrance("verifier/checks.py", token_list),
    "a request_uri": Entrance("wallet/answer.py", asked_by("get")),
    "a request_uri that is posted to": Entrance("wallet/answer.py", asked_by("post")),
    "a verifier's DID": Entrance("keys/dids/web.py", asked_by_a_did),
    "a response_uri": Entrance("wallet/answer.py", answered_to),
    "an offer": Entrance("wallet/receive/offered.py", offered_at),
    "an offer's issuer": Entrance("wallet/receive/offered.py", offered_by),
    "an issuer's authorization server": Entrance("wallet/receive/offered.py", authorized_by),
    "an issuer's endpoints": Entrance("wallet/receive/talk.py", issuers_endpoint),
    "an authorization server's endpoints": Entrance("wallet/receive/talk.py", servers_endpoint),
    "an authorization server's challenges": Entrance("wallet/receive/talk.py", challenged_at),
    "the status list of a wallet's provider": Entrance("issuer/attested.py", attested_by),
    "a provider of sign-in": Entrance("passeport/serve/oidc.py", discovered),
    "a provider's token endpoint": Entrance("passeport/serve/oidc.py", signed_in_at),
    "a provider's keys": Entrance("passeport/serve/oidc.py", signed_in_with_keys_at),
    "where a share is put": Entrance("wallet/share.py", shared_at),
    "where a share is": Entrance("passeport/cli/link.py", share_behind),
    "a webhook": Entrance("verifier/deliver.py", told_at),
}
RELAYS: Final = {
    "verifier/evidence.py": "notes what others ask for",
    "boundary/sources.py": "asks one source after the other",
}
"""Modules that ask for an address which another module named."""


def _raise(_: object) -> None:
    """What is returned does not matter, only what was asked for."""


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note every connection that is tried; let every name lead to this machine, as its owner may."""
    reached: list[Any] = []

    def connect(_: object, address: Any) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    def look_up(host: str, port: int, *_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return reached


@pytest.mark.parametrize("name", ENTRANCES)
def test_no_address_leads_into_the_house(name: str, canary: list[Any]) -> None:
    """NW-001, NW-007, NW-008, NW-013, NW-014, NW-017 at every entrance."""
    for url in [*addresses.ssrf_urls(), "https://172.31.255.255:8443/x", "https://metadata.google.internal/"]:
        with suppress(Problem):
            ENTRANCES[name].enter(url, Attackers(Fetcher()))
    assert canary == []


@pytest.mark.parametrize("name", ENTRANCES)
def test_this_canary_sings_at_each(name: str, canary: list[Any]) -> None:
    """Let the guard look away, and the very same entrance leads to this machine."""
    with suppress(Problem):
        ENTRANCES[name].enter("https://rebind.test", Attackers(Fetcher(addresses=lambda _: True)))
    assert canary, "nothing was asked for: this entrance proves nothing"


@pytest.mark.parametrize("name", ENTRANCES)
def test_nobody_is_followed_on(name: str, canary: list[Any]) -> None:
    """NW-015: a redirect into the house is no answer, and is not gone after, by whichever status."""
    for status in (301, 302, 303, 307, 308):
        web = Attackers(Fetcher(), Answer(status, {"location": INSIDE, "content-type": "text/html"}, b""))
        with suppress(Problem):
            ENTRANCES[name].enter(LEADING, web)
        assert any(url.startswith(LEADING) for url in web.asked), web.asked
        assert "169.254.169.254" not in map(urls.host, web.asked)
    assert canary == []


def test_every_entrance_is_in_the_table() -> None:
    """Whatever module asks a client or a source for an address is entered here, or only hands one on."""
    found = set()
    for room in (
        "issuer",
        "wallet",
        "verifier",
        "exchange",
        "passeport",
        "keys",
        "credentials",
        "proofs",
        "boundary",
    ):
        for path in (ROOT / room).rglob("*.py"):
            if any(map(_asks, ast.walk(ast.parse(path.read_text("utf-8"))))):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {entrance.module for entrance in ENTRANCES.values()} | RELAYS.keys()


def _asks(node: ast.AST) -> bool:
    """``….client.send(…)``, ``source.get(url)``: but ``get`` of a text is a look into a mapping."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    on = node.func.value
    name = on.attr if isinstance(on, ast.Attribute) else on.id if isinstance(on, ast.Name) else ""
    of_text = bool(node.args) and isinstance(node.args[0], ast.Constant)
    return name.lstrip("_") in ("client", "source", "web", "fetcher") and (
        node.func.attr == "send" or (node.func.attr == "get" and not of_text)
    )
