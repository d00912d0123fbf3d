"""Send what is to be told: signed, again and again for a while, never to where nobody may ask.

A message is delivered when a 2xx answers it, within the time; a redirect is a failure (Standard Webhooks
1.0.0, "Delivery success and failure"). After a failure its address is left alone for a moment, and the
message for longer each time, until its schedule or what it is about has ended.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from boundary import limits
from boundary.fetch import Answer, Client
from exchange import webhook as messages
from problems import Problem
from storage.webhooks import Delivery, DeliveryState, Tried, Webhook, WebhookStore

LEASE: Final = dt.timedelta(seconds=6 * limits.WEBHOOK_SECONDS)
DELAYS: Final[Sequence[int]] = (
    5, 30, 2 * 60, 5 * 60, 15 * 60, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600,
)  # fmt: skip
"""Seconds after each attempt; beyond the last there is none."""
_JITTER: Final = 0.2
_REST: Final = dt.timedelta(minutes=1)
_LONGEST_WAIT: Final = 3_600
_GONE: Final = 410
_LOG: Final = structlog.get_logger("webhooks")


@dataclass(frozen=True)
class Deliverer:
    """One worker, by a ``name`` of its own. ``secret`` raises UnavailableError when it cannot be had."""

    store: WebhookStore
    client: Client
    secret: Callable[[Webhook], bytes] = field(repr=False)
    now: Callable[[], dt.datetime]
    name: str
    random: Callable[[int], bytes] = field(repr=False)

    def work(self) -> bool:
        """Send one message, if one is due; say whether one was."""
        now = self.now()
        claimed = self.store.claim(self.name, now + LEASE, now)
        if claimed is None:
            return False
        webhook, delivery = claimed
        tried = self._tried(webhook, delivery)
        if tried.answer == _GONE:
            self.store.disable(webhook.id)
        self.store.settle(delivery.id, self.name, tried)
        _LOG.info(
            "told", message=delivery.id, webhook=webhook.id, attempt=delivery.attempts, state=tried.state,
            answer=tried.answer, code=tried.code,
        )  # fmt: skip
        return True

    def _tried(self, webhook: Webhook, delivery: Delivery) -> Tried:
        now = self.now()
        try:
            answer = self._send(webhook, delivery, now)
        except Problem as problem:
            if not problem.transient:
                return Tried("given_up", now, now, code=problem.code)
            return self._again(delivery, code=problem.code)
        if 200 <= answer.status < 300:
            return Tried("delivered", now, now, answer.status)
        if answer.status == _GONE:
            return Tried("given_up", now, now, answer.status)
        return self._again(delivery, answer)

    def _send(self, webhook: Webhook, delivery: Delivery, now: dt.datetime) -> Answer:
        signed = messages.headers(self.secret(webhook), delivery.id, delivery.body, now)
        body = delivery.body.encode()
        return self.client.send(
            "POST", webhook.url, body=body, headers=signed, limit=limits.WEBHOOK_ANSWER_BYTES
        )

    def _again(self, delivery: Delivery, answer: Answer | None = None, code: str = "") -> Tried:
        """The time counts from when the answer came, or did not."""
        now, status = self.now(), answer.status if answer else None
        if delivery.attempts > len(DELAYS):
            return Tried("given_up", now, now, status, code)
        wait = max(self._delay(delivery.attempts), _asked(answer))
        due = now + dt.timedelta(seconds=wait)
        state: DeliveryState = "given_up" if due >= delivery.expires else "pending"
        return Tried(state, due, min(due, now + _REST), status, code)

    def _delay(self, attempts: int) -> float:
        """Some more by chance, so that those who failed together do not come back together."""
        return DELAYS[attempts - 1] * (1 + _JITTER * self.random(1)[0] / 255)


def _asked(answer: Answer | None) -> int:
    """Return for how many seconds we are asked to wait (RFC 9110 §10.2.3), within reason."""
    said = answer.headers.get("retry-after", "") if answer else ""
    return min(int(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() and len(said) < 10 else 0
