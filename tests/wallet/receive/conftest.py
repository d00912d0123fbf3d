"""A small issuer without sockets, that can be told to do wrong; its words are made by the shared messages."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from boundary import forms, strict_json
from boundary.fetch import Answer
from exchange.oauth.metadata import AuthorizationServer
from exchange.oauth.token import TokenResponse
from exchange.openid4vci import messages, proof
from exchange.openid4vci import offer as offers
from exchange.openid4vci.messages import CredentialResponse, Deferred
from exchange.openid4vci.metadata import Configuration, IssuerMetadata
from exchange.openid4vci.offer import CredentialOffer, PreAuthorized, TxCode
from keys.dids.resolve import resolver
from wallet.receive import Web
from wallet.vault import Vault

AT = "https://centre.example/issuers/centre"
NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
DIPLOMA = Configuration("dc+sd-jwt", "diploma", vct="https://w3id.org/passeport/vct/diploma/1", shown={
    "display": [{"name": "Diplôme", "locale": "fr"}, {"name": "Diploma", "locale": "en"}],
})  # fmt: skip
METADATA = IssuerMetadata(
    AT, f"{AT}/credential", {"diploma": DIPLOMA, "badge": Configuration("mso_mdoc")}, f"{AT}/nonce",
    f"{AT}/deferred", f"{AT}/notification", batch_size=3, display=({"name": "Centre", "locale": "fr"},),
)  # fmt: skip
SERVER = AuthorizationServer(AT, f"{AT}/token", f"{AT}/authorize", f"{AT}/par", dpop_algorithms=())
CODE = CredentialOffer(AT, ("diploma", "badge"), PreAuthorized("a-code"))


@dataclass
class Counter:
    """Plays the issuer; ``answers`` replace its own, by the end of the path, and ``asked`` is what came."""

    issue: Callable[[str], bytes]
    metadata: IssuerMetadata = METADATA
    server: AuthorizationServer = SERVER
    answers: dict[str, Callable[[bytes], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    later: bool = False

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Any = (), limit: int = 0) -> Answer:
        name = url.partition("?")[0].rpartition("/")[2]
        kind = name if name != "centre" else url.split("/")[4]
        self.asked.append((kind, body, dict(headers)))
        if kind in self.answers:
            return self.answers[kind](body)
        return told(getattr(self, f"_{kind.replace('-', '_')}")(body))

    def sent(self, kind: str) -> list[Any]:
        """Return the bodies that came, forms and JSON alike."""
        found = [body.decode() for name, body, _ in self.asked if name == kind]
        return [json.loads(one) if one.startswith("{") else forms.read(one) for one in found]

    def link(self, offer: CredentialOffer = CODE) -> str:
        return offers.by_value(offer)

    def _openid_credential_issuer(self, _: bytes) -> Any:
        return self.metadata.document()

    def _oauth_authorization_server(self, _: bytes) -> Any:
        return self.server.document()

    def _par(self, _: bytes) -> Any:
        return {"request_uri": "urn:ietf:params:oauth:request_uri:one", "expires_in": 60}

    def _token(self, _: bytes) -> Any:
        return TokenResponse("a-token", 60, refresh_token="another").document()

    def _nonce(self, _: bytes) -> Any:
        return messages.nonce_document("a-nonce")

    def _credential(self, body: bytes) -> Any:
        said = messages.read_request(strict_json.read_object(body))
        holders = [proof.check(one, AT, NOW, client_id="passeport").holder for one in said.proofs]
        if self.later:
            return Deferred("a-transaction", 5).document()
        return CredentialResponse(tuple(self.issue(one).decode() for one in holders), "noted").document()

    def _notification(self, _: bytes) -> Any:
        return {}


def told(said: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(status, headers, json.dumps(said).encode())


def refusal(error: str, status: int = 400, **headers: str) -> Callable[[bytes], Answer]:
    return lambda _: told({"error": error}, status, **headers)


@pytest.fixture
def counter(academy: Any, vault: Vault) -> Counter:
    def issue(holder: str) -> bytes:
        [key] = [one for one in vault.holder_keys() if one.did == holder]
        return bytes(academy.sd_jwt("diploma", key))

    return Counter(issue)


@pytest.fixture
def web(counter: Counter) -> Web:
    return Web(counter, resolver(), lambda: NOW)  # type: ignore[arg-type]


@pytest.fixture(name="told")
def _told() -> Any:
    return told


@pytest.fixture(name="refusal")
def _refusal() -> Any:
    return refusal


@pytest.fixture
def with_code() -> Any:
    """The offer for which a transaction code is wanted."""
    return replace(CODE, pre_authorized=PreAuthorized("a-code", TxCode(4)))


@pytest.fixture
def by_sign_in() -> Any:
    return CredentialOffer(AT, ("diploma",), by_sign_in=True, issuer_state="a-state")
