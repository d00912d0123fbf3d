"""Twins: beside each credential the short forms that a QR code can carry, each with a place of its own.

A twin is made of the credential as it was signed and stored, and bound to it by its digest; so it comes
after it, in a pass of its own with the same guarantee: recorded before it is signed, and the same again
when it is asked for again. It goes by the reference of its credential, so both are withdrawn together.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from credentials import twin
from credentials.status_references import StatusReference
from credentials.twin import KINDS, TwinKind
from exchange import presentation
from exchange.said import Said, said
from issuer.desk import Desk
from issuer.issue import BATCH, Issued
from issuer.order import day_of
from problems import ConflictError, InputError
from storage.issuance import Completed, Draft, Intent, Ledger

_EXTENSION: Final = "cwt"
_ALGORITHM: Final = "P-256"


@dataclass(frozen=True)
class IssuedTwin:
    """A signed twin, durable in the ledger; ``of`` is the credential that it stands beside."""

    of: Issued
    kind: TwinKind
    body: bytes

    @property
    def extension(self) -> str:
        """What its file ends with, after the name of its credential's."""
        return f"{self.of.form.extension}.{self.kind}.{_EXTENSION}"


@dataclass(frozen=True)
class _Planned:
    of: Issued
    kind: TwinKind
    said: Said
    draft: Draft


def issue_twins(
    issued: Iterable[Issued], desk: Desk, ledger: Ledger, now: dt.datetime
) -> Iterator[tuple[Issued, list[IssuedTwin]]]:
    """Yield each credential with its twins: none for a type that has none, or for one that was withdrawn.

    Raises InputError ``twin.key`` for a desk whose key signs no twins.
    """
    algorithm = desk.for_tokens.algorithm
    if algorithm != _ALGORITHM:
        raise InputError("twin.key", algorithm=algorithm)
    waiting = iter(issued)
    while batch := list(itertools.islice(waiting, BATCH)):
        made = _batch(batch, desk, ledger, now)
        yield from ((one, [done for done in made if done.of is one]) for one in batch)


def _batch(batch: Sequence[Issued], desk: Desk, ledger: Ledger, now: dt.datetime) -> list[IssuedTwin]:
    planned = [plan for one in batch for plan in _planned(one, ledger)]
    intents = ledger.record([plan.draft for plan in planned], day_of(now))
    bodies = [
        intent.body or _signed(plan, intent, desk) for plan, intent in zip(planned, intents, strict=True)
    ]
    kept = ledger.complete(
        [Completed(intent.credential_id, body) for intent, body in zip(intents, bodies, strict=True)]
    )
    return [IssuedTwin(plan.of, plan.kind, body) for plan, body in zip(planned, kept, strict=True)]


def _planned(issued: Issued, ledger: Ledger) -> Iterator[_Planned]:
    [part] = presentation.read(issued.body)
    told = said(part)
    for kind in KINDS if told.digests else ():  # what cannot be named (bbs-2023) cannot be bound to
        draft = replace(issued.draft, form=f"{issued.draft.form}/{kind}", kind="token")
        if twin.possible(told.facts, kind) and _is_in_force(draft, ledger):
            yield _Planned(issued, kind, told, draft)


def _is_in_force(draft: Draft, ledger: Ledger) -> bool:
    """What was withdrawn before it had a twin needs none."""
    try:
        ledger.check([draft])
    except ConflictError as problem:
        if problem.code != "issue.revocation_is_final":
            raise
        return False
    return True


def _signed(plan: _Planned, intent: Intent, desk: Desk) -> bytes:
    place = StatusReference("token", desk.list_url("token", intent.status_list), intent.status_index)
    return twin.issue(plan.said.facts, plan.kind, plan.said.digests, place, desk.for_tokens)
