"""The XML fiches of the registers (France compétences, flux V4.1), read as a stream.

The file of all RNCP fiches is some hundreds of megabytes and was typed by thousands of people: what is
missing or wrong in a fiche is mended or left out, and each time said.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final

from boundary import limits, xml_stream
from boundary.inflate import gunzip
from boundary.xml_stream import Element
from problems import InputError, LimitError
from problems.sentences import Fact, Lang, Sentence, say
from skills.certification import (
    CODE,
    Alignment,
    Block,
    Certification,
    Certifier,
    Framework,
    RegisterName,
    canonical,
)

_UNUSED: Final = ("PARTENAIRES", "STATISTIQUES_PROMOTIONS", "CORRESPONDANCES", "ACTIVITES_VISEES")
"""Most of a fiche by weight, and nothing that a credential says."""

_LEVELS: Final = frozenset("345678")
_SIRET: Final = re.compile(r"\d{14}")
_SHORT_TYPE: Final = re.compile(r"[A-Z]{2,5}")
_BLOCK_NUMBER: Final = re.compile(r"(?:BC|BLOC)?(\d{1,3})")
_BETWEEN_SKILLS: Final = re.compile(r"\n+|\s{2,}|\s*•\s*")
_NUMBERING: Final = re.compile(
    r"^(?:[*•·–-]\s*)?(?:[A-Z]{0,2}\.?\d[\w.]*\s+)?"
)  # « * », « A4C1. », « 1.1.2 »
_MAX_SKILLS: Final = 40
_SKILL_CHARS: Final = 300

_FRAMEWORKS: Final[tuple[tuple[Framework, str, re.Pattern[str]], ...]] = (
    ("NSF", "CODES_NSF", re.compile(r"\d{2,3}[a-z]?")),
    ("ROME 4.0", "CODES_ROME", re.compile(r"[A-N]\d{2}(?!00)\d{2}")),  # A1500 is a domain, no occupation
    ("Formacode", "FORMACODES", re.compile(r"\d{5}")),
)

_LANGUAGES: Final = {
    "15234": "en", "15287": "de", "15228": "es", "15247": "it", "15218": "pt", "15259": "ar",
    "15235": "fr", "15294": "ru", "15284": "pl", "15260": "el",
}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """Something that had to be mended or left out: a code of the catalogue, the fiche, its line."""

    code: str
    fiche: str
    line: int
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def says(self, lang: Lang = "fr") -> Sentence:
        return say(self.code, lang, **{"fiche": self.fiche, "line": self.line, **self.facts})


@dataclass(frozen=True)
class Fiche:
    """A certification as its fiche describes it, and what was mended on the way."""

    certification: Certification
    remarks: tuple[Remark, ...] = ()


def read(path: Path) -> Iterator[Fiche]:
    """Yield every fiche of an ``.xml`` or ``.xml.gz`` file, in flat memory.

    Raises InputError when it is no file of fiches, LimitError when it is larger than any real one,
    ParsingError when it is no XML. A fiche without a usable number is skipped.
    """
    if path.stat().st_size > limits.FICHES_BYTES:
        raise LimitError("xml.too_large", limit=limits.FICHES_BYTES)
    with path.open("rb") as file:
        yield from _read(file)


def _read(file: BinaryIO) -> Iterator[Fiche]:
    pieces = iter(lambda: file.read(64 << 10), b"")
    head = file.read(2)
    file.seek(0)
    source = gunzip(pieces, limit=limits.FICHES_BYTES) if head == b"\x1f\x8b" else pieces
    for element in xml_stream.stream(source, {"FICHE"}, skip=_UNUSED, text_chars=limits.FICHE_TEXT_CHARS):
        root = element.parent or element
        if root.name != "FICHES":
            raise InputError("fiches.not_fiches", line=root.line)
        if element.parent is None:
            _check_version(element)
        elif fiche := _Scribe(element).fiche():
            yield fiche


def _check_version(root: Element) -> None:
    """The export says its version first; 4.x has kept its names, and that is checked by using them."""
    if not root.value("VERSION_FLUX").startswith("4."):
        raise InputError("fiches.version", line=root.line)


class _Scribe:
    """Restates one FICHE element, and notes what it mends."""

    def __init__(self, element: Element) -> None:
        self._element = element
        self._code = canonical(element.value("NUMERO_FICHE"))
        self._remarks: list[Remark] = []

    def fiche(self) -> Fiche | None:
        code = CODE.fullmatch(self._code)
        if not code or code[3]:
            return None
        certification = self._certification("RNCP" if code[1] == "RNCP" else "RS")
        return Fiche(certification, tuple(self._remarks))

    def _certification(self, register: RegisterName) -> Certification:
        level = self._level()
        diploma = register == "RNCP" and self._is_diploma()
        return Certification(
            code=self._code,
            register=register,
            name=self._name(diploma),
            description=self._description(register, level),
            level=level,
            active=self._element.value("ACTIF") == "Oui",
            diploma=diploma,
            blocks=tuple(self._blocks()),
            alignments=tuple(self._alignments(level)),
            certifiers=tuple(self._certifiers()),
            starts=self._date("DATE_EFFET") or self._date("DATE_DECISION"),
            ends=self._date("DATE_FIN_ENREGISTREMENT"),
            last_award=self._date("DATE_LIMITE_DELIVRANCE"),
            language=self._language(),
        )

    def _note(self, code: str, at: Element | None = None, **facts: Fact) -> None:
        self._remarks.append(Remark(code, self._code, (at or self._element).line, facts))

    def _name(self, diploma: bool) -> str:
        """A diploma goes by its short type: « BTS Finition, aménagement… »; a title by its own name."""
        name = _plain(self._element.value("INTITULE"))
        short = self._abbreviated("CODE")
        if diploma and _SHORT_TYPE.fullmatch(short) and not name.startswith(f"{short} "):
            name = f"{short} {name}"
        if not name:
            self._note("fiche.name_missing")
        return name or self._code

    def _description(self, register: RegisterName, level: str | None) -> str:
        kind = self._abbreviated("LIBELLE") or "Certification professionnelle"
        if register == "RS":
            return "Certification enregistrée au répertoire spécifique."
        of_level = f" de niveau {level}" if level else ""
        return f"{kind}{of_level}, au répertoire national des certifications professionnelles."

    def _is_diploma(self) -> bool:
        """What the State registers by right, but for the labour ministry's titles (TP)."""
        by_right = self._element.value("TYPE_ENREGISTREMENT") == "Enregistrement de droit"
        return by_right and self._abbreviated("CODE") != "TP"

    def _abbreviated(self, name: str) -> str:
        abrege = self._element.child("ABREGE")
        return abrege.value(name) if abrege else ""

    def _level(self) -> str | None:
        europe = self._element.child("NOMENCLATURE_EUROPE")
        level = europe.value("NIVEAU").removeprefix("NIV") if europe else ""
        return level if level in _LEVELS else None

    def _date(self, name: str) -> date | None:
        child = self._element.child(name)
        if child is None or not child.text.strip():
            return None
        try:
            return datetime.strptime(child.text.strip(), "%d/%m/%Y").date()
        except ValueError:
            self._note("fiche.date", child, field=name)
            return None

    def _alignments(self, level: str | None) -> Iterator[Alignment]:
        if level:
            yield Alignment("EQF", level, f"Niveau {level}")
        for framework, group, code in _FRAMEWORKS:
            for entry in self._entries(group):
                found = Alignment(framework, entry.value("CODE"), _plain(entry.value("LIBELLE")))
                if code.fullmatch(found.code) and found.name:
                    yield found
                else:
                    self._note("fiche.code_unknown", entry, framework=framework, value=found.code[:12])

    def _certifiers(self) -> Iterator[Certifier]:
        for entry in self._entries("CERTIFICATEURS"):
            siret = entry.value("SIRET_CERTIFICATEUR").replace(" ", "")
            name = _plain(entry.value("NOM_CERTIFICATEUR"))
            if entry.value("ETAT_CERTIFICATEUR") == "Inactif" or not name:
                continue
            if not _SIRET.fullmatch(siret):
                self._note("fiche.siret_missing", entry, name=name[:80])
            yield Certifier(siret if _SIRET.fullmatch(siret) else None, name)

    def _blocks(self) -> Iterator[Block]:
        seen = set()
        for entry in self._entries("BLOCS_COMPETENCES"):
            code, name = self._block_code(entry), _plain(entry.value("LIBELLE"))
            if code is None or not name:
                self._note("fiche.block_unusable", entry)
            elif code in seen:
                self._note("fiche.block_twice", entry, block=code)
            else:
                seen.add(code)
                yield Block(
                    code, name, "facultati" in name.lower(), _skills(entry.value("LISTE_COMPETENCES"))
                )

    def _block_code(self, entry: Element) -> str | None:
        """Most codes are whole (RNCP37674BC01); some are only a number, which the fiche completes."""
        given = canonical(entry.value("CODE"))
        whole = CODE.fullmatch(given)
        if whole and whole[3] and given.startswith(f"{self._code}BC"):
            return given
        number = _BLOCK_NUMBER.fullmatch(given)
        if not number:
            return None
        code = f"{self._code}BC{int(number[1]):02}"
        self._note("fiche.block_code", entry, block=code)
        return code

    def _language(self) -> str | None:
        """A language certification is about one of the languages that Formacode knows."""
        nsf = {entry.value("CODE")[:3] for entry in self._entries("CODES_NSF")}
        found = {_LANGUAGES[c] for e in self._entries("FORMACODES") if (c := e.value("CODE")) in _LANGUAGES}
        return found.pop() if "136" in nsf and len(found) == 1 else None

    def _entries(self, group: str) -> list[Element]:
        found = self._element.child(group)
        return found.children if found else []


def _plain(text: str) -> str:
    """Return a title on one line, its accents composed, without characters that nobody can see."""
    text = unicodedata.normalize("NFC", text).replace("\ufeff", "")
    return " ".join(text.split())


def _skills(listed: str) -> tuple[str, ...]:
    """The list is free text, taken apart only where its own layout does so without cutting sentences."""
    pieces = (_NUMBERING.sub("", piece.strip(" .;\t\xa0")) for piece in _BETWEEN_SKILLS.split(listed))
    skills = tuple(piece for piece in pieces if piece)
    whole = all(skill[0].isupper() and len(skill) <= _SKILL_CHARS for skill in skills)
    return skills if whole and 1 < len(skills) <= _MAX_SKILLS else ()
