"""Imports: a file is taken, examined, approved if it is large, and worked through; each step when it may.

The file itself is read once and then removed: what must be kept of it are the claims of the rows that are
sound, until each is offered or issued. A national number is in none of them (:mod:`issuer.intake`).
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from boundary.serving.access import Caller
from boundary.strict_json import Json
from issuer import intake
from issuer.operations.office import Approvals
from issuer.operations.options import Options
from problems import AccessError, ConflictError, NotFoundError
from proofs.jcs import canonical_json
from storage.jobs import Job, JobState, JobStore

ACTION: Final = "credentials.import"
ORPHAN: Final = dt.timedelta(hours=1)
"""No upload takes so long: its process was killed."""


@dataclass(frozen=True)
class Upload:
    """A file as it came, under a name of ours, and its SHA-256."""

    path: Path
    digest: bytes


@dataclass(frozen=True)
class Imports:
    """``folder`` is where files wait to be read; ``wake`` tells a worker of this process to look."""

    jobs: JobStore
    folder: Path
    approvals: Approvals
    now: Callable[[], dt.datetime]
    wake: Callable[[], None] = lambda: None

    def submit(self, organisation: str, by: Caller, upload: Upload, options: Options, key: str) -> Job:
        """Take a file; the same file again is the same import. The upload is this import's, or is removed.

        Raises InputError for what is no file that we read, ConflictError ``import.key_reused``.
        """
        job = Job(
            f"j-{uuid.uuid4().hex}", organisation, by.answers, _content(upload, options), options.document(),
            self.now(), key,
        )  # fmt: skip
        kept = None
        try:
            intake.detect(upload.path)
            upload.path.replace(self.path(job.id))  # first: a job that is there has its file
            kept = self.jobs.add(job)
        finally:
            upload.path.unlink(missing_ok=True)
            if kept is None or kept.id != job.id:
                self.path(job.id).unlink(missing_ok=True)
        self.wake()
        return kept

    def sweep(self, now: dt.datetime) -> int:
        """Remove what nobody started or is long over, and files that no import waits to read."""
        forgotten = self.jobs.forget(now)
        late = (now - ORPHAN).timestamp()
        wanted = self.jobs.unread()
        for path in self.folder.glob("*"):
            if path.stat().st_mtime <= late and path.stem not in wanted:
                path.unlink(missing_ok=True)
        return forgotten

    def path(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.file"

    def find(self, organisation: str, job_id: str) -> Job:
        """Raises NotFoundError, also for an import of another organisation."""
        found = self.jobs.find(organisation, job_id)
        if found is None:
            raise NotFoundError("import.unknown")
        return found

    def start(self, organisation: str, job_id: str, by: Caller, *, skip_errors: bool = False) -> Job:
        """Let what was examined be done, if nothing is in the way; a large one waits for a second person.

        Raises NotFoundError, ConflictError ``import.state``, ``import.errors``, ``import.nothing``,
        AccessError ``four_eyes.required`` for one that still waits.
        """
        job = self.find(organisation, job_id)
        if job.state == "waiting_approval":
            return self._approved(job, by)
        if job.state != "examined":
            raise ConflictError("import.state", state=job.state)
        if job.counts.error and not (skip_errors or Options.read(job.options).skip_errors):
            raise ConflictError("import.errors", count=job.counts.error)
        if not job.counts.ready:
            raise ConflictError("import.nothing")
        if job.counts.ready > self.approvals.above:
            return self._moved(job, ("examined",), "waiting_approval", propose(self.approvals, job, by))
        return self._moved(job, ("examined",), "running")

    def pause(self, organisation: str, job_id: str) -> Job:
        return self._moved(self.find(organisation, job_id), ("queued", "running"), "paused")

    def resume(self, organisation: str, job_id: str) -> Job:
        job = self.find(organisation, job_id)
        return self._moved(job, ("paused",), "running" if job.examined else "queued")

    def cancel(self, organisation: str, job_id: str) -> Job:
        """Do no more of it; what was done stays done."""
        open_ones: tuple[JobState, ...] = ("queued", "examined", "waiting_approval", "running", "paused")
        job = self._moved(self.find(organisation, job_id), open_ones, "cancelled")
        self.path(job_id).unlink(missing_ok=True)
        return job

    def _approved(self, job: Job, by: Caller) -> Job:
        """An approval that lapsed is proposed again, so that there is something to approve."""
        approval = propose(self.approvals, job, by)
        if approval:
            self._moved(job, ("waiting_approval",), "waiting_approval", approval)
        if not self.approvals.use(by, job.organisation, ACTION, approved_content(job)):
            raise AccessError("four_eyes.required")
        return self._moved(job, ("waiting_approval",), "running")

    def _moved(
        self, job: Job, before: tuple[JobState, ...], after: JobState, approval: str | None = None
    ) -> Job:
        moved = self.jobs.move(job.organisation, job.id, before, after, self.now(), approval)
        if moved is None:
            raise ConflictError("import.state", state=self.find(job.organisation, job.id).state)
        self.wake()
        return moved


def approved_content(job: Job) -> Json:
    """Return what a second person agrees to: this file, read this way, so many rows."""
    return {"import": job.id, "content": job.content, "rows": job.counts.ready, "options": job.options}


def propose(approvals: Approvals, job: Job, by: Caller) -> str:
    facts: Json = {"import": job.id, "rows": job.counts.ready}
    return approvals.propose(by, job.organisation, ACTION, approved_content(job), facts)


def _content(upload: Upload, options: Options) -> str:
    said = canonical_json({"file": upload.digest.hex(), "options": options.document()})
    return hashlib.sha256(said).hexdigest()
