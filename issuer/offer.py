"""Offer: a row of claims becomes a link that one person can follow, once.

What goes out is a secret, the *ticket*; from it follow, each by one hash, the pre-authorized code, the
issuer state of a sign-in, and what the store keeps. So nothing that is stored opens an offer, whoever knows
the code does not know the link, and an offer that is sent again makes all that was sent before worthless.
"""

import datetime as dt
import hashlib
import hmac
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from boundary import base64url
from credentials.forms import FORMS
from exchange.openid4vci import offer as messages
from issuer import configurations
from issuer.desk import Desk
from issuer.identity import is_complete
from issuer.issue import check
from issuer.order import Award
from problems import ConflictError, InputError, NotFoundError
from storage.offers import Offer, OfferStore, Policy

LIFETIME: Final = dt.timedelta(days=30)
TX_CODE_DIGITS: Final = 6
Random: TypeAlias = Callable[[int], bytes]
Secret: TypeAlias = Literal["ticket", "code", "state"]

_CHAIN: Final[tuple[Secret, ...]] = ("ticket", "code", "state")
_NAMED: Final = re.compile(r"(?P<id>[0-9a-f]{32})\.(?P<secret>[A-Za-z0-9_-]{22,43})")


@dataclass(frozen=True)
class Sent:
    """An offer with what must reach the person: the ticket in a link, the transaction code by another way.

    Neither can be had again; both are in no log.
    """

    offer: Offer
    ticket: str
    tx_code: str | None = None

    @property
    def reference(self) -> str:
        """The last part of the address at which the offer can be fetched."""
        return _named(self.offer, self.ticket)

    def document(self, issuer: str) -> messages.CredentialOffer:
        """Return the offer as wallets read it; ``issuer`` is the credential issuer identifier."""
        return document(self.offer, self.ticket, issuer)


@dataclass(frozen=True)
class Offering:
    """Makes offers and keeps track of them."""

    store: OfferStore
    random: Random = os.urandom

    def make(
        self,
        organisation: str,
        award: Award,
        policy: Policy,
        desk: Desk,
        now: dt.datetime,
        *,
        expires: dt.datetime | None = None,
        held: bool = False,
    ) -> Sent:
        """Offer ``award``, which is bound to nobody yet, to whom ``policy`` lets claim it.

        ``held`` lets it be claimed and keeps the credentials back until it is released. Raises the
        Problem that would forbid to issue it, ConflictError ``offer.exists``.
        """
        if policy == "person" and not is_complete(award.claims):
            raise InputError("offer.person_unknown")
        award = replace(award, holder=None, copy="offered")
        check(award, desk, now)
        offer = Offer(
            self._id(),
            organisation,
            award.reference,
            award.template,
            _forms(award, desk),
            award.claims,
            award.digest(),
            policy,
            expires or now + LIFETIME,
            held,
        )
        sent = self._secrets(offer)
        self.store.add(sent.offer, now)
        return sent

    def named(self, now: dt.datetime) -> Offer | None:
        """Return the offer that was made with these random bytes, if they come again for a name."""
        return self.store.find(self._id(), now)

    def recall(self, now: dt.datetime) -> Sent | None:
        """Return what was sent with these random bytes; None when it never was, or was sent anew since."""
        offer = self.named(now)
        sent = self._secrets(offer) if offer else None
        return sent if sent and offer and sent.offer.ticket == offer.ticket else None

    def resend(self, offer_id: str, now: dt.datetime, *, expires: dt.datetime | None = None) -> Sent:
        """Return new secrets; what was sent before opens nothing any more.

        Raises NotFoundError, ConflictError ``offer.not_open`` for what is claimed, cancelled or expired.
        """
        offer = self.find(offer_id, now)
        sent = self._secrets(replace(offer, expires=expires or max(offer.expires, now + LIFETIME)))
        fresh = sent.offer
        if not self.store.send(offer.id, fresh.ticket, fresh.code, fresh.expires, now):
            raise ConflictError("offer.not_open", state=self.find(offer_id, now).state)
        return sent

    def cancel(self, offer_id: str, now: dt.datetime) -> None:
        """Take back what was not claimed yet. Raises NotFoundError, ConflictError ``offer.not_open``."""
        if not self.store.cancel(offer_id, now):
            raise ConflictError("offer.not_open", state=self.find(offer_id, now).state)

    def release(self, offer_id: str, now: dt.datetime) -> None:
        """Let go what was held back. Raises NotFoundError, ConflictError ``offer.not_held``."""
        if not self.store.release(offer_id, now):
            raise ConflictError("offer.not_held", state=self.find(offer_id, now).state)

    def find(self, offer_id: str, now: dt.datetime) -> Offer:
        """Raises NotFoundError."""
        offer = self.store.find(offer_id, now)
        if offer is None:
            raise NotFoundError("offer.unknown")
        return offer

    def _id(self) -> str:
        return uuid.UUID(bytes=self.random(16), version=4).hex

    def _secrets(self, offer: Offer) -> Sent:
        ticket = base64url.encode(self.random(16))
        code = self._tx_code() if offer.policy == "code" else None
        stored = "" if code is None else _salted(code, base64url.encode(self.random(16)))
        return Sent(replace(offer, ticket=_name(ticket, "ticket"), code=stored), ticket, code)

    def _tx_code(self) -> str:
        """64 bits for six digits: none is visibly more likely than another."""
        return f"{int.from_bytes(self.random(8)) % 10**TX_CODE_DIGITS:0{TX_CODE_DIGITS}}"


