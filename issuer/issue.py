"""Issue: validate, build, reserve a status index, record, secure, store.

The order is the guarantee. Everything that can be refused is refused before an index is taken; the
intent is durable before a key is used; the secured bytes are durable before anyone gets them. A crash
anywhere costs nothing: the same order, given again, yields the same credential.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from boundary.strict_json import Json
from credentials.forms import FORMS, Form
from issuer.desk import Desk
from issuer.intake.rows import READY
from issuer.order import Order, day_of, stamp
from keys.local import LocalSigner
from problems import InputError
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
    draft: Draft


def check(order: Order, desk: Desk, now: dt.datetime) -> list[Draft]:
    """Return what would be recorded for ``order``; raise the Problem that forbids to issue it."""
    digest = order.digest()
    forms = [_signable(FORMS[name], desk) for name in order.forms(desk.signer.algorithm)]
    drafts = [
        Draft(order.reference, form.name, form.status, order.template, digest, order.copy) for form in forms
    ]
    for form, draft in zip(forms, drafts, strict=True):
        document = order.render(form, desk, _unrecorded(draft, now))
        form.check(document)
        if order.template == READY:
            _try(order, form, document, desk, now)
    return drafts


def _try(order: Order, form: Form, document: Json, desk: Desk, now: dt.datetime) -> None:
    """Sign with a key that is thrown away: of a document that others built, only that tells if it can be."""
    trial = LocalSigner.generate(desk.signer.algorithm, desk.signer.verification_method)
    form.secure(order.type, document, trial, stamp(now))


def _unobserved(_step: Step) -> None:
    """Nobody watches."""


def issue(
    orders: Iterable[Order],
    desk: Desk,
    ledger: Ledger,
    now: dt.datetime,
    at: Observer = _unobserved,
) -> Iterator[Issued]:
    """Yield the credentials of each order, in the order given, one per form.

    ``at`` is told each step of each batch. Raises a Problem at the first batch with an order that cannot
    be issued, and issues nothing of that batch; what was yielded before stays issued.
    """
    waiting = iter(orders)
    while batch := list(itertools.islice(waiting, BATCH)):
        yield from _issue_batch(batch, desk, ledger, now, at)


def _issue_batch(
    batch: Sequence[Order], desk: Desk, ledger: Ledger, now: dt.datetime, at: Observer
) -> list[Issued]:
    planned = [(order, draft) for order in batch for draft in check(order, desk, now)]
    at("validated")
    intents = ledger.record([draft for _, draft in planned], day_of(now))
    at("recorded")
    issued = [_secured(order, desk, intent) for (order, _), intent in zip(planned, intents, strict=True)]
    at("secured")
    stored = _stored(issued, ledger)
    at("stored")
    return stored


def _secured(order: Order, desk: Desk, intent: Intent) -> Issued:
    """What is rendered here was checked before it had its own id and status index."""
    form, body = FORMS[intent.draft.form], intent.body
    if body is not None:
        return Issued(order.reference, form, intent.credential_id, body, False, intent.draft)
    document = order.render(form, desk, intent)
    body = form.secure(order.type, document, desk.signer, stamp(intent.issued_at))
    return Issued(order.reference, form, intent.credential_id, body, True, intent.draft)


def _stored(issued: Sequence[Issued], ledger: Ledger) -> list[Issued]:
    """Keep what is fresh; when another process was faster, its bytes are those that count."""
    fresh = [Completed(done.credential_id, done.body) for done in issued if done.fresh]
    kept = dict(zip((done.credential_id for done in fresh), ledger.complete(fresh), strict=True))
    bodies = [kept.get(done.credential_id, done.body) for done in issued]
    return [
        replace(done, body=body, fresh=done.fresh and body == done.body)
        for done, body in zip(issued, bodies, strict=True)
    ]


def _signable(form: Form, desk: Desk) -> Form:
    if desk.signer.algorithm not in form.algorithms:
        known = ", ".join(sorted(form.algorithms))
        raise InputError("issue.algorithm", form=form.name, algorithm=desk.signer.algorithm, known=known)
    return form


def _unrecorded(draft: Draft, now: dt.datetime) -> Intent:
    """An intent that reserves nothing, to build and check with."""
    return Intent(draft, "urn:uuid:00000000-0000-4000-8000-000000000000", 1, 0, day_of(now))
