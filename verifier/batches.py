"""Many documents that an organisation sends at once: verified one after the other, told, then forgotten.

    submit ──▶ queued ──▶ done, or failed with what was verified before ──▶ forgotten

What was sent is removed as soon as it was read; what is told of it is kept no longer than any result.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from boundary import bundle, limits
from boundary.bundle import Entry
from boundary.strict_json import Json
from problems import ConflictError, InputError, LimitError, NotFoundError
from problems.sentences import Lang
from storage.jobs import Job, JobRow, JobStore

ORPHAN: Final = dt.timedelta(hours=1)
"""No upload takes so long: its process was killed."""
_PAGE: Final = 200


@dataclass(frozen=True)
class Upload:
    """A file as it came, under a name of ours, and its SHA-256."""

    path: Path
    digest: bytes


@dataclass(frozen=True)
class Batches:
    """``folder`` is where files wait to be read; ``wake`` tells a worker of this process to look."""

    jobs: JobStore
    folder: Path
    now: Callable[[], dt.datetime]
    wake: Callable[[], None] = lambda: None

    def submit(self, organisation: str, author: str, upload: Upload, key: str, lang: Lang) -> Job:
        """Take a file; with the same ``key`` again it is the same batch. Sentences will be in ``lang``.

        Raises InputError ``bundle.kind``, ``bundle.empty``, LimitError ``batch.too_many``, what reading an
        archive's directory raises, ConflictError ``batch.waiting``, ``batch.key_reused``.
        """
        try:
            job = self._job(organisation, author, upload, key, lang)
            upload.path.replace(self.path(job.id))  # first: a job that is there has its file
            return self._added(job)
        finally:
            upload.path.unlink(missing_ok=True)

    def find(self, organisation: str, job_id: str) -> Job:
        """Raises NotFoundError, also for a batch of another organisation."""
        found = self.jobs.find(organisation, job_id)
        if found is None:
            raise NotFoundError("batch.unknown")
        return found

    def over(self, organisation: str, job_id: str) -> Job:
        """Like :meth:`find`, and raise ConflictError ``batch.not_done`` for one that goes on."""
        found = self.find(organisation, job_id)
        if found.state not in ("done", "failed"):
            raise ConflictError("batch.not_done")
        return found

    def pages(self, job: Job) -> Iterator[list[JobRow]]:
        """Yield what is known, so many documents at a time."""
        after = 0
        while rows := self.jobs.rows(job.id, None, after, _PAGE):
            yield rows
            after = rows[-1].number

    def remove(self, organisation: str, job_id: str) -> None:
        """Erase it, wherever it stands. Raises NotFoundError."""
        if not self.jobs.remove(organisation, job_id):
            raise NotFoundError("batch.unknown")
        self.path(job_id).unlink(missing_ok=True)

    def sweep(self, now: dt.datetime) -> int:
        """Remove what is over, and files that nobody waits to read."""
        forgotten = self.jobs.forget(now)
        late, wanted = (now - ORPHAN).timestamp(), self.jobs.unread()
        for path in self.folder.glob("*"):
            if path.stat().st_mtime <= late and path.stem not in wanted:
                path.unlink(missing_ok=True)
        return forgotten

    def path(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.file"

    def _job(self, organisation: str, author: str, upload: Upload, key: str, lang: Lang) -> Job:
        job_id = f"b-{uuid.uuid4().hex}"
        content = hashlib.sha256(f"{upload.digest.hex()}\x00{key or job_id}".encode()).hexdigest()
        options: Json = {"files": _count(upload.path), "lang": lang}
        return Job(job_id, organisation, author, content, options, self.now(), key)

    def _added(self, job: Job) -> Job:
        kept = None
        try:
            known = self.jobs.of(job.organisation, "", limits.BATCHES_OPEN)
            if len(known) == limits.BATCHES_OPEN and all(one.state == "queued" for one in known):
                raise ConflictError("batch.waiting", limit=limits.BATCHES_OPEN)
            kept = self._kept(job)
        finally:
            if kept is None or kept.id != job.id:
                self.path(job.id).unlink(missing_ok=True)
        self.wake()
        return kept

    def _kept(self, job: Job) -> Job:
        try:
            return self.jobs.add(job)
        except ConflictError:
            raise ConflictError("batch.key_reused") from None


def entries(path: Path) -> Iterator[Entry]:
    """Yield what is in an archive, or on the lines of a text."""
    if bundle.is_bundle(path):
        return bundle.entries(path, limit=limits.IMAGE_BYTES)
    return bundle.lines(path, limit=limits.JSON_BYTES)


def _count(path: Path) -> int | None:
    """Return how many files there are, where that is known before they are read."""
    if not bundle.is_bundle(path):
        found = sum(1 for _ in bundle.lines(path, limit=limits.JSON_BYTES))
    else:
        counted = bundle.count(path)
        if counted is None:
            return None
        found = counted
    if not found:
        raise InputError("bundle.empty")
    if found > limits.BATCH_DOCUMENTS:
        raise LimitError("batch.too_many", limit=limits.BATCH_DOCUMENTS)
    return found
