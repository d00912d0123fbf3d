"""A worker: claims a batch, verifies its documents one after the other, and lets go.

Any number of them, in as many processes, share the batches of a database. A batch whose worker was killed is
begun again by another once its lease is over; one that takes too long ends, whoever had it.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from boundary import limits, strict_json
from boundary.shape import a_text
from boundary.strict_json import Json
from problems import InputError, LimitError, Problem
from problems.sentences import LANGS, Lang
from storage.jobs import Job, JobRow, JobState, RowOutcome
from verifier.batch import Judged, verify_batch
from verifier.batches import Batches, entries
from verifier.several import Verify

AT_ONCE: Final = 25
EVERY: Final = dt.timedelta(seconds=2)
LEASE: Final = dt.timedelta(minutes=5)
"""Longer than any single file takes."""
LATER: Final = dt.timedelta(seconds=15)
LONGEST: Final = dt.timedelta(seconds=limits.BATCH_SECONDS)
Told: TypeAlias = Callable[[Judged, Lang], Json]


@dataclass(frozen=True)
class BatchWorker:
    """``name`` is this worker's own; ``verifier`` makes what verifies the documents of one batch, and asks
    for each key and list once; ``told`` gives what is kept of a result."""

    batches: Batches
    verifier: Callable[[], Verify]
    told: Told
    name: str
    ended: Callable[[], bool] = lambda: False

    def work(self) -> bool:
        """Verify one batch, if one waits; say whether one did."""
        now = self.batches.now()
        job = self.batches.jobs.claim(self.name, now + LEASE, now)
        if job is None:
            return False
        try:
            _Run(self, job).play()
        except Problem as problem:
            if not problem.transient:
                raise
            self.batches.jobs.postpone(job.id, self.name, self.batches.now() + LATER)
        except Exception:
            _Run(self, job).settle(InputError("batch.unexpected"))
            raise
        return True


@dataclass
class _Run:
    """One batch on its way through one worker."""

    worker: BatchWorker
    job: Job
    waiting: list[JobRow] = field(default_factory=list)
    written: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self.written = self._now()

    def play(self) -> None:
        if not self.worker.batches.jobs.begin(self.job.id, self.worker.name):
            return
        problem: Problem | None = None
        try:
            for row in self._rows():
                self.waiting.append(row)
                if self._is_due() and not self._go_on():
                    return
        except Problem as found:
            problem = found
        if self._write():
            self.settle(problem)

    def settle(self, problem: Problem | None) -> None:
        """The file is removed whatever came of it."""
        jobs, said = self.worker.batches.jobs, _said(problem) if problem else ""
        state: JobState = "failed" if problem else "done"
        if jobs.settle(self.job.id, self.worker.name, state, self._now(), problem=said):
            self.worker.batches.path(self.job.id).unlink(missing_ok=True)

    def _rows(self) -> Iterator[JobRow]:
        """Raises the Problem that ends the reading; what was read before is told."""
        self._require_time()
        path = self.worker.batches.path(self.job.id)
        if not path.exists():
            raise InputError("batch.gone")
        lang, number = _lang(self.job), 0
        for judged in verify_batch(entries(path), self.worker.verifier()):
            for one in judged:
                number += 1
                if number > limits.BATCH_DOCUMENTS:
                    raise LimitError("batch.too_many", limit=limits.BATCH_DOCUMENTS)
                outcome: RowOutcome = "done" if one.verified else "error"
                yield JobRow(number, "", "", outcome, result=self.worker.told(one, lang))
        if not number:
            raise InputError("bundle.empty")

    def _is_due(self) -> bool:
        return len(self.waiting) >= AT_ONCE or self._now() - self.written >= EVERY

    def _go_on(self) -> bool:
        """Write down what is known; say whether to go on. When the process ends, another begins again."""
        if not self._write():
            return False
        self._require_time()
        jobs = self.worker.batches.jobs
        return not (self.worker.ended() and jobs.postpone(self.job.id, self.worker.name, self._now()))

    def _write(self) -> bool:
        rows, self.waiting, self.written = self.waiting, [], self._now()
        jobs, until = self.worker.batches.jobs, self.written + LEASE
        return jobs.note(self.job.id, self.worker.name, rows, until)

    def _require_time(self) -> None:
        if self._now() - self.job.created > LONGEST:
            raise LimitError("batch.too_long")

    def _now(self) -> dt.datetime:
        return self.worker.batches.now()


def _lang(job: Job) -> Lang:
    said = a_text(job.options.get("lang"), "lang")
    return next((lang for lang in LANGS if lang == said), "fr")


def _said(problem: Problem) -> str:
    facts: Json = {
        name: fact if isinstance(fact, int | float) else str(fact) for name, fact in problem.facts.items()
    }
    return strict_json.write({"code": problem.code, "facts": facts})
