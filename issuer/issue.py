"""Issue: validate, build, reserve a status index, record, secure, store.

The order is the guarantee. Everything that can be refused is refused before an index is taken; the
intent is durable before a key is used; the secured bytes are durable before anyone gets them. A crash
anywhere costs nothing: the same order, given again, yields the same credential.
"""

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from credentials.forms import FORMS, Form
from issuer.bulk import Alone, Crew
from issuer.desk import Desk
from issuer.order import Order, day_of
from issuer.tasks import Securing
from issuer.tasks import check as check
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


def _unobserved(_step: Step) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class _Batch:
    """What was recorded of some orders: one intent for each credential."""

    orders: Sequence[Order]
    intents: Sequence[Intent]

    def unsigned(self) -> list[tuple[Order, Intent]]:
        """Return what is to be signed, once even if it is there twice."""
        pairs = zip(self.orders, self.intents, strict=True)
        first = {intent.credential_id: (order, intent) for order, intent in pairs if intent.body is None}
        return list(first.values())


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
    checked = ((order, check(order, desk, now)) for order in orders)
    yield from issue_checked(checked, desk, ledger, now, at)


def issue_checked(
    checked: Iterable[tuple[Order, Sequence[Draft]]],
    desk: Desk,
    ledger: Ledger,
    now: dt.datetime,
    at: Observer = _unobserved,
    *,
    crew: Crew | None = None,
) -> Iterator[Issued]:
    """Do what :func:`issue` does, for orders with what :func:`check` said of them at this desk.

    ``crew`` does the securing, this process if None; with others several batches are under way.
    """
    waiting: deque[_Batch] = deque()

    def tasks() -> Iterator[Securing]:
        for batch in _recorded(checked, ledger, now, at):
            waiting.append(batch)
            yield Securing(batch.unsigned(), now)

    for bodies in (crew or Alone(desk)).each(tasks()):
        at("secured")
        stored = _stored(waiting.popleft(), bodies, ledger)
        at("stored")
        yield from stored


def _recorded(
    checked: Iterable[tuple[Order, Sequence[Draft]]], ledger: Ledger, now: dt.datetime, at: Observer
) -> Iterator[_Batch]:
    rest = iter(checked)
    while batch := list(itertools.islice(rest, BATCH)):
        planned = [(order, draft) for order, drafts in batch for draft in drafts]
        at("validated")
        intents = ledger.record([draft for _, draft in planned], day_of(now))
        at("recorded")
        yield _Batch([order for order, _ in planned], intents)


def _stored(batch: _Batch, bodies: Sequence[bytes], ledger: Ledger) -> list[Issued]:
    """Keep what is fresh; when another process was faster, its bytes are those that count."""
    names = [intent.credential_id for _, intent in batch.unsigned()]
    made = dict(zip(names, bodies, strict=True))
    kept = ledger.complete([Completed(name, body) for name, body in made.items()])
    stored = dict(zip(names, kept, strict=True))
    return [_issued(intent, stored.get(intent.credential_id), made) for intent in batch.intents]


def _issued(intent: Intent, stored: bytes | None, made: dict[str, bytes]) -> Issued:
    """What was ``made`` is fresh if it is what was stored, the first time that it is met."""
    body = stored if stored is not None else intent.body
    if body is None:
        raise ValueError("an intent that was neither signed before nor now")
    name, draft = intent.credential_id, intent.draft
    return Issued(draft.reference, FORMS[draft.form], name, body, made.pop(name, None) == body, draft)
