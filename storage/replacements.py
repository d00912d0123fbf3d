"""Which award stands in the place of which: written down before the new one is offered, so that a reissue
that was interrupted is finished and not begun again."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Replacement:
    """``old`` and ``new`` are references of one organisation; ``content`` the SHA-256 (hex) of the new
    claims, ``reason`` a code."""

    organisation: str
    old: str
    new: str
    reason: str
    content: str


class ReplacementStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def link(self, wanted: Replacement) -> Replacement:
        """Keep the link; return the one that is there already for what is replaced."""
        ...

    def of(self, organisation: str) -> list[Replacement]:
        """Return the links, oldest first."""
        ...
