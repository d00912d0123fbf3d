"""Authorize: a wallet asks, a person signs in and agrees, the wallet gets a code.

Who the person is, is decided by the offer's claim policy. A wallet's request comes by the back door (PAR),
so that nothing in the browser's address can be changed, and each step can be taken once.
"""

import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary import base64url, forms, limits
from boundary.shape import a_text, an_object
from boundary.strict_json import Json
from exchange.oauth import authorization
from exchange.oauth.authorization import REQUEST_URI, AuthorizationRequest, Pushed
from exchange.oauth.details import ERROR as DETAILS_ERROR
from issuer import offer as offers
from issuer import tokens
from issuer.admission import Caller, client_of, key_of
from issuer.approval import Approved, read_request
from issuer.counter import Counter, seconds
from issuer.identity import Field, Identity, mismatches
from problems import Problem, ProtocolError
from storage.offers import Offer

PUSHED_SECONDS: Final = 90
SESSION_SECONDS: Final = 900
CODE_SECONDS: Final = 60
_CHALLENGES_KEPT: Final = 86_400


@dataclass(frozen=True)
class Session:
    """A person at the sign-in page. ``secret`` stands in their cookie, ``form`` in the page itself: a page
    of somebody else knows neither (RFC 9700 §4.7)."""

    secret: str
    request: AuthorizationRequest
    offer: Offer

    @property
    def form(self) -> str:
        return form_secret(self.secret)


class Mismatch(Exception):
    """What the person said is not what the row says: ``fields`` are those that differ."""

    def __init__(self, fields: tuple[Field, ...]) -> None:
        super().__init__(fields)
        self.fields = fields


def push(counter: Counter, request: AuthorizationRequest, caller: Caller, now: dt.datetime) -> Pushed:
    """Take a request in (RFC 9126 §2); raise ProtocolError."""
    if len(forms.write(request.form())) > limits.PUSHED_CHARS:  # it is kept until the browser comes
        raise ProtocolError("oauth.too_long", error="invalid_request", answer=413, limit=limits.PUSHED_CHARS)
    if not counter.wallets.allows(request.client_id, request.redirect_uri):
        raise ProtocolError("oauth.client", error="invalid_client", answer=401)
    if caller.proof is not None:
        request = _bound(request, key_of(counter, caller, now).key)
    client_of(counter, caller, request.client_id, now)
    configurations_of(_open_offer(counter, request, now), request)
    seen = f"{request.client_id}\x00{request.challenge}"
    if not counter.once.put("oauth.challenge", seen, {}, now + seconds(_CHALLENGES_KEPT)):
        raise ProtocolError("oauth.pkce_reused", error="invalid_request")
    name = counter.secret()
    content: Json = {"organisation": counter.organisation, "request": {**request.form()}}
    counter.once.put("oauth.request", name, content, now + seconds(PUSHED_SECONDS))
    return Pushed(REQUEST_URI + name, PUSHED_SECONDS)


def _bound(request: AuthorizationRequest, key: str) -> AuthorizationRequest:
    """RFC 9449 §10.1: a proof with the request binds the code; it may not contradict what the form says."""
    if request.key not in (None, key):
        raise ProtocolError("dpop.other_key", error="invalid_dpop_proof")
    return AuthorizationRequest(**{**vars(request), "key": key})


def _open_offer(counter: Counter, request: AuthorizationRequest, now: dt.datetime) -> Offer:
    found = offers.opened(counter.offers, counter.organisation, request.issuer_state or "", "state", now)
    if found is None or found.state != "offered":
        raise ProtocolError("vci.no_offer", error="invalid_request")
    return found


def configurations_of(offer: Offer, request: AuthorizationRequest) -> tuple[str, ...]:
    """Return what of the offer a request wants, by scope, by details or by both; raise ProtocolError.

    Scopes that we do not know are ignored (OpenID4VCI §5.1.2); a request for nothing known is refused.
    """
    offered = offers.names(offer)
    detailed = [detail.configuration for detail in request.wanted or ()]
    if not set(detailed) <= set(offered):
        raise ProtocolError("vci.not_offered", error=DETAILS_ERROR)
    wanted = tuple(name for name in offered if name in detailed or name in request.scopes)
    if not wanted:
        raise ProtocolError("vci.not_offered", error="invalid_scope")
    return wanted


