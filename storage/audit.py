"""What was done, by whom, on what, and when: a chain to which entries are only ever added.

Each entry holds the SHA-256 of the one before it, so that none can be changed, taken out or moved without
every later one telling. The end of the chain could still be cut off: that is told by heads kept elsewhere
(:class:`Head`, signed by :mod:`passeport.serve.anchor`). Entries hold opaque ids and codes, never a name.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from boundary import strict_json
from problems import InputError, ProofVerificationError

Outcome: TypeAlias = Literal["started", "done", "refused", "failed"]
GENESIS: Final = bytes(32)
_WORD: Final = re.compile(r"[A-Za-z0-9._:#/-]{0,200}")
SKEW: Final = dt.timedelta(seconds=5)
"""How far the clocks of two processes of one machine may seem apart."""


@dataclass(frozen=True)
class Event:
    """``who`` is an account, a key for programs, or ``console``; ``what`` a code such as ``key.rotate``;
    ``on`` the opaque id of a thing; ``count`` how many of them, where they are many."""

    who: str
    what: str
    on: str = ""
    organisation: str = ""
    outcome: Outcome = "done"
    count: int = 1

    def require_opaque(self) -> None:
        """Raise InputError for what could be a name or a sentence."""
        for text in (self.who, self.what, self.on, self.organisation):
            if not _WORD.fullmatch(text):
                raise InputError("audit.not_opaque")


@dataclass(frozen=True)
class Entry:
    """``number`` counts from 1 without a gap; ``before`` is the hash of the entry before."""

    number: int
    at: str
    event: Event
    before: bytes
    hash: bytes

    @classmethod
    def after(cls, head: "Head", at: str, event: Event) -> "Entry":
        return cls(head.number + 1, at, event, head.hash, _hash(head.number + 1, at, event, head.hash))

    @property
    def head(self) -> "Head":
        return Head(self.number, self.at, self.hash)

    @property
    def is_whole(self) -> bool:
        return self.hash == _hash(self.number, self.at, self.event, self.before)


@dataclass(frozen=True)
class Head:
    """Where the chain ends: the number, time and hash of its last entry."""

    number: int = 0
    at: str = ""
    hash: bytes = GENESIS


class AuditLog(Protocol):
    """Each method is one transaction, durable when it returns; whatever fails in it, be it the disk, is an
    UnavailableError ``audit.unavailable``: what is not written down is not done."""

    def record(self, event: Event, now: dt.datetime) -> Entry:
        """Add an entry. Raises UnavailableError, also ``audit.clock`` when the clock was put back, and
        InputError for an event that is not opaque."""
        ...

    def ready(self, now: dt.datetime) -> None:
        """Return when an entry could be added now; raise as :meth:`record` does."""
        ...

    def head(self) -> Head: ...

    def entries(self, after: int = 0, limit: int = -1, organisation: str | None = None) -> Iterator[Entry]:
        """Yield entries in the order of their numbers, from the one after ``after``; of one organisation
        if it is named."""
        ...


def moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")


def verify(entries: Iterable[Entry], heads: Iterable[Head] = ()) -> Head:
    """Return the head of a whole chain that agrees with every one of ``heads``.

    Raises ProofVerificationError that names the first entry that is not as it was written
    (``audit.changed``), is missing or moved (``audit.missing``), was cut off at the end
    (``audit.truncated``), or is another than the head of that time says (``audit.rewritten``).
    """
    anchored = {head.number: head.hash for head in heads}
    last = Head()
    for entry in entries:
        if entry.number != last.number + 1 or entry.before != last.hash:
            raise ProofVerificationError("audit.missing", entry=last.number + 1)
        if not entry.is_whole:
            raise ProofVerificationError("audit.changed", entry=entry.number)
        if anchored.get(entry.number, entry.hash) != entry.hash:
            raise ProofVerificationError("audit.rewritten", entry=entry.number)
        last = entry.head
    if anchored and max(anchored) > last.number:
        raise ProofVerificationError("audit.truncated", entry=last.number + 1)
    return last


def _hash(number: int, at: str, event: Event, before: bytes) -> bytes:
    """The list is written as JSON, which separates its members beyond doubt."""
    written = strict_json.write(
        [
            number, at, event.who, event.what, event.on, event.organisation, event.outcome, event.count,
            before.hex(),
        ]
    )  # fmt: skip
    return hashlib.sha256(written.encode()).digest()
