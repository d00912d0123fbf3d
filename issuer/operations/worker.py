"""A worker: claims an import, reads or makes what can be done of it, and lets go.

Any number of them, in as many processes, share the imports of a database. A lease is renewed with every
batch of rows that is written down; when it is gone, so is the right to go on.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from boundary import strict_json
from boundary.serving.access import ACTING, Caller
from issuer.intake.rows import Reading
from issuer.operations.examining import Examiner, batches, problem_said
from issuer.operations.imports import Imports, propose
from issuer.operations.making import Maker
from issuer.operations.office import Office
from issuer.operations.options import Options
from problems import InputError, Problem
from storage.jobs import Job, JobState

BATCH: Final = 50
LEASE: Final = dt.timedelta(seconds=60)
LATER: Final = dt.timedelta(seconds=15)
DEATHS: Final = 3
"""So many workers may die of one import, one after the other; it takes no more of them with it."""
Read: TypeAlias = Callable[[Path, Options, dt.date], Iterable[Reading]]


@dataclass(frozen=True)
class Worker:
    """``name`` is this worker's own; ``read`` opens a file with the register of certifications."""

    imports: Imports
    offices: Callable[[str], Office]
    read: Read
    name: str
    ended: Callable[[], bool] = lambda: False

    def work(self) -> bool:
        """Do what can be done of one import, if one waits; say whether one did."""
        now = self.imports.now()
        job = self.imports.jobs.claim(self.name, now + LEASE, now)
        if job is None:
            return False
        with _acting(job.author):
            self._work(job)
        return True

    def _work(self, job: Job) -> None:
        try:
            if job.deaths >= DEATHS:
                raise InputError("import.kills", count=job.deaths)
            if job.state == "queued":
                self._examine(job)
            else:
                self._make(job)
        except Problem as problem:
            if problem.transient:
                self.imports.jobs.postpone(job.id, self.name, self.imports.now() + LATER)
            else:
                self._fail(job, problem)
        except Exception:
            self._fail(job, InputError("import.unexpected"))
            raise

    def _examine(self, job: Job) -> None:
        """The file is removed once it is read, whatever came of it."""
        office, options, now = self.offices(job.organisation), Options.read(job.options), self.imports.now()
        jobs, examiner = self.imports.jobs, Examiner(office, office.open_desk(), options, now)
        if not jobs.begin(job.id, self.name):
            return
        for rows in batches(examiner.rows(self._readings(job, options, now.date())), BATCH):
            if not jobs.note(job.id, self.name, rows, self._lease()) or self._stops(job):
                return
        read = self.imports.jobs.find(job.organisation, job.id)
        if read is not None:
            self._settle(read, *self._next(read, options))

    def _readings(self, job: Job, options: Options, today: dt.date) -> Iterable[Reading]:
        path = self.imports.path(job.id)
        if not path.exists():
            raise InputError("import.gone")
        return self.read(path, options, today)

    def _next(self, job: Job, options: Options) -> tuple[JobState, str]:
        """Return what an examined import is now, and the proposal that it waits for."""
        in_the_way = job.counts.error > 0 and not options.skip_errors
        if options.dry_run or in_the_way or not job.counts.ready:
            return "examined", ""
        if job.counts.ready > self.imports.approvals.above:
            return "waiting_approval", propose(self.imports.approvals, job, Caller(job.author))
        return "running", ""

    def _make(self, job: Job) -> None:
        office, options, now = self.offices(job.organisation), Options.read(job.options), self.imports.now()
        jobs, maker = self.imports.jobs, Maker(office, office.open_desk(), options, job.id, now)
        while rows := jobs.rows(job.id, "ready", 0, BATCH):
            if not jobs.make(job.id, self.name, maker.make(rows), self._lease()) or self._stops(job):
                return
        self._settle(job, "done")

    def _fail(self, job: Job, problem: Problem) -> None:
        self._settle(job, "failed", problem=strict_json.write(problem_said(problem)))

    def _settle(self, job: Job, state: JobState, approval: str = "", problem: str = "") -> None:
        jobs, now = self.imports.jobs, self.imports.now()
        settled = jobs.settle(job.id, self.name, state, now, approval=approval, problem=problem)
        if settled and job.state == "queued":
            self.imports.path(job.id).unlink(missing_ok=True)

    def _stops(self, job: Job) -> bool:
        """When the process ends, somebody else may go on at once."""
        return self.ended() and self.imports.jobs.postpone(job.id, self.name, self.imports.now())

    def _lease(self) -> dt.datetime:
        return self.imports.now() + LEASE


@contextmanager
def _acting(author: str) -> Iterator[None]:
    token = ACTING.set(author)
    try:
        yield
    finally:
        ACTING.reset(token)
