"""What can be done for orders by any process that has the desk: check them, secure what was recorded."""

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json
from credentials.forms import FORMS, Form, disclosing
from credentials.proved import proved
from issuer.desk import Desk
from issuer.intake.rows import READY
from issuer.order import Order, day_of, stamp
from keys.local import LocalSigner
from problems import InputError, Problem, ProofGenerationError
from storage.issuance import Draft, Intent

ONE_IN: Final = 100
"""Of so many credentials at least one is verified before any of them is released."""

Choose = Callable[[Sequence[int], int], Sequence[int]]
Checked = list[Draft] | Problem


def drawn(places: Sequence[int], count: int) -> Sequence[int]:
    """Return ``count`` of the places, by chance."""
    return secrets.SystemRandom().sample(places, count)


@dataclass(frozen=True)
class Checking:
    """Says of each order what would be recorded for it, or the Problem that forbids to issue it."""

    orders: Sequence[Order]
    now: dt.datetime

    def run(self, desk: Desk) -> list[Checked]:
        return [self._checked(order, desk) for order in self.orders]

    def _checked(self, order: Order, desk: Desk) -> Checked:
        try:
            return check(order, desk, self.now)
        except Problem as problem:
            return problem


@dataclass(frozen=True)
class Securing:
    """Gives the secured bytes of each recorded intent, some of them verified as others will verify them."""

    work: Sequence[tuple[Order, Intent]]
    now: dt.datetime
    choose: Choose = drawn

    def run(self, desk: Desk) -> list[bytes]:
        """Raises ProofGenerationError ``issue.sample_differs`` for bytes that do not prove what was meant."""
        bodies = [_secured(order, desk, intent) for order, intent in self.work]
        if desk.keys is not None and bodies:
            for place in self.choose(range(len(bodies)), -(-len(bodies) // ONE_IN)):
                _require_proof(bodies[place], *self.work[place], desk, self.now)
        return bodies


def check(order: Order, desk: Desk, now: dt.datetime) -> list[Draft]:
    """Return what would be recorded for ``order``; raise the Problem that forbids to issue it."""
    drafts = drafted(order, desk)
    for draft in drafts:
        form = _form(order, draft)
        document = order.render(form, desk, _unrecorded(draft, now))
        form.check(document)
        if order.template == READY:
            _try(order, form, document, desk, now)
    return drafts


def drafted(order: Order, desk: Desk) -> list[Draft]:
    """Return what would be recorded for an order that :func:`check` has let through."""
    digest = order.digest()
    forms = [_signable(FORMS[name], desk) for name in order.forms(desk.signer.algorithm)]
    return [
        Draft(order.reference, form.name, form.status, order.template, digest, order.copy) for form in forms
    ]


def _try(order: Order, form: Form, document: Json, desk: Desk, now: dt.datetime) -> None:
    """Sign with a key that is thrown away: of a document that others built, only that tells if it can be."""
    trial = LocalSigner.generate(desk.signer.algorithm, desk.signer.verification_method)
    form.secure(order.type, document, trial, stamp(now))


def _form(order: Order, draft: Draft) -> Form:
    """Return the form of ``draft``, disclosing as its order asks."""
    form = FORMS[draft.form]
    return form if order.mandatory is None else disclosing(form, order.mandatory)


def _signable(form: Form, desk: Desk) -> Form:
    if desk.signer.algorithm not in form.algorithms:
        known = ", ".join(sorted(form.algorithms))
        raise InputError("issue.algorithm", form=form.name, algorithm=desk.signer.algorithm, known=known)
    if desk.companion is not None and form.accompany is None:
        known = ", ".join(name for name, other in FORMS.items() if other.accompany is not None)
        raise InputError("issue.hybrid_form", form=form.name, known=known)
    return form


def _unrecorded(draft: Draft, now: dt.datetime) -> Intent:
    """An intent that reserves nothing, to build and check with."""
    return Intent(draft, "urn:uuid:00000000-0000-4000-8000-000000000000", 1, 0, day_of(now))


def _secured(order: Order, desk: Desk, intent: Intent) -> bytes:
    """What is rendered here was checked before it had its own id and status index."""
    form = _form(order, intent.draft)
    document = order.render(form, desk, intent)
    issued_at = stamp(intent.issued_at)
    body = form.secure(order.type, document, desk.for_credentials(intent.issued_at), issued_at)
    if desk.companion is None or form.accompany is None:
        return body
    return form.accompany(body, desk.companion, issued_at)


def _require_proof(body: bytes, order: Order, intent: Intent, desk: Desk, now: dt.datetime) -> None:
    """Whatever path made the bytes: a verifier must find in them what the order says, and all of it."""
    if desk.keys is None:
        return
    form = FORMS[intent.draft.form]
    meant = order.render(form, desk, intent)
    try:
        found = proved(form, body, desk.keys, now)
    except Problem as problem:
        raise ProofGenerationError("issue.sample_refused", form=form.name, cause=problem.code) from problem
    if found != meant:
        raise ProofGenerationError("issue.sample_differs", form=form.name)
