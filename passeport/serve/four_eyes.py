"""What one proposes and another must approve, before it is done.

    house.four_eyes.require_approved(caller, organisation, "credentials.revoke", content)

The content is anything in JSON that says completely what will be done: the approval is of its hash, so that
what was edited since is not approved. Approving takes a person, another than the author, who is an approver
then and still is when it is done; each approval is used once.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

import rfc8785

from boundary.serving.access import Caller
from boundary.strict_json import Json, JsonValue
from passeport.people import People, written
from problems import AccessError, ConflictError, NotFoundError
from storage.approvals import ApprovalStore, Proposal
from storage.audit import Event

LIFE: Final = dt.timedelta(days=7)


def digest(content: JsonValue) -> str:
    """Return the SHA-256 (hex) of the canonical form (RFC 8785): one for one content, however written."""
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def require_count(confirmed: int, found: int) -> None:
    """Raise ConflictError ``four_eyes.count`` unless exactly as many are meant as there are."""
    if confirmed != found:
        raise ConflictError("four_eyes.count", confirmed=confirmed, found=found)


@dataclass(frozen=True)
class FourEyes:
    approvals: ApprovalStore
    people: People
    now: Callable[[], dt.datetime]

    def propose(self, by: Caller, organisation: str, action: str, content: str, facts: Json) -> Proposal:
        """Propose to do what has the :func:`digest` ``content``; the author is whoever answers for ``by``."""
        made = Proposal(
            f"p-{uuid.uuid4().hex}", organisation, action, content, by.answers, self.now() + LIFE, facts
        )
        with self._written(by, "propose", made):
            self.approvals.propose(made)
        return made

    def find(self, organisation: str, proposal_id: str) -> Proposal:
        found = self.approvals.find(organisation, proposal_id, self.now())
        if found is None:
            raise NotFoundError("access.not_found")
        return found

    def decide(
        self, by: Caller, organisation: str, proposal_id: str, content: str, *, approve: bool
    ) -> Proposal:
        """Approve or reject what has the digest ``content``, which is what the approver looked at.

        Raises AccessError for the author and for programs, ConflictError when the content is another or it
        was decided before.
        """
        found = self.find(organisation, proposal_id)
        if not by.is_person or self._is_author(by, found):
            raise AccessError("four_eyes.author")
        if found.content != content:
            raise ConflictError("four_eyes.changed")
        with self._written(by, "approve" if approve else "reject", found):
            decided = self.approvals.decide(organisation, found.id, by.id, self.now(), approve=approve)
            if decided is None:
                raise ConflictError("four_eyes.decided")
        return decided

    def require_approved(self, by: Caller, organisation: str, action: str, content: JsonValue) -> Proposal:
        """Use an approval of exactly this content; raise AccessError ``four_eyes.required`` without one."""
        for found in self.approvals.approved(organisation, action, digest(content), self.now()):
            if self._still_counts(found):
                with self._written(by, "use", found):
                    if self.approvals.use(found.id, self.now()):
                        return found
        raise AccessError("four_eyes.required")

    def _is_author(self, by: Caller, proposal: Proposal) -> bool:
        """One person may have two accounts: the provider's subject tells."""
        return by.answers == proposal.author or (
            self._subject(by.answers) is not None
            and self._subject(by.answers) == self._subject(proposal.author)
        )

    def _subject(self, account_id: str) -> str | None:
        found = self.people.accounts.find(account_id)
        return found.subject if found else None

    def _still_counts(self, proposal: Proposal) -> bool:
        """An approver who was removed since approved nothing."""
        account = self.people.accounts.find(proposal.decided_by)
        roles = self.people.members.memberships(proposal.decided_by).get(proposal.organisation, frozenset())
        return account is not None and not account.disabled and "approver" in roles

    def _written(self, by: Caller, what: str, proposal: Proposal) -> AbstractContextManager[None]:
        event = Event(by.answers, f"approval.{what}:{proposal.action}", proposal.id, proposal.organisation)
        return written(self.people.audit, event, self.now)
