"""Take back what was issued: one award, or many at once when exactly so many are meant (AD-011)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary.serving.access import Caller
from boundary.strict_json import Json
from issuer.operations.office import Approvals, Office
from problems import ConflictError
from storage.issuance import StatusValue

ACTION: Final = "credentials.revoke"
Reason: TypeAlias = Literal["error", "fraud", "superseded", "withdrawn", "holder_request", "other"]
"""Codes, not sentences: the ledger remembers them, and sentences speak of people."""


@dataclass(frozen=True)
class Found:
    """How many of some references would be revoked, were before, or were never issued."""

    waiting: tuple[str, ...]
    before: int
    unknown: int


@dataclass(frozen=True)
class Withdrawals:
    office: Office
    approvals: Approvals

    def set(self, reference: str, value: StatusValue, reason: Reason, now: dt.datetime) -> int:
        """Set the status of an award; one that is revoked can no longer be claimed either.

        Returns of how many credentials. Raises NotFoundError, ConflictError ``issue.revocation_is_final``.
        """
        count = self.office.ledger.set_status(reference, value, reason, now)
        if value == "revoked":
            for offer in self.office.offers.of(self.office.organisation, now, reference):
                self.office.offers.cancel(offer.id, now)
        return count

    def examine(self, references: Sequence[str]) -> Found:
        states = {reference: self.office.ledger.status(reference) for reference in references}
        waiting = tuple(sorted(name for name, state in states.items() if state not in (None, "revoked")))
        values = [*states.values()]
        return Found(waiting, values.count("revoked"), values.count(None))

    def revoke(
        self, references: Sequence[str], reason: Reason, confirmed: int, by: Caller, now: dt.datetime
    ) -> tuple[Found, str]:
        """Revoke what waits, if ``confirmed`` is exactly how many; return the proposal instead when they
        are too many for one person and nobody else approved yet.

        Raises ConflictError ``operations.unknown_references``, ``operations.confirm``.
        """
        found = self.examine(references)
        if found.unknown:
            raise ConflictError("operations.unknown_references", count=found.unknown)
        if confirmed != len(found.waiting):
            raise ConflictError("operations.confirm", confirmed=confirmed, found=len(found.waiting))
        proposal = self._proposal(found.waiting, reason, by) if confirmed > self.approvals.above else ""
        if proposal:
            return found, proposal
        for reference in found.waiting:
            self.set(reference, "revoked", reason, now)
        return found, ""

    def _proposal(self, waiting: Sequence[str], reason: Reason, by: Caller) -> str:
        """Return the id of what must be approved first, or "" when an approval was there, and is used."""
        content: Json = {"references": [*waiting], "reason": reason}
        organisation = self.office.organisation
        if self.approvals.use(by, organisation, ACTION, content):
            return ""
        return self.approvals.propose(by, organisation, ACTION, content, {"count": len(waiting)})
