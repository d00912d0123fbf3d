"""What a wallet was allowed: the root of the tokens that it got, so that they can be ended together."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Grant:
    """The right to ask for the credentials of one offer.

    ``configurations`` are what may be asked for, ``identified`` whether by credential identifiers.
    ``client_id`` is None for a wallet that did not name itself, ``key`` the thumbprint of the key to which
    the tokens are bound (RFC 9449), if they are.
    """

    id: str
    organisation: str
    offer: str
    configurations: tuple[str, ...]
    expires: dt.datetime
    identified: bool = False
    client_id: str | None = None
    key: str | None = None


class GrantStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def open(self, grant: Grant) -> bool:
        """Keep a new grant; false when its id was used or revoked before."""
        ...

    def find(self, grant_id: str, now: dt.datetime) -> Grant | None:
        """Return the grant unless it was revoked or is over."""
        ...

    def revoke(self, grant_id: str, expires: dt.datetime) -> None:
        """End it and all that comes of it, also if it is only opened later; remembered until ``expires``."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove what is over; return how many there were."""
        ...
