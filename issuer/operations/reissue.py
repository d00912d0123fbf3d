"""Reissue: a new award in the place of an old one, which is revoked; the new one says what it replaces."""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from boundary.strict_json import Json
from issuer.desk import Desk
from issuer.identity import is_complete
from issuer.intake.rows import Row
from issuer.issue import check
from issuer.offer import Sent
from issuer.operations.examining import is_offered
from issuer.operations.office import Office
from issuer.operations.withdrawal import Withdrawals
from issuer.order import Award
from problems import ConflictError, InputError, NotFoundError
from storage.offers import Policy
from storage.replacements import Replacement, ReplacementStore

Reason: TypeAlias = Literal["CORRECTION", "REISSUE", "SUCCESSION"]
"""The codes of the claim ``replaces``."""
_STEP: Final = "~"


@dataclass(frozen=True)
class Reissues:
    """Each step can be done again: a reissue that was interrupted is finished by asking for it once more."""

    office: Office
    withdrawals: Withdrawals
    links: ReplacementStore

    def make(self, old: str, row: Row, reason: Reason, policy: Policy, now: dt.datetime) -> Sent:
        """Offer ``row`` in the place of the award ``old``, and revoke that.

        Raises NotFoundError for what was never issued, InputError ``reissue.same_reference``, ConflictError
        ``reissue.replaced`` for what another award replaces already, and as :meth:`Offering.make`.
        """
        award = self._award(old, row, reason)
        desk = self.office.open_desk()
        self._require_possible(award, policy, desk, now)
        wanted = Replacement(self.office.organisation, old, row.reference, reason, award.digest().hex())
        if self.links.link(wanted) != wanted:
            raise ConflictError("reissue.replaced", reference=old, by=self.links.link(wanted).new)
        sent = self.office.offering(_name(old)).recall(now) or self.office.offering(_name(old)).make(
            self.office.organisation, award, policy, desk, now
        )
        self.withdrawals.set(old, "revoked", "superseded", now)
        return sent

    def _award(self, old: str, row: Row, reason: Reason) -> Award:
        if row.reference == old:
            raise InputError("reissue.same_reference")
        replaced = self.office.ledger.identify(old)
        if not replaced:
            raise NotFoundError("issue.reference_unknown", reference=old)
        claims: Json = {**row.claims, "replaces": {"id": replaced[0], "reason": reason}}
        return Award(row.reference, row.template, claims, copy="offered")

    def _require_possible(self, award: Award, policy: Policy, desk: Desk, now: dt.datetime) -> None:
        """Whatever can be refused is refused before anything is written down."""
        self.office.ledger.check(check(award, desk, now))
        is_offered(self.office, award, now)
        if policy == "person" and not is_complete(award.claims):
            raise InputError("offer.person_unknown")


def next_reference(old: str) -> str:
    """Return a reference for what replaces ``old``: ``R-12``, ``R-12~2``, ``R-12~3``."""
    stem, step, count = old.rpartition(_STEP)
    if step and count.isdecimal():
        return f"{stem}{_STEP}{int(count) + 1}"
    return f"{old}{_STEP}2"


def _name(old: str) -> str:
    return f"reissue\x00{old}"
