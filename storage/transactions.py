"""A verifier's open requests to wallets: asked, answered once, read by whoever asked, then forgotten."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from boundary.strict_json import Json
from storage.webhooks import Delivery

State: TypeAlias = Literal["open", "answered", "declined"]


@dataclass(frozen=True)
class Transaction:
    """``name`` is known to every wallet that saw the request, ``handle`` only to who asked.

    ``content`` is what the request is made of, its decryption key included; ``outcome`` what came of it.
    """

    name: str
    content: Json
    expires: dt.datetime
    state: State = "open"
    outcome: Json | None = None


class Transactions(Protocol):
    """Each method is one transaction of the database, durable when it returns."""

    def open(self, transaction: Transaction, handle: str) -> None:
        """Write a new one down. Of ``handle`` only the SHA-256 is kept."""
        ...

    def named(self, name: str, now: dt.datetime) -> Transaction | None:
        """Return what a wallet asks about; None for one that is unknown or past its end."""
        ...

    def handled(self, handle: str, now: dt.datetime) -> Transaction | None:
        """Return what the one who asked may read; None for one that is unknown or past its retention."""
        ...

    def settled(self, handles: Collection[str], now: dt.datetime) -> Collection[str]:
        """Return those that do not wait for an answer any more: answered, past their time, or unknown."""
        ...

    def close(
        self,
        name: str,
        state: State,
        outcome: Json,
        now: dt.datetime,
        kept: dt.datetime,
        tell: Delivery | None = None,
    ) -> bool:
        """Answer an open transaction: true to exactly one of all who try.

        Its content is removed, its outcome stays until ``kept``. Whatever is to be told of it is written down
        with it, so that no death comes between.
        """
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove what is past its time; return how many there were."""
        ...
