"""What reading a certifier's file gives: rows of claims, and findings that name their place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from boundary.strict_json import Json
from credentials.characters import printable
from credentials.nir import looks_like_nir
from problems.sentences import Fact, Lang, Sentence, say

READY: Final = "credential"
"""The template of a row whose claims are a whole JSON-LD credential, built by its certifier."""

Severity = Literal["error", "warning", "note"]
"""A note says what was done."""


@dataclass(frozen=True)
class Place:
    """Where something stands: file name, line (from 1), the file's own name of the field, reference.

    ``reference`` is what the certifier calls the row (``idTechnique``). None: the whole file, or unknown.
    ``cell`` is what a workbook calls the place (``Feuil1!B12``).
    """

    file: str
    line: int | None = None
    field: str | None = None
    reference: str | None = None
    cell: str | None = None

    def says(self, lang: Lang = "fr") -> str:
        """Return the place in words: « resultats.csv, ligne 12, champ « nom_naissance » »."""
        if self.cell and self.field:
            return say("place.cell_of", lang, file=self.file, cell=self.cell, field=self.field).what
        code = "place.file" if self.line is None else "place.line" if self.field is None else "place.field"
        return say(code, lang, file=self.file, line=self.line, field=self.field).what


@dataclass(frozen=True)
class Finding:
    """Something wrong with a row (error: it gives no credential) or doubtful (warning: it may).

    Facts never hold personal data: they say "day 31, month 2", not whose birthday it is.
    """

    code: str
    place: Place
    severity: Severity = "error"
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def says(self, lang: Lang = "fr") -> Sentence:
        """Return what is wrong and what to do, in the reader's language."""
        place = {"file": self.place.file, "line": self.place.line, "field": self.place.field}
        return say(self.code, lang, **{**place, **self.facts})


@dataclass(frozen=True)
class Row:
    """One award of one person, ready for the template.

    ``claims`` is a row of the credential templates without what the pipeline adds: issuer, holder,
    status, credential_id, issued_at.
    """

    place: Place
    reference: str
    template: str
    claims: Json


@dataclass(frozen=True)
class Withdrawal:
    """What a file asks to be revoked: all that was issued under ``reference``."""

    place: Place
    reference: str


@dataclass(frozen=True)
class Reading:
    """What one row of a file gave: a row, or a withdrawal, unless an error was found; and all findings.

    A reading without reference in any place is about the file as a whole.
    """

    row: Row | None
    findings: tuple[Finding, ...] = ()
    withdrawal: Withdrawal | None = None

    @property
    def has_error(self) -> bool:
        return has_error(self.findings)


def has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def shown_name(path: Path) -> str:
    """Return a file's name as it may be repeated: bounded, visible, and without a national number."""
    name = printable(path.name)[:120].encode("utf-8", "replace").decode()
    return f"…{path.suffix[:8]}" if looks_like_nir(name) else name
