"""The token request and its answer (RFC 6749 §4.1.3, §5, §6; OpenID4VCI §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from boundary.shape import a_text, an_integer
from boundary.strict_json import Json
from exchange.oauth import details
from exchange.oauth.details import Detail
from exchange.oauth.fields import optional, required
from problems import MalformedValueError, ProtocolError

PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE: Final = "authorization_code"
REFRESH: Final = "refresh_token"
GRANT_TYPES: Final = (PRE_AUTHORIZED, AUTHORIZATION_CODE, REFRESH)


@dataclass(frozen=True)
class PreAuthorizedCode:
    code: str
    tx_code: str | None = None

    def form(self) -> dict[str, str]:
        more = {} if self.tx_code is None else {"tx_code": self.tx_code}
        return {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": self.code, **more}


@dataclass(frozen=True)
class AuthorizationCode:
    """``redirect_uri`` is that of the authorization request, ``verifier`` what its challenge was made of."""

    code: str
    redirect_uri: str
    verifier: str | None

    def form(self) -> dict[str, str]:
        more = {} if self.verifier is None else {"code_verifier": self.verifier}
        return {
            "grant_type": AUTHORIZATION_CODE, "code": self.code, "redirect_uri": self.redirect_uri, **more,
        }  # fmt: skip


@dataclass(frozen=True)
class RefreshToken:
    token: str

    def form(self) -> dict[str, str]:
        return {"grant_type": REFRESH, "refresh_token": self.token}


GrantForm: TypeAlias = PreAuthorizedCode | AuthorizationCode | RefreshToken


@dataclass(frozen=True)
class TokenRequest:
    """``client_id`` is None for a wallet that does not name itself (OpenID4VCI §6.1); ``wanted`` are the
    authorization details, None when there are none."""

    grant: GrantForm
    client_id: str | None = None
    wanted: tuple[Detail, ...] | None = None

    def form(self) -> dict[str, str]:
        named = {} if self.client_id is None else {"client_id": self.client_id}
        more = {} if self.wanted is None else {"authorization_details": details.write(self.wanted)}
        return {**self.grant.form(), **named, **more}


def read_request(form: Mapping[str, str]) -> TokenRequest:
    """Return what a form asks for; raise ProtocolError. Unknown fields are ignored (RFC 6749 §3.2)."""
    wanted = details.read(optional(form, "authorization_details"))
    return TokenRequest(_grant(form), optional(form, "client_id"), wanted)


def _grant(form: Mapping[str, str]) -> GrantForm:
    match required(form, "grant_type"):
        case "urn:ietf:params:oauth:grant-type:pre-authorized_code":
            return PreAuthorizedCode(required(form, "pre-authorized_code"), optional(form, "tx_code"))
        case "authorization_code":
            verifier = optional(form, "code_verifier")
            return AuthorizationCode(required(form, "code"), required(form, "redirect_uri"), verifier)
        case "refresh_token":
            return RefreshToken(required(form, "refresh_token"))
    raise ProtocolError("oauth.grant_type", error="unsupported_grant_type")


@dataclass(frozen=True)
class TokenResponse:
    """``seconds`` is how long the token is good for; ``bound`` whether it takes a DPoP proof to use it."""

    access_token: str
    seconds: int
    bound: bool = False
    refresh_token: str | None = None
    granted: tuple[Detail, ...] = ()

    def document(self) -> Json:
        answer: Json = {
            "access_token": self.access_token,
            "token_type": "DPoP" if self.bound else "Bearer",
            "expires_in": self.seconds,
        }
        if self.refresh_token is not None:
            answer["refresh_token"] = self.refresh_token
        if self.granted:
            answer["authorization_details"] = [detail.document() for detail in self.granted]
        return answer


def read_response(answer: Json) -> TokenResponse:
    """Return what a token endpoint answered with; raise MalformedValueError, ProtocolError."""
    kind = a_text(answer.get("token_type"), "token_type").lower()
    if kind not in ("bearer", "dpop"):
        raise MalformedValueError("oauth.token_type")
    refresh, granted = answer.get("refresh_token"), answer.get("authorization_details")
    return TokenResponse(
        a_text(answer.get("access_token"), "access_token"),
        an_integer(answer.get("expires_in", 0), "expires_in"),
        kind == "dpop",
        None if refresh is None else a_text(refresh, "refresh_token"),
        () if granted is None else details.read_value(granted),
    )