def _forms(award: Award, desk: Desk) -> tuple[str, ...]:
    """Return the forms asked for, or all that a wallet may choose from."""
    if award.asked is not None:
        return tuple(award.asked)
    return tuple(form.name for form in configurations.forms_of(award.type, {desk.signer.algorithm}))


def document(offer: Offer, ticket: str, issuer: str) -> messages.CredentialOffer:
    """Return what wallets read of an offer whose ticket is known (OpenID4VCI §4.1.1)."""
    asked = None
    if offer.policy == "code":
        asked = messages.TxCode(TX_CODE_DIGITS, description="Code reçu séparément / Code sent separately")
    code = None
    if offer.policy != "person":
        code = messages.PreAuthorized(_named(offer, _derived(ticket, "ticket", "code")), asked)
    state = _named(offer, _derived(ticket, "ticket", "state"))
    return messages.CredentialOffer(issuer, names(offer), code, by_sign_in=True, issuer_state=state)


def names(offer: Offer) -> tuple[str, ...]:
    """Return the configurations in which an offer may be had."""
    template = Award(offer.reference, offer.template, {}).type
    return tuple(configurations.name_of(template, FORMS[form]) for form in offer.forms)


def opened(store: OfferStore, organisation: str, text: str, kind: Secret, now: dt.datetime) -> Offer | None:
    """Return the offer that ``text``, a secret of ``kind``, is the key to, in whatever state it is.

    None for what opens nothing here: guessed, of another organisation, sent and then sent anew.
    """
    found = _NAMED.fullmatch(text)
    offer = store.find(found["id"], now) if found else None
    if found is None or offer is None or offer.organisation != organisation:
        return None
    return offer if hmac.compare_digest(_name(found["secret"], kind), offer.ticket) else None


def ticket_of(reference: str) -> str:
    """Return the ticket in the address of an offer."""
    return reference.partition(".")[2]


def is_tx_code(offer: Offer, guess: str) -> bool:
    """Whether ``guess`` is the transaction code; compared as hashes, in constant time."""
    salt = offer.code.partition("$")[0]
    return hmac.compare_digest(_salted(guess, salt), offer.code)


def _salted(code: str, salt: str) -> str:
    digest = hashlib.sha256(f"{salt}\x00{code}".encode("utf-8", "surrogatepass")).digest()
    return f"{salt}${base64url.encode(digest)}"


def _named(offer: Offer, secret: str) -> str:
    return f"{offer.id}.{secret}"


def _derived(secret: str, kind: Secret, wanted: Secret) -> str:
    """Walk down the chain from a secret of ``kind`` to the ``wanted`` one."""
    for step in _CHAIN[_CHAIN.index(kind) : _CHAIN.index(wanted)]:
        secret = base64url.encode(hashlib.sha256(f"{step}\x00{secret}".encode()).digest())
    return secret


def _name(secret: str, kind: Secret) -> str:
    """Return what the store keeps: one hash further than the last secret."""
    last = _derived(secret, kind, "state")
    return hashlib.sha256(f"state\x00{last}".encode()).hexdigest()
