"""A wallet attested by its provider (draft-ietf-oauth-attestation-based-client-auth; OpenID4VCI Appendix E,
HAIP 1.0 §4.4.1): two tokens in headers, the provider's word for a key and the key's own word.

Which providers are trusted is said by anchors of certificates; the chain stands in the provider's token.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509

from boundary import base64url, limits
from boundary.shape import a_text, an_integer, an_object
from boundary.strict_json import Json
from exchange.oauth.dpop import require_recent
from exchange.oauth.refusal import refused_as
from keys.jwk import from_jwk, thumbprint, to_jwk
from keys.public import PublicKey
from keys.signer import Signer
from keys.x509 import chain as chains
from keys.x509.chain import Chain
from problems import ProofVerificationError
from proofs import jws

METHOD: Final = "attest_jwt_client_auth"
HEADER: Final = "OAuth-Client-Attestation"
POP_HEADER: Final = "OAuth-Client-Attestation-PoP"
CHALLENGE_HEADER: Final = "OAuth-Client-Attestation-Challenge"
CHALLENGE_WANTED: Final = "use_attestation_challenge"
TYP: Final = "oauth-client-attestation+jwt"
POP_TYP: Final = "oauth-client-attestation-pop+jwt"
ERROR: Final = "invalid_client"
_JTI: Final = re.compile(r"[!-~]{16,256}")


@dataclass(frozen=True)
class Attested:
    """``key`` is the thumbprint of the instance's key, ``jti`` the name of its word, to be seen once.
    ``status`` is where the provider says what has become of the attestation, if anywhere."""

    client_id: str
    key: str
    jti: str
    status: Json | None


def attest(
    provider: Signer, chain: Chain, client_id: str, key: PublicKey, expires: dt.datetime, **more: Json
) -> str:
    """Return the provider's word that ``key`` is that of an instance of the wallet ``client_id``.

    ``iss`` decides nothing where the chain says who signed; readers of older drafts miss it.
    """
    claims: Json = {
        "iss": provider.verification_method.partition("#")[0],
        "sub": client_id,
        "exp": int(expires.timestamp()),
        "cnf": {"jwk": to_jwk(key)},
        **more,
    }
    return jws.sign({"typ": TYP, "x5c": chain.x5c}, claims, provider)


def prove(
    signer: Signer,
    server: str,
    client_id: str,
    now: dt.datetime,
    random: Callable[[int], bytes] = os.urandom,
    *,
    challenge: str | None = None,
) -> str:
    """Return the instance's word for one request to the authorization server ``server``.

    ``challenge`` is what the server gave last, if it gives any. ``exp`` was asked for by older drafts.
    """
    made = int(now.timestamp())
    claims: Json = {
        "iss": client_id,
        "aud": server,
        "jti": base64url.encode(random(16)),
        "iat": made,
        "exp": made + int(limits.PROOF_SECONDS),
    }
    if challenge is not None:
        claims["challenge"] = challenge
    return jws.sign({"typ": POP_TYP}, claims, signer)


def check(
    attestation: str, pop: str, server: str, anchors: Sequence[x509.Certificate], now: dt.datetime
) -> Attested:
    """Return who is attested; raise ProtocolError ``invalid_client`` (401).

    Whether ``jti`` was seen before, and whether the attestation was revoked, is left to the caller.
    """
    with refused_as(ERROR, 401):
        claims = _attestation(attestation, anchors, now)
        key = from_jwk(an_object(an_object(claims.get("cnf"), "cnf").get("jwk"), "cnf.jwk"))
        client_id = a_text(claims.get("sub"), "sub")
        status = an_object(claims["status"], "status") if "status" in claims else None
        return Attested(client_id, thumbprint(key), _proved(pop, key, client_id, server, now), status)


def _attestation(text: str, anchors: Sequence[x509.Certificate], now: dt.datetime) -> Json:
    token = jws.parse(text)
    verify_by_chain(token, {TYP}, anchors, now)
    claims = jws.claims(token)
    if an_integer(claims.get("exp"), "exp") <= now.timestamp():
        raise ProofVerificationError("attestation.expired")
    if an_integer(claims.get("nbf", 0), "nbf") > now.timestamp() + 60:
        raise ProofVerificationError("attestation.expired")
    return claims


def verify_by_chain(
    token: jws.Jws, typ: Collection[str], anchors: Sequence[x509.Certificate], now: dt.datetime
) -> None:
    """Return when the chain in the token's header leads to an anchor, and its key signed the token."""
    chain = chains.read_x5c(token.header.get("x5c"))
    chains.check(chain, anchors, now)
    jws.verify(token, chain.key, typ=typ)


def _proved(text: str, key: PublicKey, client_id: str, server: str, now: dt.datetime) -> str:
    token = jws.parse(text)
    jws.verify(token, key, typ={POP_TYP})
    claims = jws.claims(token)
    if claims.get("aud") not in (server, [server]) or claims.get("iss", client_id) != client_id:
        raise ProofVerificationError("attestation.other_server")
    require_recent(an_integer(claims.get("iat"), "iat"), now)
    jti = a_text(claims.get("jti"), "jti")
    if not _JTI.fullmatch(jti):
        raise ProofVerificationError("attestation.jti")
    return jti
