"""Tell an organisation, at an address that it registered, that its request was answered.

What is told is which request and that it was answered or declined, never what was shown: that is read with
the handle, by whoever asked. The secret of an address is derived from its organisation's key, so that there
is none to be kept.
"""

import base64
import datetime as dt
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from boundary import limits
from boundary.roles import Role
from boundary.serving.access import Caller
from exchange import webhook as messages
from problems import InputError, LimitError, NotFoundError, RetrievalError
from storage.webhooks import Delivery, Webhook, WebhookStore

_NAMERS: frozenset[Role] = frozenset({"administrator", "operator"})


@dataclass(frozen=True)
class WebhookDesk:
    """``require`` raises a Problem for an address that may not be asked; ``key`` opens the key of an
    organisation from which secrets are derived, and raises UnavailableError when it cannot."""

    store: WebhookStore
    require: Callable[[str], None]
    key: Callable[[str], bytes] = field(repr=False)
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False)

    def new_id(self) -> str:
        return f"w-{self.random(16).hex()}"

    def register(self, webhook: Webhook) -> str:
        """Keep it; return its secret as it is shown, this once.

        Raises MalformedValueError for an address that nobody may ask, or that is none, InputError
        ``webhook.not_found`` for one that leads nowhere, UnavailableError when there is no key, LimitError
        ``webhook.too_many``.
        """
        secret = self.secret(webhook)
        self._require(webhook.url)
        if not self.store.add(webhook, most=limits.WEBHOOKS):
            raise LimitError("webhook.too_many", limit=limits.WEBHOOKS)
        return messages.written(secret)

    def _require(self, url: str) -> None:
        """What leads nowhere is a mistake of who wrote it, and no failure of ours."""
        try:
            self.require(url)
        except RetrievalError as problem:
            raise InputError("webhook.not_found") from problem

    def of(self, organisation: str, webhook_id: str) -> Webhook:
        """Raises NotFoundError."""
        found = self.store.find(webhook_id)
        if found is None or found.organisation != organisation:
            raise NotFoundError("webhook.unknown")
        return found

    def named(self, webhook_id: str, by: Caller) -> Webhook:
        """Return what a request names. Raises NotFoundError, also to those who may not name it."""
        found = self.store.find(webhook_id)
        if found is None or found.disabled or not by.in_organisation(found.organisation) & _NAMERS:
            raise NotFoundError("webhook.unknown")
        return found

    def remove(self, organisation: str, webhook_id: str) -> None:
        """Raises NotFoundError."""
        if not self.store.remove(organisation, webhook_id):
            raise NotFoundError("webhook.unknown")

    def secret(self, webhook: Webhook) -> bytes:
        """Return the secret of an address: of HMAC-SHA-256 over its id (NIST SP 800-108r1 §4)."""
        return hmac.digest(self.key(webhook.organisation), f"webhook\x00{webhook.id}".encode(), "sha256")


def answered(
    webhook: str,
    request: str,
    state: str,
    now: dt.datetime,
    kept: dt.datetime,
    random: Callable[[int], bytes],
) -> Delivery:
    """Return what is to be told of the request with this opaque id, no longer than its result is kept."""
    name = f"msg_{base64.urlsafe_b64encode(random(18)).decode()}"
    body = messages.message(f"request.{state}", now, {"request": request, "state": state})
    return Delivery(name, webhook, body, now, kept)
