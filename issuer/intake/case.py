"""What a rule looks at: a record, and what is known around it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from issuer.intake.record import Record
from issuer.intake.rows import Finding
from skills.certification import Certification


@dataclass(frozen=True)
class Case:
    """A record before the rules: what its code names, the template chosen, and the day it is read."""

    record: Record
    certification: Certification | None
    template: str | None
    today: date

    def day(self, name: str) -> date | None:
        """Return a day; None when the cell is absent or is no date (its reader has said so)."""
        try:
            return date.fromisoformat(self.record.text(name))
        except ValueError:
            return None

    @property
    def awarded(self) -> date | None:
        """The day of the award; a training is attested on its last day."""
        return self.day("awarded") or self.day("end")


Rule = Callable[[Case], Iterator[Finding]]
