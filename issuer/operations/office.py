"""The office of one organisation: what its operations need, and who must agree to them."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from boundary.serving.access import Caller
from boundary.strict_json import Json
from exchange.openid4vci import offer as messages
from issuer.desk import Desk
from issuer.offer import Offering, Sent
from storage.issuance import Ledger
from storage.offers import OfferStore


class Approvals(Protocol):
    """What takes a second person above a number of things, bound to the hash of its content."""

    @property
    def above(self) -> int:
        """More than so many at once take a second person."""
        ...

    def propose(self, author: Caller, organisation: str, action: str, content: Json, facts: Json) -> str:
        """Return the id of a proposal, the one that is already open for this content if there is one."""
        ...

    def use(self, by: Caller, organisation: str, action: str, content: Json) -> bool:
        """Use an approval of exactly this content; false when there is none."""
        ...


@dataclass
class Derived:
    """Bytes that look random and come again for the same ``name``: of HMAC-SHA-256 in counter mode
    (NIST SP 800-108r1 §4.1), for an offer that must be the same however often it is made."""

    key: bytes = field(repr=False)
    name: str
    _drawn: int = 0

    def __call__(self, count: int) -> bytes:
        self._drawn += 1
        made = hmac.digest(self.key, f"{self._drawn}\x00{self.name}\x00{count}".encode(), "sha256")
        if count > len(made):
            raise ValueError("so many bytes are not derived at once")
        return made[:count]


@dataclass(frozen=True)
class Office:
    """``url`` is the credential issuer identifier. ``open_desk`` raises UnavailableError when the key
    cannot be opened; ``secret`` opens the key from which links are derived, likewise."""

    organisation: str
    url: str
    open_desk: Callable[[], Desk]
    ledger: Ledger
    offers: OfferStore
    secret: Callable[[], bytes] = field(repr=False)

    def offering(self, name: str) -> Offering:
        """Return what makes one offer, the same each time, for whatever is called ``name`` here."""
        return Offering(self.offers, Derived(self.secret(), f"{self.organisation}\x00{name}"))

    def link(self, sent: Sent) -> str:
        """Return what must reach the person (OpenID4VCI §4.1.3)."""
        return messages.by_reference(f"{self.url}/offers/{sent.reference}")
