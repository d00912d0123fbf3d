"""Wires the verification of many documents at once, and the worker of this process that does it."""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, cast

from fastapi import APIRouter

from boundary.shape import an_object
from boundary.sources import Remembered
from boundary.strict_json import Json
from passeport.batch import CsvFile, Row, batch_json, row
from passeport.passport import verifier
from passeport.people import written
from passeport.serve.house import House
from passeport.serve.working import Work, Working
from problems.sentences import Lang
from storage.audit import Event
from storage.sqlite.jobs import SqliteJobs
from verifier.api import batches as verifying
from verifier.batch import Judged
from verifier.batch_work import BatchWorker
from verifier.batches import Batches
from verifier.policy import Policy
from verifier.report import Report
from verifier.several import Verify

_MARK = "\ufeff"
"""Without it, spreadsheets read letters with accents wrongly."""


def router(house: House) -> APIRouter:
    made = BatchRoom(house)
    house.beside.append(made.workers.working)
    return verifying.router(verifying.Services(made.batches, made.known, made.written, table))


@dataclass
class BatchRoom:
    """The batches of every organisation of one service."""

    house: House

    @cached_property
    def batches(self) -> Batches:
        kept = dt.timedelta(seconds=self.house.settings.retention_seconds)
        jobs = SqliteJobs(self.house.settings.database("batches"), kept)
        folder = self.house.settings.home / "service" / "batches"
        made = Batches(jobs, folder, self._now, self.workers.wake)
        self.house.closing.append(jobs.close)
        self.house.forgetting.append(made.sweep)
        return made

    @cached_property
    def workers(self) -> Working:
        """A batch is done by one thread; another process does another one."""
        return Working("batches", self.worker)

    def worker(self, name: str) -> Work:
        return BatchWorker(self.batches, self._verifier, kept, name, lambda: self.workers.ended).work

    def known(self, organisation: str) -> None:
        self.house.organisations.get(organisation)

    def written(self, event: Event) -> AbstractContextManager[None]:
        return written(self.house.audit, event, self._now)

    def _verifier(self) -> Verify:
        policy, now = Policy(anchors=self.house.anchors), self._now()
        judge = verifier(Remembered(self.house.source), policy)

        def verify(body: bytes) -> Report:
            return judge.verify(body, now)

        return verify

    def _now(self) -> dt.datetime:
        return self.house.now()


def kept(judged: Judged, lang: Lang) -> Json:
    """Return what is kept of a result: what programs are told, and the cells of its row."""
    return {"document": batch_json(judged, lang), "row": asdict(row(judged, lang))}


def table(pages: Iterable[Sequence[Json]], lang: Lang) -> Iterator[str]:
    """Yield the table of results that :func:`kept` made."""
    text = io.StringIO(newline="")
    text.write(_MARK)
    rows = CsvFile(text, lang)
    for page in pages:
        for one in page:
            rows.add(_row(one))
        yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> str:
    said = text.getvalue()
    text.seek(0)
    text.truncate()
    return said


def _row(result: Json) -> Row:
    """What :func:`kept` wrote, of the types that it had."""
    return Row(**cast(dict[str, Any], an_object(result.get("row"), "row")))
