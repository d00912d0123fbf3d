"""Issue: validate, build, reserve a status index, record, secure, store.

The order is the guarantee. Everything that can be refused is refused before an index is taken; the
intent is durable before a key is used; the secured bytes are durable before anyone gets them. A crash
anywhere costs nothing: the same order, given again, yields the same credential.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from credentials.forms import FORMS, Form
from credentials.templates import load
from issuer.desk import Desk
from issuer.order import Order, complete, day_of, stamp
from storage.issuance import Completed, Draft, Intent, Ledger

Step = Literal["validated", "recorded", "secured", "stored"]
Observer = Callable[[Step], None]
BATCH: Final = 100


@dataclass(frozen=True)
class Issued:
    """A secured credential, durable in the ledger. ``fresh`` is false when it was issued before."""

    reference: str
    form: Form
    credential_id: str
    body: bytes
    fresh: bool


def check(order: Order, desk: Desk, now: dt.datetime) -> list[Draft]:
    """Return what would be recorded for ``order``; raise the Problem that forbids to issue it."""
    template = load(order.template)
    drafts = [_draft(order, FORMS[name]) for name in template.securing]
    for draft in drafts:
        FORMS[draft.form].build(template, complete(order, desk, _unrecorded(draft, now)))
    return drafts


def issue(
    orders: Iterable[Order],
    desk: Desk,
    ledger: Ledger,
    now: dt.datetime,
    at: Observer = lambda step: None,
) -> Iterator[Issued]:
    """Yield the credentials of each order, in the order given, one per form of its template.

    ``at`` is told each step of each batch. Raises a Problem at the first order that cannot be issued;
    what was yielded before stays issued.
    """
    waiting = iter(orders)
    while batch := list(itertools.islice(waiting, BATCH)):
        yield from _issue_batch(batch, desk, ledger, now, at)


def _issue_batch(
    batch: list[Order], desk: Desk, ledger: Ledger, now: dt.datetime, at: Observer
) -> Iterator[Issued]:
    planned = [(order, draft) for order in batch for draft in check(order, desk, now)]
    at("validated")
    intents = ledger.record([draft for _, draft in planned], day_of(now))
    at("recorded")
    issued = [_secured(order, desk, intent) for (order, _), intent in zip(planned, intents, strict=True)]
    at("secured")
    ledger.complete([Completed(done.credential_id, done.body) for done in issued if done.fresh])
    at("stored")
    yield from issued


def _secured(order: Order, desk: Desk, intent: Intent) -> Issued:
    form, body = FORMS[intent.draft.form], intent.body
    if body is not None:
        return Issued(order.reference, form, intent.credential_id, body, fresh=False)
    template = load(order.template)
    document = form.build(template, complete(order, desk, intent))
    body = form.secure(template, document, desk.signer, stamp(intent.issued_at))
    return Issued(order.reference, form, intent.credential_id, body, fresh=True)


def _draft(order: Order, form: Form) -> Draft:
    return Draft(order.reference, form.name, form.status, order.template, order.digest())


def _unrecorded(draft: Draft, now: dt.datetime) -> Intent:
    """An intent that reserves nothing, to build and check with."""
    return Intent(draft, "urn:uuid:00000000-0000-4000-8000-000000000000", 1, 0, day_of(now))
