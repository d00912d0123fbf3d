"""What an organisation offers to a person: one row of claims, to be claimed once, by whom the policy lets.

    offered ──▶ claimed
       ├──────▶ cancelled ◀── claimed, as long as it is held back
       └──────▶ expired

Each arrow is one atomic statement, so that of all who come together one gets through. The claims are
personal: they are removed when nobody can ask for them any more.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from boundary.strict_json import Json

Policy: TypeAlias = Literal["link", "code", "person"]
"""Who may claim: whoever has the link; who also has the transaction code; who is the person of the row."""
OfferState: TypeAlias = Literal["offered", "claimed", "cancelled", "expired"]


@dataclass(frozen=True)
class Offer:
    """``id`` is opaque; ``reference`` the issuer's own name for the award, ``forms`` those in which it may
    be had. ``content`` is the SHA-256 of what was approved (:meth:`issuer.order.Award.digest`).

    ``ticket`` is the SHA-256 of the secret last sent out, and the only one that counts; ``code`` a salted
    hash of the transaction code. ``held`` keeps the credentials back until the organisation releases them.
    ``claims`` are None once they were removed.
    """

    id: str
    organisation: str
    reference: str
    template: str
    forms: tuple[str, ...]
    claims: Json | None
    content: bytes
    policy: Policy
    expires: dt.datetime
    held: bool = False
    state: OfferState = "offered"
    ticket: str = ""
    code: str = ""
    claimed_by: str = ""
    claimed_at: dt.datetime | None = None
    event: str = ""
    """The last that a wallet said of it (OpenID4VCI §11.1)."""


class OfferStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def add(self, offer: Offer, now: dt.datetime) -> None:
        """Keep a new offer; raise ConflictError ``offer.exists`` when its reference has one that is offered
        or claimed."""
        ...

    def find(self, offer_id: str, now: dt.datetime) -> Offer | None:
        """Return the offer as it stands."""
        ...

    def of(self, organisation: str, now: dt.datetime, reference: str | None = None) -> Iterator[Offer]:
        """Yield the offers of an organisation, newest first; only those of ``reference`` if it is given."""
        ...

    def page(self, organisation: str, now: dt.datetime, after: str, limit: int) -> list[Offer]:
        """Return offers of an organisation, newest first, from the one after ``after`` (an id, or "")."""
        ...

    def send(self, offer_id: str, ticket: str, code: str, expires: dt.datetime, now: dt.datetime) -> bool:
        """Let ``ticket`` and ``code`` be those that count from now on; false unless it is still offered."""
        ...

    def claim(self, offer_id: str, by: str, until: dt.datetime, now: dt.datetime) -> Offer | None:
        """Let ``by`` have it, of all who ever ask the first; return it to them as often as they ask until
        ``until`` (the first that they said), and None to everybody else."""
        ...

    def release(self, offer_id: str, now: dt.datetime) -> bool:
        """Hold it back no longer; false when it was not, or is no more."""
        ...

    def cancel(self, offer_id: str, now: dt.datetime) -> bool:
        """Take it back; false when its credentials may be out already."""
        ...

    def note(self, offer_id: str, event: str) -> None:
        """Write down what a wallet said of it."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove the claims that nobody can ask for any more; return of how many offers."""
        ...
