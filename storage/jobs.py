"""Files that organisations gave to be worked through, row by row, by whichever process is there.

    queued ──▶ examined ──▶ waiting_approval ──▶ running ──▶ done
      │  ╲________│_____________________________▶  │ ╲
      ▼           ▼                                ▼  failed
    paused     cancelled                        paused

A job is claimed by one worker at a time, for as long as its lease lasts. Whatever a worker writes counts only
while it has the lease: one that was killed, or sleeps too long, is followed by another, which goes on from
the last row that is written down. The claims of a row are removed when it is done.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from boundary.strict_json import Json, JsonValue

JobState: TypeAlias = Literal[
    "queued", "examined", "waiting_approval", "running", "paused", "done", "failed", "cancelled"
]
RowOutcome: TypeAlias = Literal["ready", "error", "done", "again"]
"""``ready`` can be done, ``again`` had been done before this job."""


@dataclass(frozen=True)
class Counts:
    """How many rows were read, and how many of them have each outcome."""

    rows: int = 0
    ready: int = 0
    error: int = 0
    done: int = 0
    again: int = 0


@dataclass(frozen=True)
class Job:
    """``content`` is the SHA-256 (hex) of the file and of how it is to be read; ``key`` the caller's own
    name of the request (Idempotency-Key). ``problem`` is the code of what made it fail, ``approval`` the id
    of the proposal that it waits for, ``deaths`` how many workers it was claimed from that never let it go,
    since a row was last made."""

    id: str
    organisation: str
    author: str
    content: str
    options: Json
    created: dt.datetime
    key: str = ""
    state: JobState = "queued"
    examined: bool = False
    counts: Counts = field(default_factory=Counts)
    problem: str = ""
    approval: str = ""
    deaths: int = 0


@dataclass(frozen=True)
class JobRow:
    """One row of the file. ``claims`` are None as soon as they are not needed; ``findings`` say what is
    wrong with the row, ``result`` what came of it, both without personal data."""

    number: int
    reference: str
    template: str
    outcome: RowOutcome
    claims: Json | None = None
    findings: Sequence[JsonValue] = ()
    result: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """What became of a row that was ready."""

    number: int
    outcome: RowOutcome
    result: Json = field(default_factory=dict)
    findings: Sequence[JsonValue] = ()


class JobStore(Protocol):
    """Each method is one transaction, durable when it returns. Those that a worker calls return false, and
    change nothing, when the job is no longer its own."""

    def add(self, job: Job) -> Job:
        """Keep a new job, or return the one that counts already for the same content.

        Raises ConflictError ``import.key_reused`` when ``key`` was used for other content.
        """
        ...

    def find(self, organisation: str, job_id: str) -> Job | None: ...

    def of(self, organisation: str, after: str, limit: int) -> list[Job]:
        """Return jobs of an organisation, newest first, from the one after ``after`` (an id, or "")."""
        ...

    def claim(self, worker: str, until: dt.datetime, now: dt.datetime) -> Job | None:
        """Give the oldest job that waits for a worker, to one of all who ask, until ``until``."""
        ...

    def begin(self, job_id: str, worker: str) -> bool:
        """Forget the rows that an earlier worker read without coming to the end."""
        ...

    def note(self, job_id: str, worker: str, rows: Sequence[JobRow], until: dt.datetime) -> bool:
        """Keep rows that were read, or were done at once, and the lease until ``until``."""
        ...

    def make(self, job_id: str, worker: str, made: Sequence[Made], until: dt.datetime) -> bool:
        """Keep what became of rows, without their claims, and the lease until ``until``."""
        ...

    def settle(
        self,
        job_id: str,
        worker: str,
        state: JobState,
        now: dt.datetime,
        *,
        problem: str = "",
        approval: str = "",
    ) -> bool:
        """Let the job be ``state``; it was examined unless it failed before. The lease ends."""
        ...

    def postpone(self, job_id: str, worker: str, until: dt.datetime) -> bool:
        """Give the job back; nobody gets it before ``until``."""
        ...

    def move(
        self,
        organisation: str,
        job_id: str,
        before: Collection[JobState],
        after: JobState,
        now: dt.datetime,
        approval: str | None = None,
    ) -> Job | None:
        """Let a job that is one of ``before`` be ``after``, whoever works on it; None when it is none."""
        ...

    def rows(self, job_id: str, outcome: RowOutcome | None, after: int, limit: int) -> list[JobRow]:
        """Return rows with a number greater than ``after``, in order."""
        ...

    def remove(self, organisation: str, job_id: str) -> bool:
        """Erase a job and its rows, whoever works on it; false unless the organisation has it."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Cancel what nobody started, and remove what is long over; return how many."""
        ...

    def unread(self) -> set[str]:
        """Return the ids of the jobs whose file is still to be read."""
        ...
