"""One row of a certifier's file, whatever the file: named cells that know their place.

Readers of each format bring their rows to this one shape, with dates as ``YYYY-MM-DD`` and lists of
codes as the register writes them; rules and claims are then written once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from issuer.intake.rows import Finding, Place, Severity
from problems.sentences import Fact


@dataclass(frozen=True, slots=True)
class Cell:
    """A text without spaces around, perhaps blank; the file's own name of the field; its line; the name
    of the cell in a workbook."""

    text: str
    field: str
    line: int | None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A row. What is absent or nil has no cell. ``template`` is None when the code decides.

    ``unread`` names the fields that were given but could not be read; findings say why.
    """

    place: Place
    cells: Mapping[str, Cell]
    template: str | None = None
    unread: frozenset[str] = frozenset()

    @property
    def reference(self) -> str:
        return self.text("reference")

    def text(self, name: str) -> str:
        cell = self.cells.get(name)
        return cell.text if cell else ""

    def lacks(self, name: str) -> bool:
        """Return whether nothing was given; what was given and could not be read is not lacking."""
        return not self.text(name) and name not in self.unread

    def texts(self, *names: str) -> dict[str, str]:
        """Return those of ``names`` for which the row says something."""
        return {name: text for name in names if (text := self.text(name))}

    def at(self, name: str) -> Place:
        """Return the place of a cell; of the row when the row has no such cell."""
        cell = self.cells.get(name)
        return Place(
            self.place.file,
            (cell.line if cell else None) or self.place.line,
            cell.field if cell else self.place.field,
            self.place.reference,
            cell.at if cell else None,
        )

    def error(self, code: str, name: str, **facts: Fact) -> Finding:
        return self.finding("error", code, name, facts)

    def warning(self, code: str, name: str, **facts: Fact) -> Finding:
        return self.finding("warning", code, name, facts)

    def finding(self, severity: Severity, code: str, name: str, facts: Mapping[str, Fact]) -> Finding:
        return Finding(code, self.at(name), severity, facts)

    def __iter__(self) -> Iterator[tuple[str, Cell]]:
        return iter(self.cells.items())
