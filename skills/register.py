"""The register of certifications: RNCP and RS codes, and what France compétences says of each.

A register only answers one question, :meth:`Register.find`; where the answer comes from (facts shipped
with the program, the official XML fiches, a service) is its own business.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Protocol

from skills import facts, fiches
from skills.certification import Alignment, Block, Certification, Certifier, Parent, canonical

__all__ = [
    "Alignment", "Block", "Certification", "Certifier", "Chain", "Parent", "Register", "Shelf",
    "builtin", "canonical", "from_fiches",
]  # fmt: skip


class Register(Protocol):
    def find(self, code: str) -> Certification | None:
        """Return the certification or bloc of that code (RNCP37674, RS6151, RNCP37674BC01)."""
        ...


class Shelf:
    """A register held in memory."""

    def __init__(self, certifications: Iterable[Certification]) -> None:
        self._by_code = {certification.code: certification for certification in certifications}

    def find(self, code: str) -> Certification | None:
        code = canonical(code)
        if code in self._by_code:
            return self._by_code[code]
        parent = self._by_code.get(code.partition("BC")[0])
        return parent.block(code) if parent else None

    def __iter__(self) -> Iterator[Certification]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)


class Chain:
    """Registers asked in turn; the first that knows a code answers."""

    def __init__(self, *registers: Register) -> None:
        self._registers = registers

    def find(self, code: str) -> Certification | None:
        for register in self._registers:
            if found := register.find(code):
                return found
        return None


@cache
def builtin() -> Shelf:
    """Return the few certifications shipped with the program (``skills/data/register.toml``)."""
    return Shelf(facts.certifications())


def from_fiches(path: Path) -> Shelf:
    """Return the certifications of a file of XML fiches V4.1 (``.xml`` or ``.xml.gz``).

    Raises the problems of :func:`skills.fiches.read`. What was mended on the way is told there.
    """
    return Shelf(fiche.certification for fiche in fiches.read(path))
