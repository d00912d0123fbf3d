"""Signing in with the provider of OpenID Connect that the settings name."""

import base64
import datetime as dt
import hashlib
import hmac
import os
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import quote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from boundary import base64url, forms, strict_json, urls
from boundary.serving.access import Public, allow
from boundary.serving.answers import NO_STORE
from boundary.serving.documents import refusals
from boundary.shape import a_text
from boundary.strict_json import Json
from exchange import oidc
from exchange.oauth import pkce
from exchange.oidc import Provider, SignIn
from passeport.serve.gate import is_https
from passeport.serve.house import House
from passeport.serve.sessions import start
from problems import AuthenticationError, RetrievalError
from storage.accounts import Account

_STATE: Final = "oidc.state"
_LIFE: Final = dt.timedelta(minutes=10)
_PATH: Final = "/session/oidc"


def router(house: House) -> APIRouter:
    """Return no routes when no provider is set."""
    routes = APIRouter(prefix=_PATH, tags=["session"])
    if not house.settings.oidc_issuer:
        return routes
    party = Party(house)

    @routes.get(
        "", status_code=303, dependencies=[allow(Public("the way to the provider"))], responses=refusals()
    )
    def begin() -> Response:
        """Go to the provider to sign in; its answer counts in this browser only."""
        browser, where = party.begin()
        answer = RedirectResponse(where, 303, headers=dict(NO_STORE))
        https, seconds = is_https(house.settings), int(_LIFE.total_seconds())
        answer.set_cookie(party.cookie, browser, seconds, secure=https, httponly=True, samesite="lax")
        return answer

    @routes.get(
        "/callback",
        status_code=303,
        dependencies=[allow(Public("the way back from the provider"))],
        responses=refusals(401),
    )
    def come_back(request: Request) -> Response:
        """Take the provider's answer and start a session. The account is that of its subject."""
        account = party.come_back(request.url.query, request.cookies.get(party.cookie, ""))
        answer = RedirectResponse("/session", 303, headers=dict(NO_STORE))
        start(house, request, answer, account)
        return answer

    return routes


@dataclass(frozen=True)
class Party:
    """The relying party that this service is."""

    house: House

    @property
    def cookie(self) -> str:
        return "__Host-passeport-oidc" if is_https(self.house.settings) else "passeport-oidc"

    def begin(self) -> tuple[str, str]:
        """Return what the browser keeps and where it goes."""
        provider, (state, nonce, browser) = self._provider(), (_secret() for _ in range(3))
        back = f"{self.house.settings.public_url}{_PATH}/callback"
        asked = SignIn(self.house.settings.oidc_client_id, back, state, nonce, pkce.new_verifier())
        urls.parse(provider.authorization_endpoint, plain=self.house.settings.development)
        content: Json = {"asked": asdict(asked), "browser": _digest(browser)}
        self.house.once.put(_STATE, state, content, self.house.now() + _LIFE)
        return browser, asked.url(provider)

    def come_back(self, query: str, browser: str) -> Account:
        """Raises AuthenticationError, ProtocolError, RetrievalError."""
        fields = forms.read(query)
        found = self.house.once.take(_STATE, fields.get("state", ""), self.house.now())
        if found.state != "ready" or found.content is None:
            raise AuthenticationError("oidc.state")
        if not hmac.compare_digest(a_text(found.content["browser"], "browser"), _digest(browser)):
            raise AuthenticationError("oidc.state")
        asked = _asked(found.content)
        provider = self._provider()
        tokens = self._redeem(provider, asked, oidc.read_answer(fields, provider))
        id_token, access = (a_text(tokens.get(name), name) for name in ("id_token", "access_token"))
        keys = strict_json.read_object(self.house.client.get(provider.jwks_uri))
        subject = oidc.verify(id_token, keys, provider, asked, access, self.house.now())
        return self.house.people.account_of(provider.issuer, subject)

    def _provider(self) -> Provider:
        issuer = self.house.settings.oidc_issuer
        document = self.house.client.get(oidc.configuration_url(issuer))
        return oidc.read_provider(strict_json.read_object(document), issuer)

    def _redeem(self, provider: Provider, asked: SignIn, code: str) -> Json:
        secret, form = self.house.settings.oidc_client_secret, asked.token_form(code)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if secret is None:
            form["client_id"] = asked.client_id
        else:
            headers["Authorization"] = _basic(asked.client_id, secret.get_secret_value())
        body = forms.write(form).encode()
        answer = self.house.client.send("POST", provider.token_endpoint, body=body, headers=headers)
        if answer.status >= 500:
            raise RetrievalError(
                "fetch.status", host=urls.host(provider.token_endpoint), answer=answer.status
            )
        if answer.status != 200:
            raise AuthenticationError("oidc.code")
        return strict_json.read_object(answer.body)


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749 §2.3.1: each is form-encoded first."""
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(joined.encode()).decode()}"


def _asked(content: Json) -> SignIn:
    kept = content["asked"]
    assert isinstance(kept, dict)  # noqa: S101  (we wrote it)
    return SignIn(**{name: a_text(value, name) for name, value in kept.items()})


def _secret() -> str:
    return base64url.encode(os.urandom(32))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
