"""Addresses that organisations registered to be told at, and what is still to be told there.

    pending ──▶ delivered
       │  ▲
       │  └─ tried, and to be tried again
       └───▶ given_up

A message is claimed by one worker at a time, for as long as its lease lasts, and an address gets one message
at a time: who is slow keeps nobody waiting but themselves. A worker that was killed is followed by another,
which sends the message again, under the same id. Delivered or not, it is forgotten when it expires.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

DeliveryState: TypeAlias = Literal["pending", "delivered", "given_up"]


@dataclass(frozen=True)
class Webhook:
    """``disabled`` is one that answered that it wants no more (410)."""

    id: str
    organisation: str
    url: str
    author: str
    created: dt.datetime
    disabled: bool = False


@dataclass(frozen=True)
class Delivery:
    """``attempts`` counts those that were begun; ``answer`` is the status of the last one, None where there
    was no answer, for the reason ``code``."""

    id: str
    webhook: str
    body: str
    due: dt.datetime
    expires: dt.datetime
    state: DeliveryState = "pending"
    attempts: int = 0
    answer: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Tried:
    """What came of an attempt: ``due`` is when the next one is, and ``rests`` until when its address is left
    alone, whichever message waits for it."""

    state: DeliveryState
    due: dt.datetime
    rests: dt.datetime
    answer: int | None = None
    code: str = ""


class WebhookStore(Protocol):
    """Each method is one transaction, durable when it returns. Deliveries are written where a request is
    answered, in the same transaction (:meth:`storage.transactions.Transactions.close`)."""

    def add(self, webhook: Webhook, *, most: int) -> bool:
        """Keep a new one; false when its organisation has ``most`` already."""
        ...

    def of(self, organisation: str) -> list[Webhook]:
        """Return those of an organisation, the first one first."""
        ...

    def find(self, webhook_id: str) -> Webhook | None: ...

    def remove(self, organisation: str, webhook_id: str) -> bool:
        """Forget it, with whatever waits to be told there; false unless the organisation has it."""
        ...

    def disable(self, webhook_id: str) -> None:
        """Tell nothing there any more."""
        ...

    def deliveries(self, webhook_id: str, limit: int) -> list[Delivery]:
        """Return what was or is to be told there, newest first."""
        ...

    def claim(self, worker: str, until: dt.datetime, now: dt.datetime) -> tuple[Webhook, Delivery] | None:
        """Give what is due longest, and may be told, to one of all who ask, until ``until``; count it."""
        ...

    def settle(self, delivery_id: str, worker: str, tried: Tried) -> bool:
        """Write down what came of it, and let go; false when it is no longer this worker's."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove what has expired; return how many."""
        ...
