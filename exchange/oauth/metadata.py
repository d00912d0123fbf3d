"""What an authorization server says of itself (RFC 8414)."""

from dataclasses import dataclass
from typing import Final

from boundary.shape import a_text, texts
from boundary.strict_json import Json
from exchange.oauth import attestation, dpop, pkce
from exchange.oauth.details import TYPE
from exchange.oauth.token import GRANT_TYPES
from exchange.oauth.well_known import inserted
from problems import MalformedValueError

WELL_KNOWN: Final = "oauth-authorization-server"


@dataclass(frozen=True)
class AuthorizationServer:
    """``anonymous`` says that a pre-authorized code may be redeemed by a wallet without a name,
    ``names_itself`` that answers carry ``iss`` (RFC 9207), ``pushed_only`` that requests must be pushed.
    ``challenge_endpoint`` is where attested wallets get a challenge for their proofs."""

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None = None
    pushed_endpoint: str | None = None
    grant_types: tuple[str, ...] = GRANT_TYPES
    authentication: tuple[str, ...] = ("none",)
    scopes: tuple[str, ...] = ()
    anonymous: bool = True
    names_itself: bool = True
    pushed_only: bool = True
    dpop_algorithms: tuple[str, ...] = dpop.ALGORITHMS
    challenge_endpoint: str | None = None

    @property
    def attests(self) -> bool:
        """Whether wallets may come with their provider's word."""
        return attestation.METHOD in self.authentication

    def document(self) -> Json:
        members: Json = {
            "issuer": self.issuer,
            "token_endpoint": self.token_endpoint,
            "authorization_endpoint": self.authorization_endpoint,
            "pushed_authorization_request_endpoint": self.pushed_endpoint,
            "require_pushed_authorization_requests": self.pushed_only,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [*self.grant_types],
            "scopes_supported": [*self.scopes],
            "code_challenge_methods_supported": [pkce.METHOD],
            "token_endpoint_auth_methods_supported": [*self.authentication],
            "authorization_details_types_supported": [TYPE],
            "authorization_response_iss_parameter_supported": self.names_itself,
            "dpop_signing_alg_values_supported": [*self.dpop_algorithms],
            "pre-authorized_grant_anonymous_access_supported": self.anonymous,
            "challenge_endpoint": self.challenge_endpoint,
        }
        if self.attests:
            members |= {
                "client_attestation_signing_alg_values_supported": [*self.dpop_algorithms],
                "client_attestation_pop_signing_alg_values_supported": [*self.dpop_algorithms],
            }
        return {name: value for name, value in members.items() if value not in (None, [])}


def address(issuer: str) -> str:
    return inserted(issuer, WELL_KNOWN)


def read(document: Json, issuer: str) -> AuthorizationServer:
    """Return what the document at :func:`address` says; raise MalformedValueError.

    A document that speaks of another issuer is not to be used (RFC 8414 §3.3).
    """
    if document.get("issuer") != issuer:
        raise MalformedValueError("oauth.metadata_mismatch")
    authorize, pushed = (
        document.get(f"{name}_endpoint") for name in ("authorization", "pushed_authorization_request")
    )
    challenge = document.get("challenge_endpoint")
    return AuthorizationServer(
        issuer,
        a_text(document.get("token_endpoint"), "token_endpoint"),
        None if authorize is None else a_text(authorize, "authorization_endpoint"),
        None if pushed is None else a_text(pushed, "pushed_authorization_request_endpoint"),
        _texts(document, "grant_types_supported", ("authorization_code", "implicit")),
        _texts(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        _texts(document, "scopes_supported"),
        document.get("pre-authorized_grant_anonymous_access_supported") is True,
        document.get("authorization_response_iss_parameter_supported") is True,
        document.get("require_pushed_authorization_requests") is True,
        _texts(document, "dpop_signing_alg_values_supported"),
        None if challenge is None else a_text(challenge, "challenge_endpoint"),
    )


def _texts(document: Json, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(texts(document[name], name)) if name in document else default
