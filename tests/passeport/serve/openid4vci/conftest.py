"""A certifier's service over HTTP, and a wallet of few words that speaks with it."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from boundary.strict_json import Json
from exchange.oauth import dpop
from exchange.oauth.details import Detail
from exchange.oauth.token import PreAuthorizedCode, RefreshToken, TokenRequest
from exchange.openid4vci import offer as offers
from exchange.openid4vci import proof
from exchange.openid4vci.messages import CredentialRequest
from exchange.openid4vci.offer import CredentialOffer
from issuer.intake.judge import PIPELINE
from issuer.offer import Offering, Sent
from issuer.order import Award
from keys.local import LocalSigner
from passeport import issuers
from passeport.issuers import Profile
from passeport.serve.app import create_app
from passeport.serve.house import House
from passeport.serve.settings import Service
from passeport.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "credentials" / "examples"
CENTRE = "http://127.0.0.1:8000/issuers/centre"

PERSON: Json = {
    "family_name": "USAGE",
    "birth_family_name": "EXEMPLE-DÉMONSTRATION",
    "given_name": "Camille Fictive",
    "birthdate": "2000-02-29",
}


def example_claims(name: str) -> Json:
    row = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))["row"]
    return {member: value for member, value in row.items() if member not in PIPELINE}


@dataclass
class Clock:
    now: dt.datetime = dt.datetime(2026, 11, 21, 9, 30, 12, 345, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@dataclass
class Certifier:
    """A service with the organisations ``centre`` and ``atelier``, and a clock that stands still."""

    app: FastAPI
    http: TestClient
    clock: Clock

    @property
    def house(self) -> House:
        return cast(House, self.app.state.house)

    @property
    def offering(self) -> Offering:
        return Offering(self.house.offers)

    def offer(self, reference: str = "R-77", policy: Any = "link", of: str = "centre", **how: Any) -> Sent:
        claims = {**example_claims("diploma"), **PERSON, **how.pop("claims", {})}
        award = Award(reference, "diploma", claims, asked=how.pop("asked", None))
        desk = self.house.organisations.get(of).desk("P-256")
        return self.offering.make(of, award, policy, desk, self.clock(), **how)

    def read(self, sent: Sent) -> CredentialOffer:
        """Fetch an offer as its link says."""
        answer = self.http.get(f"/issuers/{sent.offer.organisation}/offers/{sent.reference}")
        assert answer.status_code == 200, answer.text
        return offers.read(answer.json())

    def wallet(self, **how: Any) -> "Wallet":
        return Wallet(self, **how)


@dataclass(frozen=True)
class Wallet:
    """Does what it is told, so that it can be told to do wrong. ``key`` binds its tokens, if it has one."""

    certifier: Certifier
    at: str = CENTRE
    key: LocalSigner | None = None
    client_id: str | None = None
    holders: tuple[LocalSigner, ...] = field(default_factory=lambda: (LocalSigner.generate("P-256"),))
    token: str = ""
    refresh: str = ""
    dpop_nonce: list[str] = field(default_factory=list)

    def path(self, endpoint: str) -> str:
        return f"{self.at.removeprefix('http://127.0.0.1:8000')}/{endpoint}"

    def post(self, endpoint: str, *, url: str | None = None, proof_of: Any = None, **how: Any) -> Any:
        """Send, with a DPoP proof if there is a key, and once again when a nonce is wanted."""
        headers: dict[str, str] = dict(how.pop("headers", {}))
        for _ in range(2):
            if self.key:
                headers["DPoP"] = self.proof_for(endpoint)
            answer = self.certifier.http.post(self.path(endpoint), headers=headers, **how)
            if "dpop-nonce" not in answer.headers:
                break
            self.dpop_nonce[:] = [answer.headers["dpop-nonce"]]
        return answer

    def proof_for(self, endpoint: str, **changes: Any) -> str:
        assert self.key
        made: dict[str, Any] = {
            "method": "POST",
            "url": f"{self.at}/{endpoint}",
            "now": self.certifier.clock(),
            "nonce": self.dpop_nonce[0] if self.dpop_nonce else None,
            "access_token": self.token or None,
            **changes,
        }
        return dpop.make(self.key, self.key.public_key, **made)

    def redeem(self, request: TokenRequest | Mapping[str, str]) -> Any:
        form = request.form() if isinstance(request, TokenRequest) else dict(request)
        return replace(self, token="").post("token", data=form)

    def take_up(
        self, offer: CredentialOffer, tx_code: str | None = None, wanted: tuple[Detail, ...] | None = None
    ) -> "Wallet":
        """Redeem the pre-authorized code of an offer."""
        assert offer.pre_authorized
        grant = PreAuthorizedCode(offer.pre_authorized.code, tx_code)
        return self.with_tokens(self.redeem(TokenRequest(grant, self.client_id, wanted)))

    def renew(self) -> "Wallet":
        return self.with_tokens(self.redeem(TokenRequest(RefreshToken(self.refresh), self.client_id)))

    def with_tokens(self, answer: Any) -> "Wallet":
        assert answer.status_code == 200, answer.text
        given = answer.json()
        return replace(self, token=given["access_token"], refresh=given["refresh_token"])

    def nonce(self) -> str:
        return str(self.certifier.http.post(self.path("nonce")).json()["c_nonce"])

    def proofs(self, nonce: str | None = "", **changes: Any) -> tuple[str, ...]:
        fresh = self.nonce() if nonce == "" else nonce
        how: dict[str, Any] = {"issuer": self.at, "now": self.certifier.clock(), "client_id": self.client_id}
        return tuple(
            proof.make(holder, holder.public_key, nonce=fresh, **{**how, **changes})
            for holder in self.holders
        )

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"{'DPoP' if self.key else 'Bearer'} {self.token}"}

    def ask(self, request: CredentialRequest | Json, endpoint: str = "credential") -> Any:
        document = request.document() if isinstance(request, CredentialRequest) else request
        return self.post(endpoint, json=document, headers=self.authorization)

    def fetch(self, configuration: str = "diploma.sd-jwt", **changes: Any) -> Any:
        return self.ask(CredentialRequest(configuration, proofs=self.proofs(**changes)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def certifier(passeport: Any, clock: Clock) -> Iterator[Certifier]:
    for name in ("centre", "atelier"):
        profile = Profile(f"did:web:{name}.example", f"{name} (fictif)")
        issuers.create(Settings(passeport.home, "fr"), name, profile, "P-256", passeport.secret, clock())
    said = Service(
        home=passeport.home, role="issuer", passphrase=passeport.secret, requests_per_minute=1_000_000
    )
    app = create_app(said)
    app.state.house.now = clock
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as http:
        yield Certifier(app, http, clock)
