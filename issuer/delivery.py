"""Delivery: whoever has the right and shows the keys gets the credentials, each bound to one of the keys.

The same key asked again gets the same credential: a wallet that lost an answer loses nothing and gets
nothing twice. The offer is claimed before anything is signed, so that only one wallet ever gets that far.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from boundary import strict_json
from boundary.shape import a_text, texts
from credentials.forms import Form
from credentials.holders import key_of
from exchange.oauth.refusal import refusal_of
from exchange.openid4vci.messages import (
    ERROR,
    Credential,
    CredentialRequest,
    CredentialResponse,
    Deferred,
    DeferredRequest,
    Notification,
)
from issuer import configurations, proved, tokens
from issuer.counter import Counter, seconds
from issuer.desk import Desk
from issuer.issue import Issued, issue
from issuer.order import Award
from keys.jwk import thumbprint
from problems import ConflictError, LimitError, ProtocolError, UnavailableError
from storage.grants import Grant
from storage.offers import Offer

NONCE_SECONDS: Final = 300
INTERVAL_SECONDS: Final = 60
DENIED: Final = "credential_request_denied"
Outcome: TypeAlias = CredentialResponse | Deferred


@dataclass(frozen=True)
class Signing:
    """In which form, and at which desk."""

    form: Form
    desk: Desk


def nonce(counter: Counter, now: dt.datetime) -> str:
    """Return a new nonce for key proofs (OpenID4VCI §7)."""
    made = counter.secret()
    counter.once.put(proved.nonces(counter), made, {}, now + seconds(NONCE_SECONDS))
    return made


def deliver(counter: Counter, grant: Grant, request: CredentialRequest, now: dt.datetime) -> Outcome:
    """Answer a credential request; raise ProtocolError, UnavailableError."""
    configuration = _configuration(grant, request)
    signing = _signing(counter, grant, configuration, now)
    holders = proved.holders(counter, grant, request, now)
    offer = _claimed(counter, grant, now)
    if offer.held:
        return _deferred(counter, grant, configuration, holders)
    return _delivered(counter, grant, offer, signing, holders, now)


def deliver_later(counter: Counter, grant: Grant, request: DeferredRequest, now: dt.datetime) -> Outcome:
    """Answer a deferred request (§9): not yet, or the credentials, and then the transaction is over."""
    refusal = ProtocolError("vci.transaction", error="invalid_transaction_id")
    found = counter.once.look("vci.transaction", request.transaction_id, now)
    content = found.content or {}
    if found.state != "ready" or content.get("grant") != grant.id:
        raise refusal
    offer = _claimed(counter, grant, now)
    if offer.held:
        return Deferred(request.transaction_id, INTERVAL_SECONDS)
    holders = texts(content.get("holders"), "holders")
    signing = _signing(counter, grant, a_text(content.get("configuration"), "configuration"), now)
    delivered = _delivered(counter, grant, offer, signing, holders, now)
    if counter.once.take("vci.transaction", request.transaction_id, now).state != "ready":
        raise refusal
    return delivered


def note(counter: Counter, grant: Grant, told: Notification, now: dt.datetime) -> None:
    """Write down what became of credentials (§11); the same again changes nothing."""
    found = counter.once.look("vci.notification", told.notification_id, now)
    if found.content is None or found.content.get("grant") != grant.id:
        raise ProtocolError("vci.notification_unknown", error="invalid_notification_id")
    counter.offers.note(grant.offer, told.event)


def _configuration(grant: Grant, request: CredentialRequest) -> str:
    """Credentials are asked for by identifier if and only if the token came with identifiers (§8.2)."""
    if grant.identified != (request.identifier is not None):
        raise ProtocolError("vci.request_names", error=ERROR)
    for configuration in grant.configurations:
        if request.identifier == tokens.identifier(grant, configuration):
            return configuration
        if request.configuration == configuration:
            return configuration
    if request.identifier is not None:
        raise ProtocolError("vci.identifier", error="unknown_credential_identifier")
    raise ProtocolError("vci.configuration", error="unknown_credential_configuration")


def _signing(counter: Counter, grant: Grant, configuration: str, now: dt.datetime) -> Signing:
    """Open the desk first: where nothing can be signed, no nonce is used up and nothing is claimed."""
    offer = counter.offers.find(grant.offer, now)
    if offer is None:
        raise ProtocolError("vci.claimed", error=DENIED)
    form = configurations.form_named(configuration, offer.forms)
    algorithm = configurations.algorithm_of(form, counter.desks.algorithms())
    if algorithm is None:
        raise UnavailableError("vci.no_key")
    return Signing(form, counter.desks.desk(algorithm))


def _claimed(counter: Counter, grant: Grant, now: dt.datetime) -> Offer:
    offer = counter.offers.claim(grant.offer, grant.id, grant.expires, now)
    if offer is None:
        raise ProtocolError("vci.claimed", error=DENIED)
    return offer


def _deferred(counter: Counter, grant: Grant, configuration: str, holders: Sequence[str]) -> Deferred:
    transaction = counter.secret()
    counter.once.put(
        "vci.transaction",
        transaction,
        {"grant": grant.id, "configuration": configuration, "holders": [*holders]},
        grant.expires,
    )
    return Deferred(transaction, INTERVAL_SECONDS)


def _delivered(
    counter: Counter,
    grant: Grant,
    offer: Offer,
    signing: Signing,
    holders: Sequence[str],
    now: dt.datetime,
) -> CredentialResponse:
    orders = [_award(offer, signing.form, holder) for holder in holders]
    try:
        issued = list(issue(orders, signing.desk, counter.ledger, now))
    except (ConflictError, LimitError) as problem:  # the award was revoked, or had too often
        raise refusal_of(problem, DENIED) from None
    noted = counter.secret()
    counter.once.put("vci.notification", noted, {"grant": grant.id}, grant.expires)
    return CredentialResponse(tuple(map(_credential, issued)), noted)


def _award(offer: Offer, form: Form, holder: str) -> Award:
    """Return what was approved, to the letter, for one key."""
    key = key_of(holder)
    if offer.claims is None or key is None:
        raise ProtocolError("vci.claimed", error=DENIED)
    award = Award(offer.reference, offer.template, offer.claims, holder, (form.name,), copy=thumbprint(key))
    if award.digest() != offer.content:
        raise ProtocolError("offer.changed", error=DENIED, answer=409)
    return award


def _credential(issued: Issued) -> Credential:
    """§A.1.2.4: a document of Data Integrity is an object, everything else a text."""
    if issued.form.media_type == "application/vc":
        return strict_json.read_object(issued.body)
    return issued.body.decode()
