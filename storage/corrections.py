"""What holders ask to be corrected, and the answer. The text is personal: it goes thirty days after that."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

CorrectionState: TypeAlias = Literal["open", "accepted", "refused"]


@dataclass(frozen=True)
class Correction:
    """``reference`` is the award, ``text`` what the holder says, ``answer`` what they are told, both None
    once removed; ``new`` the reference of the award that replaces it."""

    id: str
    organisation: str
    reference: str
    text: str | None
    asked: dt.datetime
    state: CorrectionState = "open"
    answer: str | None = None
    new: str = ""
    answered: dt.datetime | None = None


class CorrectionStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def ask(self, correction: Correction) -> None:
        """Keep a request; raise ConflictError ``correction.too_many`` when one is open for the award."""
        ...

    def find(self, organisation: str, correction_id: str) -> Correction | None: ...

    def of(self, organisation: str, after: str, limit: int) -> list[Correction]:
        """Return requests, newest first, from the one after ``after`` (an id, or "")."""
        ...

    def answer(
        self, correction: Correction, state: CorrectionState, text: str, new: str, now: dt.datetime
    ) -> bool:
        """Answer what is open: true for exactly one of all who ever do."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove the texts of what was answered thirty days ago; return of how many."""
        ...
