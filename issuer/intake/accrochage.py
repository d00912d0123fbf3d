"""Accrochage files (XML 1.1.2 and 1.1.5): the results that certifiers send to the Caisse des Dépôts.

A file is read twice, in flat memory. The first time everything around the results is checked, for the
order inside an element is free: a certification may give its code after its 100,000 results. Nothing is
kept of ``verbatim``, ``commentairesMEN``, sex, birthplace or enrolment; the national number (``nir``) is
passed over while the XML is read, so that nothing here ever holds it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from boundary import limits, xml_stream
from boundary.xml_stream import Element
from credentials.nir import looks_like_nir
from issuer.intake.accrochage_schema import FLUX, NAMESPACE, PASSAGE, SUPPRESSION
from issuer.intake.case import Case
from issuer.intake.judge import Judge, Repeats
from issuer.intake.passage import record_of
from issuer.intake.record import Cell, Record
from issuer.intake.rows import Finding, Place, Reading, Withdrawal, shown_name
from issuer.intake.text_rules import a_reference
from issuer.intake.xml_shape import BLANKS, faults
from problems import InputError, LimitError
from skills.register import Register

_RECORD: Final = "passageCertification"
_NEVER_READ: Final = ("nir",)
_ANCESTRY: Final = (
    "passageCertifications", "certification", "certifications", "certificateur", "certificateurs",
    "emetteur", "flux",
)  # fmt: skip


@dataclass(frozen=True)
class Certified:
    """One certification of a file: its register and code as written, and how many results it has."""

    register: str
    code: str
    depositor: str | None
    passages: int


@dataclass(frozen=True)
class Flux:
    """What stands around the results: ids of the file, of its sender and of its certifier."""

    id: str
    timestamp: str
    sender: str
    certifier: str
    contract: str
    certifications: tuple[Certified, ...]
    withdraws: bool = False
    """Whether its results are to be revoked (``action`` SUPPRESSION)."""

    @property
    def passages(self) -> int:
        return sum(certified.passages for certified in self.certifications)


def is_accrochage(root_namespace: str, root_name: str) -> bool:
    return (root_namespace, root_name) == (NAMESPACE, "flux")


def survey(path: Path) -> Flux:
    """Read the whole file once, results aside, and return what stands around them.

    Raises InputError when it is no accrochage file or departs from the format outside its results;
    LimitError beyond the limits of a file; ParsingError when it is no sound XML. Each names the line.
    """
    counts: dict[int, int] = {}
    for number, element in enumerate(_elements(path, skip=(_RECORD, *_NEVER_READ)), 1):
        if element.parent is None:
            return _flux(element, counts)
        _check_ancestry(element)
        if number > limits.IMPORT_ROWS:
            raise LimitError("intake.too_many_rows", limit=limits.IMPORT_ROWS)
        certification = id(element.parent.parent)  # alive as long as the root is
        counts[certification] = counts.get(certification, 0) + 1
    raise InputError("accrochage.not_accrochage")


def read(path: Path, register: Register, today: date) -> Iterator[Reading]:
    """Yield a reading per result, in the order of the file: a row, or a withdrawal.

    Raises the problems of :func:`survey` before the first one.
    """
    flux, file = survey(path), shown_name(path)
    judge, repeats = Judge(register, today), Repeats()
    group: Element | None = None
    position = -1
    for element in _elements(path, skip=_NEVER_READ):
        if element.parent is None:
            return
        if element.parent is not group:
            group, position = element.parent, position + 1
        place = Place(file, element.line, _RECORD, _reference(element))
        if wrong := (*_leaks(element, place), *_faults(element, place)):
            yield Reading(None, wrong)
        elif flux.withdraws:
            yield _withdrawal(element, place, repeats, today)
        else:
            yield _award(element, flux.certifications[position], place, judge)


def _faults(passage: Element, place: Place) -> Iterator[Finding]:
    for fault in faults(passage, PASSAGE):
        yield Finding(fault.code, replace(place, line=fault.line, field=fault.field), "error", fault.facts)


def _award(passage: Element, certified: Certified, place: Place, judge: Judge) -> Reading:
    """A national number says who somebody is to the State alone: no name, no certificate."""
    who = passage.child("identificationTitulaire")
    if number := who.child("identifiantNational") if who else None:
        unnamed = replace(place, line=number.line, field=number.name)
        return Reading(None, (Finding("row.holder_by_number", unnamed),))
    record, found = record_of(passage, certified.register, certified.code, place)
    return judge.read(record, found)


def _withdrawal(passage: Element, place: Place, repeats: Repeats, today: date) -> Reading:
    """Nothing of the result counts but what it is called."""
    given = passage.child("idTechnique")
    cells = {"reference": Cell(given.text, given.name, given.line)} if given else {}
    record = Record(place, cells)
    found = (*a_reference(Case(record, None, None, today)), *repeats.of(record, sound=False))
    return Reading(None, found, None if found else Withdrawal(place, record.reference))


def _leaks(element: Element, place: Place) -> Iterator[Finding]:
    """Look for a national number in every text, those that are dropped included."""
    for child in element.children:
        if child.children:
            yield from _leaks(child, place)
        elif child.name != "idDossier" and looks_like_nir(child.text):  # the CPF's own file number
            yield Finding("row.nir", replace(place, line=child.line, field=child.name))


def _reference(passage: Element) -> str | None:
    given = passage.child("idTechnique")
    text = given.text if given else ""
    return text if text.strip() and len(text) <= 255 and not looks_like_nir(text) else None


def _elements(path: Path, skip: tuple[str, ...] = ()) -> Iterator[Element]:
    if path.stat().st_size > limits.IMPORT_BYTES:
        raise LimitError("intake.too_large", limit=limits.IMPORT_BYTES)
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 16), b"")
        for element in xml_stream.stream(chunks, {_RECORD}, skip=skip):
            root = element
            while root.parent is not None:
                root = root.parent
            if not is_accrochage(root.namespace, root.name):
                raise InputError("accrochage.not_accrochage")
            yield element


def _check_ancestry(passage: Element) -> None:
    """A result anywhere else would be left out of the check of what stands around the results."""
    ancestor = passage.parent
    for name in _ANCESTRY:
        if ancestor is None or (ancestor.namespace, ancestor.name) != (NAMESPACE, name):
            raise InputError("accrochage.misplaced", line=passage.line)
        ancestor = ancestor.parent


def _flux(root: Element, counts: dict[int, int]) -> Flux:
    for fault in faults(root, FLUX):
        raise InputError(fault.code, **{**fault.facts, "field": fault.field, "line": fault.line})
    _refuse_leaks(root)
    sender = _at(root, "emetteur")
    certifier = _at(sender, "certificateurs", "certificateur")
    certifications = _at(certifier, "certifications").children
    return Flux(
        id=_at(root, "idFlux").text,
        timestamp=_at(root, "horodatage").text.strip(BLANKS),
        sender=_at(sender, "idClient").text,
        certifier=_at(certifier, "idClient").text,
        contract=_at(certifier, "idContrat").text,
        certifications=tuple(_certified(element, counts.get(id(element), 0)) for element in certifications),
        withdraws=root.value("action") == SUPPRESSION,
    )


def _certified(certification: Element, passages: int) -> Certified:
    if not passages:
        raise InputError("element.missing", field=_RECORD, line=certification.line)
    depositor = certification.value("natureDeposant") or None
    return Certified(certification.value("type"), certification.value("code"), depositor, passages)


def _at(element: Element, *names: str) -> Element:
    for name in names:
        child = element.child(name)
        if child is None:
            raise InputError("element.missing", field=name, line=element.line)
        element = child
    return element


def _refuse_leaks(element: Element) -> None:
    for child in element.children:
        if looks_like_nir(child.text):
            raise InputError("accrochage.nir", field=child.name, line=child.line)
        _refuse_leaks(child)
