"""What became of a batch of documents, in the words of a table: on the terminal, as CSV, as JSON."""

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TextIO

from rich.table import Table
from rich.text import Text

from boundary import strict_json
from boundary.strict_json import Json
from issuer.intake.report import neutral
from passeport.machine import outcome_json
from passeport.show import ICON, TONE, signed_by
from passeport.words import word
from problems import Problem
from problems.characters import escaped, printable
from problems.sentences import Lang, say
from verifier.batch import Judged
from verifier.report import CredentialReport, Report, Step, Verdict

_NAME_CHARS: Final = 200
_COLUMNS: Final = (
    "file",
    "page",
    "who",
    "what",
    "verdict",
    "verified",
    "code",
    "reason",
    "same_as",
    "sha256",
)


@dataclass(frozen=True)
class Row:
    """One document: its file and page, who says what, what it comes to and why. Texts for people.

    ``verdict`` is None for what could not be read; ``code`` and ``reason`` are empty when all is well.
    """

    file: str
    page: int | None
    who: str
    what: str
    verdict: Verdict | None
    verified: bool
    code: str
    reason: str
    same_as: str
    sha256: str

    def said(self, lang: Lang) -> str:
        """Return the verdict in words."""
        return say(f"verdict.{self.verdict}", lang).what if self.verdict else word("batch.unread", lang)


def row(judged: Judged, lang: Lang) -> Row:
    result = judged.result
    lines = result.credentials if isinstance(result, Report) else ()
    code, reason = _reason(result, lang)
    return Row(
        file=_file(judged.name),
        page=judged.outcome.document.page,
        who=_together(_who(line, lang) for line in lines),
        what=_together(line.facts.title for line in lines if line.facts),
        verdict=result.verdict if isinstance(result, Report) else None,
        verified=judged.verified,
        code=code,
        reason=reason,
        same_as=_file(judged.same_as or ""),
        sha256=judged.digest or "",
    )


def table(rows: Sequence[Row], lang: Lang) -> Table:
    """Return the results as they are read on a terminal, in the order of the files."""
    shown = Table(show_lines=True)
    for name in ("file", "who", "what", "verdict", "reason"):
        shown.add_column(word(f"batch.{name}", lang), overflow="fold")  # half a domain is another's
    for one in rows:
        tone, icon = (TONE[one.verdict], ICON[one.verdict]) if one.verdict else ("red", "✘")
        page = f"\n{word('report.page', lang, page=one.page)}" if one.page else ""
        reason = Text(one.reason)
        if one.code:
            reason.append(f"  [{one.code}]", style="dim")
        if one.same_as:
            reason.append("\n" if one.reason else "").append(f"{word('batch.same_as', lang)} {one.same_as}")
        verdict = Text(f"{icon} {one.said(lang)}", style=tone)
        shown.add_row(Text(one.file + page), Text(one.who), Text(one.what), verdict, reason)
    return shown


class CsvFile:
    """Writes rows one after another; no cell becomes a formula in a spreadsheet."""

    def __init__(self, output: TextIO, lang: Lang) -> None:
        self._rows, self._lang = csv.writer(output, delimiter=";"), lang
        self._rows.writerow([word(f"batch.{name}", lang) for name in _COLUMNS])

    def add(self, one: Row) -> None:
        cells = {name: getattr(one, name) for name in _COLUMNS} | {"verdict": one.said(self._lang)}
        cells["verified"] = "1" if one.verified else "0"
        self._rows.writerow([neutral("" if cell is None else str(cell)) for cell in cells.values()])


class JsonStream:
    """Writes one JSON document on standard output, result after result; nothing before the first."""

    def __init__(self, lang: Lang) -> None:
        self._lang, self._before = lang, '{"documents":['

    def add(self, judged: Judged) -> None:
        sys.stdout.write(escaped(self._before + strict_json.write(batch_json(judged, self._lang))))
        self._before = ","

    def end(self, documents: int, verified: int, problem: Problem | None) -> None:
        told: Json = {
            "verified": problem is None and documents == verified,
            "documentCount": documents,
            "verifiedCount": verified,
            "problem": dict(problem.details(self._lang)) if problem else None,
        }
        sys.stdout.write(escaped(f"],{strict_json.write(told)[1:]}\n"))


def batch_json(judged: Judged, lang: Lang) -> Json:
    """Return one result for programs: the file, and the report on its document or the problem with it."""
    return {
        "file": _file(judged.name),
        "sha256": judged.digest,
        "sameAs": _file(judged.same_as) if judged.same_as else None,
        **outcome_json(judged.outcome, lang),
    }


def _file(name: str) -> str:
    return printable(name)[:_NAME_CHARS]


def _together(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(filter(None, texts)))


def _who(line: CredentialReport, lang: Lang) -> str:
    """Return who says it: what the key proves, then the name."""
    facts = line.facts
    if facts is None:
        return ""
    if facts.self_declared:
        return word("level.declared", lang)
    return signed_by(facts.issuer_name or "", facts.issuer_id if line.issuer_proved else "", lang)


def _reason(result: Report | Problem, lang: Lang) -> tuple[str, str]:
    """Return the code and the sentence of what weighs most; the first caution, if nothing is wrong."""
    if isinstance(result, Problem):
        return result.code, result.says(lang).what
    steps = [*result.steps, *(step for line in result.credentials for step in line.steps)]
    worst = min(steps, key=_weight, default=None)
    if worst is None or _weight(worst) == _NOTHING:
        return "", ""
    return worst.code, worst.says(lang).what


_NOTHING: Final = 3


def _weight(step: Step) -> int:
    if step.outcome == "failed":
        return 0
    if step.outcome == "unknown":
        return 1
    return 2 if step.caution else _NOTHING
