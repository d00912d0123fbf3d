"""Ask a wallet over OpenID4VP: open a request, hand out its object, take the one answer, tell the result.

    open -> QR code or link -> object (signed, as often as asked) -> take (once) -> result

What a wallet sends is verified, then held against the query again: whatever it chose to send, the query
decides. An answer that does not hold leaves the request open, so that nobody closes it for others.
"""

import base64
import datetime as dt
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from boundary import forms
from boundary.shape import a_text, an_object, texts
from boundary.strict_json import Json
from exchange import dcql
from exchange.dcql import Query
from exchange.openid4vp import link, request, response
from exchange.openid4vp.request import AuthorizationRequest, Encryption, Mode
from exchange.openid4vp.response import Declined
from keys.jwe import DecryptionKey
from keys.signer import Signer
from problems import AccessError, ConflictError, NotFoundError, ProtocolError
from storage.once import OnceStore
from storage.transactions import State, Transaction, Transactions
from storage.webhooks import Delivery
from verifier import answer, webhooks
from verifier.answer import Judge
from verifier.report import Report

LIFETIME: Final = dt.timedelta(minutes=5)
_CODE: Final = "vp.response_code"


@dataclass(frozen=True)
class Identity:
    """Who we are to a wallet: a client identifier, the key that proves it, how a header names the key."""

    client_id: str
    signer: Signer
    key: Json


@dataclass(frozen=True)
class Plan:
    """What to ask. ``return_to`` is the page to which a wallet on the same device leads back, ``webhook`` the
    id of whom to tell of the answer."""

    query: Query
    mode: Mode = "direct_post"
    return_to: str | None = None
    transaction_data: tuple[str, ...] = ()
    webhook: str | None = None


@dataclass(frozen=True)
class Opened:
    """``link`` opens a wallet and may be seen by anybody; ``handle`` reads the result and is ours alone;
    ``id`` names the request and opens nothing."""

    id: str
    handle: str
    link: str
    expires: dt.datetime


