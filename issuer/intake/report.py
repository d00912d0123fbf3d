"""What became of each row of a file: the Caisse des Dépôts' treatment report (XML), JSON, or a table (CSV).

Writers take one outcome at a time and hold none, so that a report is as flat as the reading.
"""

import csv
import html
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, TextIO

from boundary.strict_json import Json
from credentials.characters import printable
from issuer.intake.rows import Finding, Place, Reading
from problems.sentences import Lang, say

Form = Literal["xml", "json", "csv"]


@dataclass(frozen=True)
class Treatment:
    """The treatment reported on: the file's name, the sender's id of it, our id of this treatment."""

    file: str
    flux: str
    id: str


@dataclass(frozen=True)
class Outcome:
    """What became of one row. ``findings`` are all that was found, warnings included."""

    place: Place
    accepted: bool
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def notes(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "note")


def outcome_of(reading: Reading) -> Outcome | None:
    """Return the outcome of a reading; None for one that is about the file as a whole."""
    done = reading.row or reading.withdrawal
    if done is not None:
        return Outcome(done.place, accepted=True, findings=reading.findings)
    if not reading.has_error:
        return None
    first = reading.findings[0].place
    return Outcome(replace(first, field=None, cell=None), accepted=False, findings=reading.findings)


class Writer(Protocol):
    """A report being written."""

    def add(self, outcome: Outcome) -> None: ...
    def close(self) -> None: ...
    def release(self) -> None:
        """Let go of what the report needed while it was written, whole or not."""
        ...


@contextmanager
def writing(form: Form, output: TextIO, treatment: Treatment, lang: Lang = "fr") -> Iterator[Writer]:
    """Open a report on ``output`` (text, newline ""), take its outcomes with ``add``, and close it."""
    writer: Writer = _WRITERS[form](output, treatment, lang)
    try:
        yield writer
        writer.close()
    finally:
        writer.release()


class _Xml:
    """The form of the Caisse des Dépôts: refused first, then accepted, which wait in a temporary file."""

    def __init__(self, output: TextIO, treatment: Treatment, lang: Lang) -> None:
        self._output, self._lang = output, lang
        self._accepted = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 (see release)
        output.write(
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            '<ns2:rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">\n'
            f"  <nomFichier>{_escaped(treatment.file)}</nomFichier>\n"
            f"  <idFlux>{_escaped(treatment.flux)}</idFlux>\n"
            f"  <idTraitement>{_escaped(treatment.id)}</idTraitement>\n"
            "  <PassagesKO>\n"
        )

    def add(self, outcome: Outcome) -> None:
        reference = f"<idTechnique>{_escaped(outcome.place.reference or '')}</idTechnique>"
        if outcome.accepted:
            notes = "".join(f" <!-- {_commented(note, self._lang)} -->" for note in outcome.notes)
            self._accepted.write(f"    {reference}{notes}\n")
            return
        message = " ".join(_sentence(finding, self._lang) for finding in outcome.errors)
        self._output.write(
            f"    <passage>\n      {reference}\n"
            f"      <messageErreur>{_escaped(message)}</messageErreur>\n    </passage>\n"
        )

    def close(self) -> None:
        self._output.write("  </PassagesKO>\n  <PassagesOK>\n")
        self._accepted.seek(0)
        for line in self._accepted:
            self._output.write(line)
        self._output.write("  </PassagesOK>\n</ns2:rapport>\n")

    def release(self) -> None:
        self._accepted.close()


class _Json:
    def __init__(self, output: TextIO, treatment: Treatment, lang: Lang) -> None:
        self._output, self._lang = output, lang
        self._accepted = self._refused = 0
        head: Json = {"file": treatment.file, "flux": treatment.flux, "treatment": treatment.id}
        output.write(_dumped(head)[:-1] + ',"rows":[')

    def add(self, outcome: Outcome) -> None:
        self._output.write("," if self._accepted + self._refused else "")
        self._accepted += outcome.accepted
        self._refused += not outcome.accepted
        row: Json = {
            "reference": outcome.place.reference,
            "line": outcome.place.line,
            "accepted": outcome.accepted,
            "findings": [_finding(finding, self._lang) for finding in outcome.findings],
        }
        self._output.write("\n" + _dumped(row))

    def close(self) -> None:
        self._output.write(f'\n],"accepted":{self._accepted},"refused":{self._refused}}}\n')

    def release(self) -> None:
        """Nothing is held."""


class _Csv:
    """For spreadsheets: no cell may become a formula (CWE-1236)."""

    _HEADER: Final = ("reference", "ligne", "champ", "gravite", "code", "constat", "que_faire", "cellule")

    def __init__(self, output: TextIO, _treatment: Treatment, lang: Lang) -> None:
        self._rows, self._lang = csv.writer(output, delimiter=";"), lang
        self._rows.writerow(self._HEADER)

    def add(self, outcome: Outcome) -> None:
        if not outcome.findings:
            self._write(outcome.place, "", "", "", "")
        for finding in outcome.findings:
            said = finding.says(self._lang)
            self._write(finding.place, finding.severity, finding.code, said.what, said.next_step)

    def close(self) -> None:
        """Nothing waits."""

    def release(self) -> None:
        """Nothing is held."""

    def _write(self, place: Place, *texts: str) -> None:
        cells = (place.reference or "", str(place.line or ""), place.field or "", *texts, place.cell or "")
        self._rows.writerow(neutral(cell) for cell in cells)


_WRITERS: Final[Mapping[Form, Callable[[TextIO, Treatment, Lang], Writer]]] = {
    "xml": _Xml,
    "json": _Json,
    "csv": _Csv,
}

_STARTERS: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20|%'")


def neutral(cell: str) -> str:
    """Return a cell that a spreadsheet shows as it is: an apostrophe goes before what may be a formula.

    Taking one leading apostrophe off gives the value back.
    """
    first = cell.lstrip(' \t\r\n\u00a0\ufeff"')[:1]
    return f"'{cell}" if (first in _STARTERS and first) or cell[:1] in ("\t", "\r") else cell


def _sentence(finding: Finding, lang: Lang) -> str:
    """Where, what, and what to do; the report has named the file already."""
    said, place = finding.says(lang), finding.place
    where = _where(place, lang)
    return " ".join(part for part in (where, said.what, said.next_step) if part)


def _commented(finding: Finding, lang: Lang) -> str:
    """What a reader of the form passes over, and a person does not (XML §2.5: no two hyphens)."""
    return printable(finding.says(lang).what).replace("-", "‐")


def _where(place: Place, lang: Lang) -> str:
    if place.cell and place.field:
        return say("place.at_cell", lang, cell=place.cell, field=place.field).what
    code = "place.cell" if place.field else "place.row"
    return say(code, lang, line=place.line, field=place.field).what if place.line else ""


def _finding(finding: Finding, lang: Lang) -> Json:
    said = finding.says(lang)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "line": finding.place.line,
        "field": finding.place.field,
        **({"cell": finding.place.cell} if finding.place.cell else {}),
        "what": said.what,
        "nextStep": said.next_step,
    }


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _escaped(text: str) -> str:
    return html.escape(printable(text), quote=False)
