"""Signing in with a provider of OpenID Connect: the messages of the code flow with PKCE.

OpenID Connect Core 1.0 (§3.1), Discovery 1.0 (§4), RFC 9700 (state, nonce, PKCE), RFC 9207 (mix-up). An ID
token is verified with a key of its provider's, whatever the way it came.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary import base64url, forms
from boundary.shape import a_list, a_text, an_integer, an_object, texts
from boundary.strict_json import Json
from exchange.oauth import pkce
from exchange.oauth.fields import required
from exchange.oauth.token import AuthorizationCode
from keys.jwk import from_jwk
from keys.public import PublicKey
from keys.rsa import RsaKey, from_rsa_jwk
from problems import AuthenticationError, MalformedValueError, Problem, ProtocolError
from proofs import jws
from proofs.jws import Jws

ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY: Final = dt.timedelta(seconds=60)
_TYPES: Final = (None, "JWT")
_SUBJECT_CHARS: Final = 255  # Core §2


@dataclass(frozen=True)
class Provider:
    """``names_itself`` says that its answers carry ``iss`` (RFC 9207 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool = False


def configuration_url(issuer: str) -> str:
    """Return where a provider says what it is (Discovery §4): appended, not inserted."""
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def read_provider(document: Json, issuer: str) -> Provider:
    """Return what the document says; raise MalformedValueError, also for that of another (§4.3)."""
    if document.get("issuer") != issuer:
        raise MalformedValueError("oauth.metadata_mismatch")
    authorize, token, keys = (
        a_text(document.get(name), name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    named = document.get("authorization_response_iss_parameter_supported") is True
    return Provider(issuer, authorize, token, keys, named)


@dataclass(frozen=True)
class SignIn:
    """One try to sign in: what goes to the provider, and what is remembered until the answer."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    verifier: str

    def url(self, provider: Provider) -> str:
        """Return where the browser is sent."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": pkce.challenge(self.verifier),
            "code_challenge_method": pkce.METHOD,
        }
        return forms.with_fields(provider.authorization_endpoint, asked)

    def token_form(self, code: str) -> dict[str, str]:
        return AuthorizationCode(code, self.redirect_uri, self.verifier).form()


def read_answer(fields: Mapping[str, str], provider: Provider) -> str:
    """Return the code that the browser brought back, of a request whose state was found.

    Raises ProtocolError for the answer of another provider (RFC 9207 §2.4), and for a refusal.
    """
    found = fields.get("iss")
    if found != provider.issuer and (found is not None or provider.names_itself):
        raise ProtocolError("oauth.other_issuer", error="invalid_request")
    if "error" in fields:
        raise ProtocolError("oauth.refused", error=fields["error"][:60])
    return required(fields, "code")


def verify(
    id_token: str, keys: Json, provider: Provider, asked: SignIn, access_token: str, now: dt.datetime
) -> str:
    """Return the subject that the token names (Core §3.1.3.7); ``keys`` is the provider's key set.

    Raises AuthenticationError ``oidc.token``, which says what of it was wrong.
    """
    try:
        token = jws.parse(id_token, allowed=ALGORITHMS)
        _require(token.header.get("typ") in _TYPES, "typ")
        _key(token, keys).verify(token.signature, token.signing_input)
        return _subject(jws.claims(token), provider, asked, access_token, now)
    except AuthenticationError:
        raise
    except Problem as problem:
        raise AuthenticationError("oidc.token", place=problem.code) from None


def _subject(said: Json, provider: Provider, asked: SignIn, access_token: str, now: dt.datetime) -> str:
    _require(said.get("iss") == provider.issuer, "iss")
    _require(texts(said.get("aud"), "aud") == [asked.client_id], "aud")  # no others are trusted
    _require(said.get("azp", asked.client_id) == asked.client_id, "azp")
    _require(now - LEEWAY < _moment(said, "exp"), "exp")
    _require(_moment(said, "iat") <= now + LEEWAY, "iat")
    nonce = a_text(said.get("nonce"), "nonce")
    _require(hmac.compare_digest(nonce.encode(), asked.nonce.encode()), "nonce")
    if "at_hash" in said:
        _require(said["at_hash"] == _half(access_token), "at_hash")
    subject = a_text(said.get("sub"), "sub")
    _require(0 < len(subject) <= _SUBJECT_CHARS and subject.isascii(), "sub")
    return subject


def _key(token: Jws, keys: Json) -> PublicKey | RsaKey:
    """The key is one of the provider's, of the kind that the algorithm is of (RFC 8725 §3.1)."""
    rsa, kid = token.header["alg"] == "RS256", token.header.get("kid")
    fitting = [
        jwk
        for jwk in (an_object(item, "keys") for item in a_list(keys.get("keys"), "keys"))
        if jwk.get("kty") == ("RSA" if rsa else "EC")
        and jwk.get("use", "sig") == "sig"
        and (kid is None or jwk.get("kid") == kid)
    ]
    _require(len(fitting) == 1, "kid")
    if rsa:
        return from_rsa_jwk(fitting[0])
    found = from_jwk(fitting[0])
    _require(found.algorithm == "P-256", "alg")
    return found


def _half(access_token: str) -> str:
    """Core §3.1.3.6: the left half of the hash of the algorithm, SHA-256 for both of ours."""
    return base64url.encode(hashlib.sha256(access_token.encode()).digest()[:16])


def _moment(said: Json, name: str) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(an_integer(said.get(name), name), dt.UTC)
    except (OverflowError, ValueError, OSError):
        raise MalformedValueError("shape.integer_expected", at=name) from None


def _require(holds: bool, place: str) -> None:
    if not holds:
        raise AuthenticationError("oidc.token", place=place)