def begin(counter: Counter, client_id: str, request_uri: str, now: dt.datetime) -> Session:
    """Open a session for the browser that a wallet sent; raise ProtocolError.

    A pushed request is taken up once, by the wallet that pushed it.
    """
    refusal = ProtocolError("oauth.request_uri", error="invalid_request_uri")
    name = request_uri.removeprefix(REQUEST_URI)
    content = counter.once.look("oauth.request", name, now).content or {}
    if not content or content.get("organisation") != counter.organisation:
        raise refusal
    request = read_request(an_object(content.get("request"), "request"))
    if request.client_id != client_id or counter.once.take("oauth.request", name, now).state != "ready":
        raise refusal
    offer, secret = _open_offer(counter, request, now), counter.secret()
    kept: Json = {"organisation": counter.organisation, "offer": offer.id, "request": {**request.form()}}
    counter.once.put("oauth.session", secret, kept, now + seconds(SESSION_SECONDS))
    return Session(secret, request, offer)


def resume(counter: Counter, cookie: str | None, form: str | None, now: dt.datetime) -> Session:
    """Return the session of a form that comes back; raise ProtocolError for one of another page."""
    refusal = ProtocolError("oauth.session", error="invalid_request")
    if not cookie or not form or not hmac.compare_digest(form_secret(cookie).encode(), form.encode()):
        raise refusal
    found = counter.once.look("oauth.session", cookie, now)
    content = found.content or {}
    if found.state != "ready" or content.get("organisation") != counter.organisation:
        raise refusal
    request = read_request(an_object(content.get("request"), "request"))
    offer = counter.offers.find(a_text(content.get("offer"), "offer"), now)
    if offer is None:
        raise refusal
    return Session(cookie, request, offer)


def form_secret(secret: str) -> str:
    return base64url.encode(hashlib.sha256(f"form\x00{secret}".encode()).digest())


def approve(counter: Counter, session: Session, form: Mapping[str, str], now: dt.datetime) -> str:
    """Return where the browser goes back to, with a code, when the person may claim the offer.

    Raises Mismatch for a field that is not that of the row, ProtocolError for everything else.
    """
    offer = _open_offer(counter, session.request, now)
    _check_person(counter, offer, form, now)
    if counter.once.take("oauth.session", session.secret, now).state != "ready":
        raise ProtocolError("oauth.session", error="invalid_request")
    wanted = configurations_of(offer, session.request)
    approved = Approved(counter.organisation, offer.id, uuid.uuid4().hex, wanted, session.request)
    code = counter.secret()
    counter.once.put("oauth.code", code, approved.document(), now + seconds(CODE_SECONDS))
    return _back(counter, session.request, {"code": code})


def _check_person(counter: Counter, offer: Offer, form: Mapping[str, str], now: dt.datetime) -> None:
    if offer.policy == "code":
        tokens.check_tx_code(counter, offer, form.get("tx_code", ""), now)
    if offer.policy != "person":
        return
    tokens.count_try(counter, offer, now)
    given = Identity(*(form.get(field, "") for field in ("birth_name", "given_name", "birthdate")))
    if fields := tuple(mismatches(offer.claims or {}, given)):
        raise Mismatch(fields)


def refuse(counter: Counter, session: Session, now: dt.datetime) -> str:
    """Return where the browser goes back to when the person does not want to, or cannot."""
    counter.once.take("oauth.session", session.secret, now)
    return _back(counter, session.request, {"error": "access_denied"})


def _back(counter: Counter, request: AuthorizationRequest, fields: Mapping[str, str]) -> str:
    return authorization.answer_url(request.redirect_uri, counter.url, request.state, fields)


def is_final(problem: Problem) -> bool:
    """Whether trying again in the same session is of no use."""
    return problem.code in ("vci.too_many_tries", "vci.no_offer", "oauth.session")
