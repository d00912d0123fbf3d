"""Verify each document of a file: one that cannot be read does not keep the others from being judged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from problems import Problem
from verifier.extract import Document
from verifier.report import Report

Verify = Callable[[bytes], Report]


@dataclass(frozen=True)
class Outcome:
    """What became of one document: a report, or the problem for which there is none."""

    document: Document
    result: Report | Problem

    @property
    def verified(self) -> bool:
        return isinstance(self.result, Report) and self.result.verified


def verify_each(documents: Iterable[Document], verify: Verify) -> Iterator[Outcome]:
    """Yield the outcome of each, in their order."""
    for document in documents:
        yield Outcome(document, _result(document, verify))


def _result(document: Document, verify: Verify) -> Report | Problem:
    try:
        return verify(document.body())
    except Problem as problem:
        return problem
