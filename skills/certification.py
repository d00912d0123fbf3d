"""A certification of the RNCP or of the RS, as credentials name it.

RNCP is the national register of full qualifications, made of blocs de compétences; RS, the specific
register, holds everything else that is certified (languages, digital, safety).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from boundary.strict_json import Json

RegisterName = Literal["RNCP", "RS"]
Framework = Literal["EQF", "NSF", "ROME 4.0", "Formacode"]
Template = Literal["diploma", "certification", "rs-certification", "block"]

CODE = re.compile(r"(RNCP|RS)(\d{1,6})(?:BC(\d{2,3}))?")

_PUBLIC = "https://www.francecompetences.fr/recherche"
_URL: Mapping[Framework, str] = {
    "EQF": "http://data.europa.eu/snb/eqf/",
    "NSF": "https://w3id.org/passeport/nsf/",
    "ROME 4.0": "https://w3id.org/passeport/rome/",
    "Formacode": "https://w3id.org/passeport/formacode/",
}


@dataclass(frozen=True)
class Alignment:
    """Where a certification stands in another framework (Open Badges 3.0 ``Alignment``)."""

    framework: Framework
    code: str
    name: str

    @property
    def url(self) -> str:
        return _URL[self.framework] + self.code

    def claim(self) -> Json:
        return {"framework": self.framework, "code": self.code, "name": self.name, "url": self.url}


@dataclass(frozen=True)
class Block:
    """A bloc de compétences: a part of an RNCP certification that can be acquired alone."""

    code: str
    name: str
    optional: bool = False
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certifier:
    """Who may deliver a certification; about a third of the fiches give no SIRET."""

    siret: str | None
    name: str


@dataclass(frozen=True)
class Parent:
    """The certification that a bloc is a part of."""

    code: str
    name: str


@dataclass(frozen=True)
class Certification:
    """One fiche, or one bloc of it (then ``part_of`` names the fiche and ``blocks`` is empty).

    ``level`` is the EQF level, "3" to "8". ``starts`` and ``ends`` bound the registration;
    ``last_award`` is the last day on which it may still be awarded after that (DATE_LIMITE_DELIVRANCE).
    ``language`` (BCP 47) and ``cefr`` are those of a language certification.
    """

    code: str
    register: RegisterName
    name: str
    description: str
    level: str | None = None
    active: bool = True
    diploma: bool = False
    blocks: tuple[Block, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    certifiers: tuple[Certifier, ...] = ()
    starts: date | None = None
    ends: date | None = None
    last_award: date | None = None
    language: str | None = None
    cefr: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    skills: tuple[str, ...] = ()
    part_of: Parent | None = None

    @property
    def template(self) -> Template:
        """The credential template that fits an award of this."""
        if self.part_of:
            return "block"
        if self.register == "RS":
            return "rs-certification"
        return "diploma" if self.diploma else "certification"

    @property
    def url(self) -> str:
        """The public page of the fiche."""
        code = self.part_of.code if self.part_of else self.code
        return f"{_PUBLIC}/{self.register.lower()}/{code.removeprefix(self.register)}/"

    def awardable_on(self, day: date) -> bool:
        """Return whether the register allows an award on that day, as far as it says."""
        last = self.last_award or self.ends
        return day <= last if last else self.active

    def block(self, code: str) -> "Certification | None":
        """Return one bloc as a certification of its own."""
        for number, block in enumerate(self.blocks, 1):
            if block.code == code:
                return replace(
                    self,
                    code=block.code,
                    name=block.name,
                    description=f"Bloc {number} de la certification {self.name}.",
                    blocks=(),
                    names={},
                    skills=block.skills,
                    part_of=Parent(self.code, self.name),
                )
        return None

    def claims(self) -> Json:
        """Return the ``certification`` claim of a row, as the credential templates take it."""
        claims: Json = {
            "register": self.register,
            "code": self.code,
            "achievement_type": self._achievement_type(),
            "name": self.name,
            "description": self.description,
            "url": self.url,
        }
        if self.names:
            claims["names"] = [{"value": name, "lang": lang} for lang, name in self.names.items()]
        if shown := self._shown_alignments():
            claims["alignments"] = [alignment.claim() for alignment in shown]
        return claims

    def _achievement_type(self) -> str:
        """A member of the Open Badges 3.0 AchievementType enumeration."""
        if self.part_of:
            return "MicroCredential"
        return "Diploma" if self.diploma else "Certification"

    def _shown_alignments(self) -> Sequence[Alignment]:
        """Formacodes say the domain when no occupation does; beside ROME they would only weigh."""
        has_job = any(alignment.framework == "ROME 4.0" for alignment in self.alignments)
        return [a for a in self.alignments if not (has_job and a.framework == "Formacode")]


def canonical(code: str) -> str:
    """Return a code without spaces and in capitals: ``rncp 37674`` is RNCP37674."""
    return re.sub(r"\s", "", code).upper()
