"""A holder's request to correct a certificate: signed with the key that the certificate is bound to."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from exchange.oauth.dpop import require_recent
from keys.jwk import from_jwk, to_jwk
from keys.public import PublicKey
from keys.signer import Signer
from problems import AuthenticationError, InputError
from proofs import jws

TYP: Final = "passeport-correction+jwt"
TEXT_CHARS: Final = 2_000


@dataclass(frozen=True)
class CorrectionRequest:
    """``nonce`` is the issuer's, which the caller still has to use."""

    key: PublicKey
    nonce: str
    text: str


def make(signer: Signer, key: PublicKey, issuer: str, nonce: str, text: str, now: dt.datetime) -> str:
    """Return the request of ``signer``, whose public half is ``key``, to the credential issuer ``issuer``."""
    claims: Json = {"aud": issuer, "iat": int(now.timestamp()), "nonce": nonce, "text": text}
    return jws.sign({"typ": TYP, "jwk": to_jwk(key)}, claims, signer)


def check(token: str, issuer: str, now: dt.datetime) -> CorrectionRequest:
    """Return what was asked, and with which key.

    Raises AuthenticationError ``correction.audience`` for another issuer's, InputError ``correction.text``,
    and the problems of :mod:`proofs.jws` and :func:`exchange.oauth.dpop.require_recent`.
    """
    parsed = jws.parse(token)
    key = from_jwk(an_object(parsed.header.get("jwk"), "jwk"))
    jws.verify(parsed, key, typ={TYP})
    claims = jws.claims(parsed)
    if claims.get("aud") != issuer:
        raise AuthenticationError("correction.audience")
    require_recent(an_integer(claims.get("iat"), "iat"), now)
    text = a_text(claims.get("text"), "text").strip()
    if not 0 < len(text) <= TEXT_CHARS:
        raise InputError("correction.text", limit=TEXT_CHARS)
    return CorrectionRequest(key, a_text(claims.get("nonce"), "nonce"), text)
