"""Admission: who brings a request, by which token, with which key, in whose name.

A token that was found is no use without its key, a proof of the key none for another request or a second
time, a wallet's name none without its provider's word where that is asked for.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from boundary import limits
from exchange.oauth import bearer, dpop
from exchange.oauth.dpop import DpopProof
from issuer.counter import Counter, seconds
from problems import ProtocolError
from storage.grants import Grant

NONCE_SECONDS: Final = 300


@dataclass(frozen=True)
class Caller:
    """Who brings a request: by which method and to which address of ours, with which proof of a key, and
    with whose word (``attestation``, and ``word``, the instance's own)."""

    method: str
    url: str
    proof: str | None = None
    attestation: str | None = None
    word: str | None = None


def admit(counter: Counter, header: str | None, caller: Caller, now: dt.datetime) -> Grant:
    """Return what the access token in ``header`` stands for; raise ProtocolError with 401.

    A token that is bound to a key is good only with a proof of that key (RFC 9449 §7.1).
    """
    presented = bearer.read(header)
    found = counter.once.look("oauth.access", presented.token, now)
    grant = grant_of(counter, found.content, now)
    if grant is None or (presented.scheme == "DPoP") != (grant.key is not None):
        raise ProtocolError("oauth.token", error="invalid_token", answer=401)
    if grant.key is not None:
        proof = key_of(counter, caller, now, access_token=presented.token)
        if proof.key != grant.key:
            raise ProtocolError("dpop.other_key", error=dpop.ERROR, answer=401)
    return grant


def key_of(
    counter: Counter, caller: Caller, now: dt.datetime, *, access_token: str | None = None
) -> DpopProof:
    """Return the DPoP proof of a request once it is right, fresh and new; raise ProtocolError.

    At the token endpoint (without ``access_token``) refusals are 400, elsewhere 401 (RFC 9449 §8, §9).
    """
    answer = 400 if access_token is None else 401
    if caller.proof is None:
        raise ProtocolError("dpop.missing", error=dpop.ERROR, answer=answer)
    proof = dpop.check(caller.proof, caller.method, caller.url, now, access_token=access_token, answer=answer)
    nonces = f"dpop.nonce.{counter.organisation}"
    if proof.nonce is None or counter.once.look(nonces, proof.nonce, now).state != "ready":
        nonce = counter.secret()
        counter.once.put(nonces, nonce, {}, now + seconds(NONCE_SECONDS))
        raise ProtocolError(
            "dpop.nonce", error="use_dpop_nonce", answer=answer, headers={"DPoP-Nonce": nonce}
        )
    kept = now + seconds(limits.PROOF_SECONDS + 2 * limits.CLOCK_SKEW_SECONDS)
    if not counter.once.put("dpop.jti", f"{proof.key}.{proof.jti}", {}, kept):
        raise ProtocolError("dpop.replayed", error=dpop.ERROR, answer=answer)
    return proof


def client_of(counter: Counter, caller: Caller, client_id: str | None, now: dt.datetime) -> str | None:
    """Return the name of the wallet, attested or its own; raise ProtocolError ``invalid_client``."""
    return counter.providers.authenticate(
        caller.attestation, caller.word, client_id, counter.url, counter.once, now
    )


def grant_of(counter: Counter, content: object, now: dt.datetime) -> Grant | None:
    """Return the grant that a token stands for, by what was kept with it; None when it is over."""
    name = content.get("grant") if isinstance(content, dict) else None
    grant = counter.grants.find(name, now) if isinstance(name, str) else None
    return grant if grant and grant.organisation == counter.organisation else None
