"""What an organisation takes away from an import: a table with the links to send, and why rows failed.

The links are in no database: each is derived again, and left out when it was sent anew since.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from boundary.shape import a_text, an_object
from boundary.strict_json import Json, JsonValue
from issuer.intake.report import neutral
from issuer.operations.making import offer_name
from issuer.operations.office import Office
from problems.sentences import Fact, Lang, say
from storage.jobs import Job, JobRow, JobStore

HEADER: Final = ("reference", "ligne", "resultat", "lien", "code", "expire", "constat", "que_faire")
_PAGE: Final = 200


@dataclass(frozen=True)
class Report:
    """The table of one import at one office, in one language."""

    office: Office
    jobs: JobStore
    lang: Lang
    now: dt.datetime

    def lines(self, job: Job) -> Iterator[str]:
        """Yield the table, a page of rows at a time."""
        yield _line(HEADER)
        after = 0
        while rows := self.jobs.rows(job.id, None, after, _PAGE):
            yield "".join(_line(self._cells(job, row)) for row in rows)
            after = rows[-1].number

    def _cells(self, job: Job, row: JobRow) -> tuple[str, ...]:
        link, code, expires = self._sent(job, row)
        said = [spoken(finding, self.lang) for finding in row.findings]
        what = " ".join(a_text(one["what"], "what") for one in said)
        todo = " ".join(a_text(one["nextStep"], "nextStep") for one in said)
        line = next((str(one["line"]) for one in said if one["line"]), "")
        return row.reference, line, row.outcome, link, code, expires, what, todo

    def _sent(self, job: Job, row: JobRow) -> tuple[str, str, str]:
        if row.outcome != "done" or "offer" not in row.result:
            return "", "", ""
        sent = self.office.offering(offer_name(job.id, row.number)).recall(self.now)
        if sent is None or sent.offer.state != "offered":
            return "", "", ""
        return self.office.link(sent), sent.tx_code or "", sent.offer.expires.date().isoformat()


def spoken(finding: JsonValue, lang: Lang) -> Json:
    """Return a finding that was kept, with its sentences."""
    kept = an_object(finding, "finding")
    code = a_text(kept["code"], "code")
    facts: dict[str, Fact] = {"file": "", "line": None, "field": None}
    facts |= {name: kept[name] for name in ("line", "field") if isinstance(kept.get(name), str | int)}  # type: ignore[misc]
    facts |= {name: fact for name, fact in an_object(kept["facts"], "facts").items() if _is_fact(fact)}  # type: ignore[misc]
    said = say(code, lang, **facts)
    shown = {name: kept.get(name) for name in ("code", "severity", "line", "field", "cell")}
    return {**shown, "what": said.what, "nextStep": said.next_step}


def _is_fact(value: JsonValue) -> bool:
    return value is None or isinstance(value, str | int)


def _line(cells: tuple[str, ...]) -> str:
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=";").writerow([neutral(cell) for cell in cells])
    return output.getvalue()
