"""What one proposes and another must approve: bound to the hash of its content, used once.

    proposed ──▶ approved ──▶ used
        └──────▶ rejected

Each arrow is one atomic statement. What is approved is the hash and nothing else: content that was edited
since has another one, and no approval.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from boundary.strict_json import Json

ApprovalState: TypeAlias = Literal["proposed", "approved", "rejected", "used", "expired"]


@dataclass(frozen=True)
class Proposal:
    """``action`` is a code such as ``credentials.revoke``, ``content`` the SHA-256 (hex) of what would be
    done; ``facts`` tell the approver what it is, in numbers and opaque ids. ``author`` and ``decided_by``
    are accounts."""

    id: str
    organisation: str
    action: str
    content: str
    author: str
    expires: dt.datetime
    facts: Json = field(default_factory=dict)
    state: ApprovalState = "proposed"
    decided_by: str = ""


class ApprovalStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def propose(self, proposal: Proposal) -> None: ...

    def find(self, organisation: str, proposal_id: str, now: dt.datetime) -> Proposal | None: ...

    def of(self, organisation: str, now: dt.datetime) -> Iterator[Proposal]:
        """Yield the proposals of an organisation, newest first."""
        ...

    def decide(
        self, organisation: str, proposal_id: str, by: str, now: dt.datetime, *, approve: bool
    ) -> Proposal | None:
        """Approve or reject what is still proposed; None when it is not, or ``by`` is its author."""
        ...

    def approved(self, organisation: str, action: str, content: str, now: dt.datetime) -> Iterator[Proposal]:
        """Yield what is approved of exactly this content, and not used yet."""
        ...

    def use(self, proposal_id: str, now: dt.datetime) -> bool:
        """Use an approval: true for exactly one of all who ever ask."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove what expired more than thirty days ago; return how many."""
        ...
