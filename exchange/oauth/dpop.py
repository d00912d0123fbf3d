"""DPoP: a token that only the holder of a key can use (RFC 9449).

The proof says by itself for which request it was made and when. What a message cannot say is left to the
caller: that its ``jti`` was not seen before, that its nonce is the server's, that the token is of this key.
"""

import datetime as dt
import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from boundary import base64url, limits
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from exchange.oauth.refusal import refused_as
from keys.jwk import from_jwk, thumbprint, to_jwk
from keys.public import PublicKey
from keys.signer import Signer
from problems import MalformedValueError, ProofVerificationError
from proofs import jws

TYP: Final = "dpop+jwt"
ERROR: Final = "invalid_dpop_proof"
ALGORITHMS: Final = ("ES256", "ES384", "EdDSA")
_JTI: Final = re.compile(r"[!-~]{16,256}")


@dataclass(frozen=True)
class DpopProof:
    """``key`` is the SHA-256 thumbprint (RFC 7638) to which tokens are bound as ``jkt``."""

    key: str
    jti: str
    nonce: str | None


def make(
    signer: Signer,
    key: PublicKey,
    method: str,
    url: str,
    now: dt.datetime,
    *,
    nonce: str | None = None,
    access_token: str | None = None,
    random: Callable[[int], bytes] = os.urandom,
) -> str:
    """Return the proof for one request, signed by ``signer``, whose public half is ``key`` (§4.2)."""
    claims: Json = {
        "jti": base64url.encode(random(16)),
        "htm": method,
        "htu": _without_query(url),
        "iat": int(now.timestamp()),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if access_token is not None:
        claims["ath"] = _hash(access_token)
    return jws.sign({"typ": TYP, "jwk": to_jwk(key)}, claims, signer)


def check(
    text: str, method: str, url: str, now: dt.datetime, *, access_token: str | None = None, answer: int = 400
) -> DpopProof:
    """Return what the proof says once it is right for this request (§4.3).

    ``url`` is the address under which the server is known, without regard to what the request says of it.
    Raises ProtocolError ``invalid_dpop_proof``, answered with ``answer``.
    """
    with refused_as(ERROR, answer):
        return _checked(text, method, url, now, access_token)


def _checked(text: str, method: str, url: str, now: dt.datetime, access_token: str | None) -> DpopProof:
    token = jws.parse(text)
    key = from_jwk(an_object(token.header.get("jwk"), "jwk"))
    jws.verify(token, key, typ={TYP})
    claims = jws.claims(token)
    if claims.get("htm") != method or _without_query(a_text(claims.get("htu"), "htu")) != _without_query(url):
        raise ProofVerificationError("dpop.other_request")
    require_recent(an_integer(claims.get("iat"), "iat"), now)
    _check_token(claims, access_token)
    jti, nonce = a_text(claims.get("jti"), "jti"), claims.get("nonce")
    if not _JTI.fullmatch(jti):
        raise ProofVerificationError("dpop.jti")
    return DpopProof(thumbprint(key), jti, None if nonce is None else a_text(nonce, "nonce"))


def require_recent(made: int, now: dt.datetime) -> None:
    """Raise MalformedValueError unless a proof made at ``made`` (seconds since 1970) is fresh at ``now``."""
    age = now.timestamp() - made
    if not -limits.CLOCK_SKEW_SECONDS <= age <= limits.PROOF_SECONDS:
        raise MalformedValueError("oauth.proof_time", seconds=int(limits.PROOF_SECONDS))


def _check_token(claims: Json, access_token: str | None) -> None:
    if access_token is None:
        return
    found = a_text(claims.get("ath"), "ath")
    if not hmac.compare_digest(found.encode(), _hash(access_token).encode()):
        raise ProofVerificationError("dpop.other_token")


def _hash(access_token: str) -> str:
    return base64url.encode(hashlib.sha256(access_token.encode()).digest())


def _without_query(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]
