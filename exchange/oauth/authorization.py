"""The authorization request, pushed (RFC 9126), and the answer by redirect (RFC 6749 §4.1.2, RFC 9207)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary import forms
from boundary.shape import a_text, an_integer
from boundary.strict_json import Json
from exchange.oauth import details, pkce
from exchange.oauth.details import Detail
from exchange.oauth.fields import optional, required
from problems import ProtocolError

REQUEST_URI: Final = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True)
class AuthorizationRequest:
    """``challenge`` is of PKCE, S256. ``issuer_state`` says which offer the request follows (OpenID4VCI
    §5.1.3). What is wanted stands in ``scopes``, in ``wanted``, or in both."""

    client_id: str
    redirect_uri: str
    challenge: str
    state: str | None = None
    scopes: tuple[str, ...] = ()
    wanted: tuple[Detail, ...] | None = None
    issuer_state: str | None = None
    key: str | None = None
    """The thumbprint of the key to which the code is bound (RFC 9449 §10)."""

    def form(self) -> dict[str, str]:
        given = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "code_challenge": self.challenge,
            "code_challenge_method": pkce.METHOD,
            "state": self.state,
            "scope": " ".join(self.scopes) or None,
            "authorization_details": None if self.wanted is None else details.write(self.wanted),
            "issuer_state": self.issuer_state,
            "dpop_jkt": self.key,
        }
        return {name: value for name, value in given.items() if value is not None}


def read_request(form: Mapping[str, str]) -> AuthorizationRequest:
    """Return what a pushed form asks for; raise ProtocolError. Unknown fields are ignored."""
    if "request_uri" in form:  # RFC 9126 §2.1
        raise ProtocolError("oauth.request_uri_pushed", error="invalid_request")
    if required(form, "response_type") != "code":
        raise ProtocolError("oauth.response_type", error="unsupported_response_type")
    return AuthorizationRequest(
        required(form, "client_id"),
        required(form, "redirect_uri"),
        pkce.require_challenge(form.get("code_challenge"), form.get("code_challenge_method")),
        optional(form, "state"),
        tuple(dict.fromkeys((optional(form, "scope") or "").split())),
        details.read(optional(form, "authorization_details")),
        optional(form, "issuer_state"),
        optional(form, "dpop_jkt"),
    )


@dataclass(frozen=True)
class Pushed:
    """The answer to a pushed request; ``seconds`` is how long the browser may take to get there."""

    request_uri: str
    seconds: int

    def document(self) -> Json:
        return {"request_uri": self.request_uri, "expires_in": self.seconds}


def read_pushed(answer: Json) -> Pushed:
    """Raises MalformedValueError."""
    return Pushed(
        a_text(answer.get("request_uri"), "request_uri"), an_integer(answer.get("expires_in"), "expires_in")
    )


def authorize_url(endpoint: str, client_id: str, pushed: Pushed) -> str:
    """Return where the wallet sends the browser (RFC 9126 §4)."""
    return forms.with_fields(endpoint, {"client_id": client_id, "request_uri": pushed.request_uri})


def answer_url(redirect_uri: str, issuer: str, state: str | None, fields: Mapping[str, str]) -> str:
    """Return where the browser goes back to: with ``code``, or with ``error`` and its description."""
    mine = {"iss": issuer} if state is None else {"state": state, "iss": issuer}
    return forms.with_fields(redirect_uri, {**fields, **mine})


def read_answer(query: str, issuer: str, state: str | None) -> str:
    """Return the code that the browser brought back.

    Raises ProtocolError: for the answer of another server (RFC 9207 §2.4) or to another request, and
    with the server's own word for a refusal; ParsingError.
    """
    fields = forms.read(query)
    if fields.get("iss") != issuer:
        raise ProtocolError("oauth.other_issuer", error="invalid_request")
    if not hmac.compare_digest(fields.get("state", "").encode(), (state or "").encode()):
        raise ProtocolError("oauth.other_state", error="invalid_request")
    if "error" in fields:
        raise ProtocolError("oauth.refused", error=fields["error"][:60])
    return required(fields, "code")
