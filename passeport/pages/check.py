"""What is given to the page, verified in memory: texts, files, and what a link held."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exchange.qr import QrPayload
from passeport.pages import result
from passeport.pages.result import Result, Told
from passeport.words import word
from problems import InputError, Problem
from problems.sentences import Lang
from verifier.extract import Document, Extracted, extract
from verifier.report import Report

Judge = Callable[[bytes, str, dt.datetime], Report]
"""Verifies what was shown; a text that is not empty is the name of the link in which it was found."""


@dataclass(frozen=True)
class Desk:
    """``origin`` is the scheme and host under which people know this page."""

    origin: str
    judge: Judge

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    def check(self, given: bytes, link: str, lang: Lang, now: dt.datetime) -> Result | Told:
        """Return what the page shows for ``given``; never raises a Problem."""
        try:
            found = Extracted((Document(given),)) if link else extract(self._readable(given))
        except Problem as problem:
            return result.told(problem, lang)
        reports, problems = self._judge(found.documents, link, now)
        if not reports:
            return self._refused(problems, found, lang)
        notices = [*self._notices(found, lang), *(_unread(problem, lang) for problem in problems)]
        return result.result(reports, lang, notices, whole=not (problems or found.unreadable))

    def _readable(self, given: bytes) -> bytes:
        """A link to this page is written with https wherever it is read; on this machine it may be http."""
        if not given.strip():
            raise InputError("page.nothing")
        here = f"{self.origin}/v#".encode()
        text = given.strip()
        return f"https://{self.host}/v#".encode() + text[len(here) :] if text.startswith(here) else given

    def _judge(
        self, documents: Iterable[Document], link: str, now: dt.datetime
    ) -> tuple[list[Report], list[Problem]]:
        reports, problems = list[Report](), list[Problem]()
        for document in documents:
            try:
                self._require_here(document)
                reports.append(self.judge(document.body(), link, now))
            except Problem as problem:
                problems.append(problem)
        return reports, problems

    def _require_here(self, document: Document) -> None:
        """A link is opened by the page itself, whose key does not come here, and only if it leads here."""
        code = document.content
        if isinstance(code, QrPayload) and code.kind == "L":
            if code.host != self.host:
                raise InputError("page.link_elsewhere", site=code.host)
            raise InputError("page.link")

    def _refused(self, problems: list[Problem], found: Extracted, lang: Lang) -> Told:
        onward = ""
        for document in found.documents:
            code = document.content
            if isinstance(code, QrPayload) and code.kind == "L" and code.host == self.host:
                onward = f"/v?lang={lang}#L{code.body}"
        return result.told(problems[0], lang, onward if problems[0].code == "page.link" else "")

    def _notices(self, found: Extracted, lang: Lang) -> list[str]:
        codes = [document.content for document in found.documents if isinstance(document.content, QrPayload)]
        sites = dict.fromkeys(code.host for code in codes if code.host != self.host)
        said = [word("page.code_host", lang, site=site) for site in sites]
        if found.foreign:
            said.append(word("page.foreign_codes", lang, count=found.foreign))
        return said + ([word("report.unreadable_codes", lang)] if found.unreadable else [])


def _unread(problem: Problem, lang: Lang) -> str:
    return word("page.partly", lang, what=problem.says(lang).what)
