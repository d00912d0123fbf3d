"""Verify a folder or an archive, file after file: each is judged by itself, and none stops the others.

What is kept of a document is a row, not what it says: memory does not grow with the documents.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from boundary.bundle import Entry
from problems import Problem
from verifier.extract import Document, extract
from verifier.report import Report
from verifier.several import Outcome, Verify, verify_each


@dataclass(frozen=True)
class Judged:
    """What became of one document of one file of a batch.

    ``digest`` is the SHA-256 of the file, None when it could not be read. ``same_as`` is the first file of
    the batch that held this very document.
    """

    name: str
    digest: str | None
    outcome: Outcome
    same_as: str | None = None

    @property
    def result(self) -> Report | Problem:
        return self.outcome.result

    @property
    def verified(self) -> bool:
        return self.outcome.verified


def verify_batch(entries: Iterable[Entry], verify: Verify) -> Iterator[tuple[Judged, ...]]:
    """Yield what became of each file, in their order: at least one outcome for each."""
    seen: dict[bytes, str] = {}
    for entry in entries:
        yield tuple(_judged(entry, verify, seen))


def _judged(entry: Entry, verify: Verify, seen: dict[bytes, str]) -> Iterator[Judged]:
    if isinstance(entry.content, Problem):
        yield Judged(entry.name, None, _unread(entry.content))
        return
    digest = hashlib.sha256(entry.content).hexdigest()
    try:
        documents = extract(entry.content).documents
    except Problem as problem:
        yield Judged(entry.name, digest, _unread(problem))
        return
    for outcome in verify_each(documents, verify):
        first = seen.setdefault(_name(outcome.document), entry.name)
        yield Judged(entry.name, digest, outcome, first if first != entry.name else None)


def _name(document: Document) -> bytes:
    """Return what two documents have in common when they are one, whichever code or file carries it."""
    try:
        return hashlib.sha256(document.body().strip()).digest()
    except Problem:
        return hashlib.sha256(repr(document.content).encode()).digest()


def _unread(problem: Problem) -> Outcome:
    return Outcome(Document(b""), problem)
