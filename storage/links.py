"""What stands behind links to shares: ciphertext, counted when it is handed out, gone when it is over.

Nothing here can be read by whoever has the file: of names and owners' tokens only the SHA-256 is kept, and
the key is in the link alone. An ended link leaves its name until the presentation in it has expired, so
that nobody can put the same share up again.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

Ending: TypeAlias = Literal["expired", "revoked", "exhausted"]


@dataclass(frozen=True)
class Terms:
    """Until when a link is good, and how often it may be opened; None is as often as one likes."""

    expires: dt.datetime
    max_views: int | None = None


@dataclass(frozen=True)
class LinkState:
    """What its owner may know of a link."""

    terms: Terms
    views: int
    ending: Ending | None


class Links(Protocol):
    """Each method is one transaction of the database, durable when it returns."""

    def add(self, name: str, owner: str, ciphertext: str, terms: Terms, *, most: int) -> bool:
        """Keep a new one; false when there are ``most`` already.

        Raises ConflictError ``link.exists`` when the name was ever used.
        """
        ...

    def view(self, name: str, now: dt.datetime) -> str | Ending | None:
        """Count one view and return the ciphertext; an :data:`Ending` when the link is over, which counts
        nothing; None for a name that is unknown. Of all who come at once no more get it than it allows,
        and the last of them takes the ciphertext out of the store.
        """
        ...

    def state(self, name: str, owner: str, now: dt.datetime) -> LinkState | None:
        """Return what became of the link; None unless it is the owner who asks."""
        ...

    def change(self, name: str, owner: str, terms: Terms, now: dt.datetime) -> bool:
        """Set other terms for a link that is not over; false unless it is the owner's.

        It never lives longer than it was made for: the presentation in it does not either.
        """
        ...

    def revoke(self, name: str, owner: str) -> bool:
        """End the link and erase its ciphertext; false unless it is the owner's. Twice is as good as once."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Erase what expired before ``now``; return how many there were."""
        ...