@dataclass(frozen=True)
class RequestDesk:
    """``base`` is the address under which wallets find requests. Where ``identity`` gives none, requests are
    not signed, and wallets will say that nobody vouches for them."""

    transactions: Transactions
    once: OnceStore
    base: str
    judge: Judge
    render: Callable[[Report], Json]
    identity: Callable[[], Identity | None] = lambda: None
    wallet: str = "openid4vp://"
    retention: dt.timedelta = dt.timedelta(minutes=15)
    tell: Callable[[], None] = lambda: None
    """Called when there is something to be told at a webhook."""
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False)

    def open(self, plan: Plan, now: dt.datetime) -> Opened:
        """Write a request down and return how a wallet gets it."""
        name, handle, public = self._secret(), self._secret(), f"r-{self._secret()}"
        asked = self._request(plan, name)
        key = DecryptionKey.generate() if plan.mode == "direct_post.jwt" else None
        content: Json = {
            "nonce": asked.nonce,
            "state": asked.state,
            "mode": plan.mode,
            "query": plan.query.to_json(),
            "transaction_data": list(plan.transaction_data),
            "return_to": plan.return_to,
            "id": public,
            "webhook": plan.webhook,
            "key": key.secret if key else None,
        }
        opened = Transaction(name, content, now + LIFETIME)
        self.transactions.open(opened, handle)
        return Opened(public, handle, self._link(opened), opened.expires)

    def object(self, name: str, wallet_nonce: str | None, now: dt.datetime) -> str:
        """Return the signed request object; a wallet may fetch it more than once (§5.10).

        Raises NotFoundError for one that is not there, is answered, or past its end.
        """
        found = self._open(name, now)
        known = self.identity()
        if known is None:
            raise NotFoundError("vp.no_request")
        return request.sign(self._asked(found), known.signer, known.key, now, wallet_nonce)

    def take(self, name: str, fields: Mapping[str, str], now: dt.datetime) -> Json:
        """Take a wallet's answer; return what to tell it (§8.2): where to lead the person, or nothing.

        Raises ProtocolError for what is no answer to this request, NotFoundError, and ConflictError
        ``vp.already_answered`` to all but the first.
        """
        found = self._open(name, now)
        asked = self._asked(found)
        keys = _keys(found.content)
        given = response.read(fields, asked.mode, keys)
        if not hmac.compare_digest((given.state or "").encode(), (asked.state or "").encode()):
            raise ProtocolError("vp.state", error="invalid_request")
        if isinstance(given, Declined):
            outcome: Json = {"error": given.error}
        else:
            checked = answer.check(asked, given.vp_token, self.judge, now)
            outcome = {"presentations": {k: [self.render(r) for r in v] for k, v in checked.items()}}
        state: State = "declined" if isinstance(given, Declined) else "answered"
        kept: Json = {"told": outcome, "leads_back": found.content.get("return_to") is not None}
        until = now + self.retention
        tell = self._delivery(found.content, state, now, until)
        if not self.transactions.close(name, state, kept, now, until, tell):
            raise ConflictError("vp.already_answered")
        if tell:
            self.tell()
        return self._lead_back(found, now)

    def result(self, handle: str, code: str | None, now: dt.datetime) -> Json:
        """Return how things stand. On the same device the wallet's response code is asked for, once.

        Raises NotFoundError for a handle that is none, AccessError ``vp.response_code_invalid``.
        """
        found = self._handled(handle, now)
        if found.outcome is None:
            return {"state": found.state}
        if found.outcome.get("leads_back"):
            taken = self.once.take(_CODE, code or "", now)
            if taken.state != "ready" or not taken.content or taken.content.get("name") != found.name:
                raise AccessError("vp.response_code_invalid")
        return {"state": found.state, **an_object(found.outcome.get("told"), "told")}

    def state(self, handle: str, now: dt.datetime) -> State:
        """Return how things stand, and nothing of what was shown. Raises NotFoundError."""
        return self._handled(handle, now).state

    def _handled(self, handle: str, now: dt.datetime) -> Transaction:
        found = self.transactions.handled(handle, now)
        if found is None:
            raise NotFoundError("vp.no_request")
        return found

    def _request(self, plan: Plan, name: str) -> AuthorizationRequest:
        address = f"{self.base}/requests/{name}/answer"
        return AuthorizationRequest(
            self._client_id(address), address, self._secret(), plan.query, plan.mode, self._secret(),
            transaction_data=plan.transaction_data,
        )  # fmt: skip

    def _asked(self, found: Transaction) -> AuthorizationRequest:
        """Return the request as it was made, from what was kept of it."""
        content, address = found.content, f"{self.base}/requests/{found.name}/answer"
        mode: Mode = "direct_post.jwt" if content.get("mode") == "direct_post.jwt" else "direct_post"
        keys = _keys(content)
        return AuthorizationRequest(
            client_id=self._client_id(address),
            response_uri=address,
            nonce=a_text(content.get("nonce"), "nonce"),
            query=dcql.read(content.get("query")),
            mode=mode,
            state=a_text(content.get("state"), "state"),
            encryption=next((Encryption(key.public) for key in keys.values()), None),
            transaction_data=tuple(texts(content.get("transaction_data"), "transaction_data")),
        )

    def _link(self, found: Transaction) -> str:
        known = self.identity()
        if known is None:
            return link.plain(self.wallet, self._asked(found))
        where = f"{self.base}/requests/{found.name}/object"
        return link.by_reference(self.wallet, known.client_id, where, "post")

    def _client_id(self, address: str) -> str:
        known = self.identity()
        return known.client_id if known else f"redirect_uri:{address}"

    def _lead_back(self, found: Transaction, now: dt.datetime) -> Json:
        """§13.3: the code shows the page that who comes back is who answered."""
        return_to = found.content.get("return_to")
        if not isinstance(return_to, str):
            return {}
        code = self._secret()
        self.once.put(_CODE, code, {"name": found.name}, now + LIFETIME)
        return {"redirect_uri": forms.with_fields(return_to, {"response_code": code})}

    def _delivery(self, content: Json, state: State, now: dt.datetime, until: dt.datetime) -> Delivery | None:
        if content.get("webhook") is None:
            return None
        webhook, public = (a_text(content.get(name), name) for name in ("webhook", "id"))
        return webhooks.answered(webhook, public, state, now, until, self.random)

    def _open(self, name: str, now: dt.datetime) -> Transaction:
        found = self.transactions.named(name, now)
        if found is None:
            raise NotFoundError("vp.no_request")
        if found.state != "open":
            raise ConflictError("vp.already_answered")
        return found

    def _secret(self) -> str:
        """128 bits and more, in letters that need no escape."""
        return base64.urlsafe_b64encode(self.random(18)).decode()


def _keys(content: Json) -> dict[str, DecryptionKey]:
    if content.get("key") is None:
        return {}
    key = DecryptionKey.read(an_object(content["key"], "key"))
    return {key.kid: key}
