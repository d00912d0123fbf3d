"""One ``passageCertification`` that keeps to its format, as a record."""

from typing import Final

from boundary.xml_stream import Element
from issuer.intake.birth import birth_cells
from issuer.intake.characters import clean
from issuer.intake.record import Cell, Record
from issuer.intake.rows import Finding, Place
from issuer.intake.xml_shape import BLANKS, is_nil

_RESULT: Final = {
    "urlPreuve": "evidence_url",
    "libelleOption": "option",
    "obtentionCertification": "admission_mode",
    "dateDebutExamen": "exam_start",
    "dateFinExamen": "exam_end",
    "modalitePassageExamen": "exam_mode",
    "codePostalCentreExamen": "exam_postal_code",
    "dateDebutValidite": "awarded",
    "dateFinValidite": "valid_until",
    "niveauLangueEuropeen": "cefr",
    "scoring": "score",
    "mentionValidee": "mention",
}
_FLAGS: Final = {
    "donneeCertifiee": "certified",
    "presenceNiveauLangueEuro": "cefr_flag",
    "presenceNiveauNumeriqueEuro": "digcomp_flag",
}
_ENROLMENT: Final = {"modaliteAcces": "access_route", "voieAccessVAE": "vae_route"}
_PERSON: Final = {
    "nomNaissance": "birth_name",
    "nomUsage": "usual_name",
    "prenom1": "given_name",
    "prenom2": "given_name_2",
    "prenom3": "given_name_3",
}
_FOLDER: Final = {"nomTitulaire": "usual_name", "prenom1Titulaire": "given_name"}

Cells = dict[str, Cell]


def record_of(passage: Element, register: str, code: str, place: Place) -> tuple[Record, list[Finding]]:
    """Return the record of a passage without faults, and what its date of birth has wrong."""
    cells: Cells = {
        "register": Cell(register, "type", place.line),
        "code": Cell(code, "code", place.line),
        **_cells(passage, _RESULT),
        **_flags(passage),
        **_digital(passage.child("niveauNumeriqueEuropeen")),
        **_cells(passage.child("modalitesInscription"), _ENROLMENT),
    }
    if reference := passage.child("idTechnique"):
        cells["reference"] = Cell(reference.text, reference.name, reference.line)
    who = passage.child("identificationTitulaire")
    person = who.child("titulaire") if who else None
    cells |= _cells(person, _PERSON) | _cells(who.child("dossierFormation") if who else None, _FOLDER)
    born, found = birth_cells(_parts_of_birth(person), place)
    return Record(place, cells | born | _birthplace(person)), found


def _cells(element: Element | None, names: dict[str, str]) -> Cells:
    found: Cells = {}
    for child in element.children if element else ():
        name = names.get(child.name)
        if name and not is_nil(child):
            found[name] = Cell(clean(child.text), child.name, child.line)
    return found


def _flags(passage: Element) -> Cells:
    found: Cells = {}
    for child in passage.children:
        if name := _FLAGS.get(child.name):
            text = "true" if child.text.strip(BLANKS) in ("true", "1") else "false"
            found[name] = Cell(text, child.name, child.line)
    return found


def _digital(level: Element | None) -> Cells:
    if level is None:
        return {}
    found: Cells = {}
    if score := level.child("scoreGeneral"):
        found["digcomp_overall"] = Cell(_whole(score.text), score.name, score.line)
    if (results := level.child("resultats")) and results.children:
        areas = " ".join(_area(result) for result in results.children)
        found["digcomp_areas"] = Cell(areas, results.name, results.line)
    return found


def _area(result: Element) -> str:
    """DigComp competence 3.4 at level 5 is written 3.4:5; a rule refuses what is not whole."""
    area, competence = result.value("domaineCompetenceId"), result.value("competenceId")
    return f"{area or '?'}.{competence or '?'}:{_whole(result.value('niveau'))}"


def _whole(text: str) -> str:
    digits = text.strip(BLANKS)
    return str(int(digits)) if digits else "?"


def _parts_of_birth(person: Element | None) -> dict[str, Cell]:
    names = {"anneeNaissance": "year", "moisNaissance": "month", "jourNaissance": "day"}
    return _cells(person, names)


def _birthplace(person: Element | None) -> Cells:
    """Only the INSEE code, to be checked; no claim is made of it."""
    commune = person.child("codeCommuneNaissance") if person else None
    return _cells(commune.child("codeInseeNaissance") if commune else None, {"codeInsee": "birth_commune"})
