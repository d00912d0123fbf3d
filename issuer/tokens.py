"""Tokens: who brings a good code gets the right to ask for credentials, and only they.

Every refusal here is one of OAuth (RFC 6749 §5.2, RFC 6750 §3.1). Nothing is used up before all that can be
refused was refused: a wallet that is told to come back with a nonce still has its code.
"""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Final

from exchange.oauth import dpop, pkce
from exchange.oauth.details import ERROR as DETAILS_ERROR
from exchange.oauth.details import Detail
from exchange.oauth.token import (
    AuthorizationCode,
    PreAuthorizedCode,
    RefreshToken,
    TokenRequest,
    TokenResponse,
)
from issuer import offer as offers
from issuer.admission import Caller, client_of, grant_of, key_of
from issuer.approval import Approved
from issuer.counter import Counter, seconds
from problems import ProtocolError
from storage.grants import Grant
from storage.offers import Offer

ACCESS_SECONDS: Final = 600
GRANT_SECONDS: Final = 3_600
"""How long a wallet may come back for what it claimed; for what is held back, until the offer ends."""
TRIES: Final = 5


def redeem(counter: Counter, request: TokenRequest, caller: Caller, now: dt.datetime) -> TokenResponse:
    """Answer a token request; raise ProtocolError."""
    key = None if caller.proof is None else key_of(counter, caller, now).key
    request = replace(request, client_id=client_of(counter, caller, request.client_id, now))
    match request.grant:
        case PreAuthorizedCode() as given:
            grant = _pre_authorized(counter, given, request, key, now)
        case AuthorizationCode() as given:
            grant = _authorized(counter, given, request, key, now)
        case RefreshToken() as given:
            grant = _refreshed(counter, given, request, key, now)
    return _tokens(counter, grant, now)


def _pre_authorized(
    counter: Counter, given: PreAuthorizedCode, request: TokenRequest, key: str | None, now: dt.datetime
) -> Grant:
    offer = offers.opened(counter.offers, counter.organisation, given.code, "code", now)
    if offer is None or offer.state != "offered" or offer.policy == "person":
        raise ProtocolError("vci.code", error="invalid_grant")
    check_tx_code(counter, offer, given.tx_code, now)
    grant = new_grant(offer, _wanted(offers.names(offer), request), request, key, now)
    if not counter.once.put("vci.pre_authorized_code", given.code, {}, offer.expires):
        raise ProtocolError("vci.code", error="invalid_grant")
    counter.grants.open(grant)
    return grant


def _authorized(
    counter: Counter, given: AuthorizationCode, request: TokenRequest, key: str | None, now: dt.datetime
) -> Grant:
    """A code that comes back ends what came of it: one of the two who had it stole it (RFC 6749 §4.1.2)."""
    refusal = ProtocolError("oauth.code", error="invalid_grant")
    found = counter.once.look("oauth.code", given.code, now)
    approved = Approved.read(found.content or {})
    if approved is None or approved.organisation != counter.organisation:
        raise refusal
    if found.state == "used":
        counter.grants.revoke(approved.grant, now + seconds(GRANT_SECONDS))
        raise refusal
    asked = approved.request
    pkce.check(given.verifier, asked.challenge)
    if given.redirect_uri != asked.redirect_uri or request.client_id != asked.client_id:
        raise refusal
    if asked.key not in (None, key):
        raise ProtocolError("dpop.other_key", error=dpop.ERROR)
    grant = _approved_grant(counter, approved, request, key, now)
    if counter.once.take("oauth.code", given.code, now).state != "ready":
        counter.grants.revoke(grant.id, grant.expires)
        raise refusal
    if not counter.grants.open(grant):
        raise refusal
    return grant


def _approved_grant(
    counter: Counter, approved: Approved, request: TokenRequest, key: str | None, now: dt.datetime
) -> Grant:
    """Grant what was approved, or the part of it that is asked for now (OpenID4VCI §6.1.1)."""
    offer = counter.offers.find(approved.offer, now)
    if offer is None:
        raise ProtocolError("oauth.code", error="invalid_grant")
    grant = new_grant(offer, _wanted(approved.configurations, request), request, key, now)
    return replace(grant, id=approved.grant, identified=grant.identified or approved.identified)


def check_tx_code(counter: Counter, offer: Offer, guess: str | None, now: dt.datetime) -> None:
    """Return when ``guess`` is the transaction code, or none is wanted; raise ProtocolError.

    Each guess counts, before it is compared, against the few that an offer allows, by whichever way.
    """
    if (offer.policy == "code") != (guess is not None):
        raise ProtocolError("vci.tx_code_expected", error="invalid_request")
    if guess is None:
        return
    count_try(counter, offer, now)
    if not offers.is_tx_code(offer, guess):
        raise ProtocolError("vci.tx_code", error="invalid_grant")


def count_try(counter: Counter, offer: Offer, now: dt.datetime) -> None:
    """Count an attempt to show that one may claim ``offer``; raise ProtocolError after too many."""
    counter.once.put("vci.tries", offer.ticket, {}, offer.expires, tries=TRIES)
    if counter.once.attempt("vci.tries", offer.ticket, now).state != "ready":
        raise ProtocolError("vci.too_many_tries", error="invalid_grant", limit=TRIES)


def _wanted(offered: tuple[str, ...], request: TokenRequest) -> tuple[str, ...]:
    """Return what of an offer is asked for: all of it, or what the authorization details name."""
    if request.wanted is None:
        return offered
    named = tuple(dict.fromkeys(detail.configuration for detail in request.wanted))
    if not set(named) <= set(offered):
        raise ProtocolError("vci.not_offered", error=DETAILS_ERROR)
    return named


def new_grant(
    offer: Offer, configurations: tuple[str, ...], request: TokenRequest, key: str | None, now: dt.datetime
) -> Grant:
    ends = offer.expires if offer.held else now + seconds(GRANT_SECONDS)
    return Grant(
        uuid.uuid4().hex,
        offer.organisation,
        offer.id,
        configurations,
        ends,
        request.wanted is not None,
        request.client_id,
        key,
    )


def _refreshed(
    counter: Counter, given: RefreshToken, request: TokenRequest, key: str | None, now: dt.datetime
) -> Grant:
    """Each serves once; one that comes back was stolen, or its successor was (RFC 9700 §4.14)."""
    refusal = ProtocolError("oauth.refresh_token", error="invalid_grant")
    known = counter.once.look("oauth.refresh", given.token, now)
    grant = grant_of(counter, known.content, now)
    if grant is None or grant.key != key or grant.client_id != request.client_id:
        raise refusal
    if counter.once.take("oauth.refresh", given.token, now).state != "ready":
        counter.grants.revoke(grant.id, grant.expires)
        raise refusal
    return grant


def _tokens(counter: Counter, grant: Grant, now: dt.datetime) -> TokenResponse:
    access, refresh = counter.secret(), counter.secret()
    ends = min(grant.expires, now + seconds(ACCESS_SECONDS))
    counter.once.put("oauth.access", access, {"grant": grant.id}, ends)
    counter.once.put("oauth.refresh", refresh, {"grant": grant.id}, grant.expires)
    granted = [Detail(name, (identifier(grant, name),)) for name in grant.configurations]
    return TokenResponse(
        access,
        max(1, int((ends - now).total_seconds())),
        grant.key is not None,
        refresh,
        tuple(granted) if grant.identified else (),
    )


def identifier(grant: Grant, configuration: str) -> str:
    """Return the credential identifier (OpenID4VCI §6.2): one set of claims in one configuration."""
    return f"{grant.offer}.{configuration}"
