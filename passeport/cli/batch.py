"""``passeport verify FOLDER`` or ``ARCHIVE``: each document judged by itself, one row for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from boundary import bundle, files, limits
from passeport.batch import CsvFile, JsonStream, Row, row, table
from passeport.cli import findings
from passeport.cli.inspection import Inspection, Notary
from passeport.cli.session import Session
from problems import InputError, Problem
from verifier.batch import Judged, verify_batch
from verifier.receipt import CheckedFile

Tell = Callable[[Judged, Row], None]

_SHOWN: Final = 1_000  # rows of the table; whoever has more reads them in a file


@dataclass
class Tally:
    """How many documents there were and how many are verified; ``problem`` is what ended the reading."""

    documents: int = 0
    verified: int = 0
    same: int = 0
    problem: Problem | None = None

    @property
    def status(self) -> int:
        if self.problem:
            return 2
        return 0 if self.documents == self.verified else 1

    def add(self, judged: Judged) -> None:
        self.documents += 1
        self.verified += judged.verified
        self.same += judged.same_as is not None


def verify_bundle(source: Path, work: Inspection, signing: Notary | None, csv: Path | None) -> int:
    """Return the exit status: 0 when every document is verified.

    Raises InputError for a folder or archive without documents, or one that is to answer a question; what
    reading the beginning of an archive raises.
    """
    if work.policy.question:
        raise InputError("cli.question_batch")
    tally, checked = Tally(), list[CheckedFile]()
    with _listed(csv, work.here) as listed, _told(work.here, tally) as told:
        for judged in _judged(source, work, tally):
            if signing:
                digest = judged[0].digest or ""
                checked.append(CheckedFile(digest, tuple(one.outcome for one in judged)))
            for one in judged:
                said = row(one, work.here.lang)
                tally.add(one)
                listed(one, said)
                told(one, said)
        if not tally.documents:
            raise tally.problem or InputError("bundle.empty")
    if signing:
        signing.write(checked, work)
    return tally.status


def _judged(source: Path, work: Inspection, tally: Tally) -> Iterator[tuple[Judged, ...]]:
    """Whatever an archive hides behind its first files, what was read of it before is told."""
    here, entries = work.here, bundle.entries(source, limit=limits.IMAGE_BYTES)
    with findings.progress(here, "batch.verifying", total=bundle.count(source)) as tick:
        try:
            for judged in verify_batch(entries, work.verify):
                yield judged
                tick()
        except Problem as problem:
            tally.problem = problem


@contextmanager
def _listed(csv: Path | None, here: Session) -> Iterator[Tell]:
    """Write rows into a file that takes its place when all of them are there."""
    if csv is None:
        yield lambda _judged, _said: None
        return
    with files.replacing(csv) as raw:
        text = TextIOWrapper(raw, "utf-8-sig", newline="", write_through=True)
        rows = CsvFile(text, here.lang)
        yield lambda _judged, said: rows.add(said)
        text.detach()


@contextmanager
def _told(here: Session, tally: Tally) -> Iterator[Tell]:
    """Programs are told as it goes, people at the end."""
    rows: list[Row] = []
    stream = JsonStream(here.lang)
    yield (
        (lambda judged, _said: stream.add(judged)) if here.json else (lambda _judged, said: _keep(rows, said))
    )
    if here.json:
        stream.end(tally.documents, tally.verified, tally.problem)
    else:
        _show(rows, tally, here)


def _keep(rows: list[Row], said: Row) -> None:
    if len(rows) < _SHOWN:
        rows.append(said)


def _show(rows: list[Row], tally: Tally, here: Session) -> None:
    here.out.print(table(rows, here.lang))
    if tally.documents > len(rows):
        here.say("batch.unsaid", count=tally.documents - len(rows))
    here.say("batch.done", verified=tally.verified, documents=tally.documents, same=tally.same)
    if tally.problem:
        here.refuse(tally.problem)
