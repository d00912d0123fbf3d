"""From a sound record to the claims of its template; field by field, as the model's table has it."""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from boundary.strict_json import Json, JsonValue
from issuer.intake.record import Record
from skills.certification import Certification

_PARIS: Final = ZoneInfo("Europe/Paris")
_WORKPLACE_SKILLS: Final[Json] = {
    "id": "https://w3id.org/passeport/achievement/workplace-skills/1",
    "type": "Competency",
    "name": "Compétences observées en situation de travail",
    "description": "Compétences que l'employeur a vues mises en œuvre au poste de travail.",
}
_OBSERVED: Final = "Observation directe au poste de travail."
_ATTENDED: Final = "Formation suivie en entier."


def claims_of(record: Record, certification: Certification | None, template: str) -> Json:
    """Return the claims of a record in which no rule found an error."""
    return {**_person(record), **_BODIES[template](record, certification)}


def _person(record: Record) -> Json:
    """Who: names as they are used, the name at birth when it differs, the birth date when it is whole."""
    birth, usual = record.text("birth_name"), record.text("usual_name")
    return _present(
        given_name=" ".join(given_names(record)),
        family_name=usual or birth,
        birth_family_name=birth if usual and birth.casefold() != usual.casefold() else "",
        birthdate=record.text("birthdate"),
    )


NAME_CHARS: Final = 60
"""The longest name of the accrochage format, and of a claim."""

GIVEN_NAMES: Final = ("given_name", "given_name_2", "given_name_3")


def given_names(record: Record) -> list[str]:
    """Return the given names; three of the longest fit the claim together."""
    return list(record.texts(*GIVEN_NAMES).values())


def _certified(record: Record, certification: Certification | None) -> Json:
    """What an award of the register says, whichever template."""
    if certification is None:
        raise ValueError("an award without its certification")  # the rules let none through
    option = record.text("option")
    return {
        "name": f"{certification.name} – {option}" if option else certification.name,
        "description": certification.description,
        "awarded": record.text("awarded") or record.text("end"),
        "certification": certification.claims(),
        **_end(record),
    }


def _award(record: Record, certification: Certification | None) -> Json:
    return {
        **_certified(record, certification),
        "admission_mode": record.text("admission_mode") or "PAR_ADMISSION",
        **record.texts("access_route", "mention"),
        **(record.texts("vae_route") if record.text("access_route") == "VAE" else {}),
        **_present(exam=_exam(record), score=_score(record), evidence=_evidence(record)),
    }


def _full(record: Record, certification: Certification | None) -> Json:
    """With a full certification all its blocs are obtained, but for those that are optional."""
    blocks = certification.blocks if certification else ()
    obtained: list[JsonValue] = [{"code": b.code, "name": b.name} for b in blocks if not b.optional]
    return {**_award(record, certification), **_present(blocks=obtained, skills=_skills(record))}


def _specific(record: Record, certification: Certification | None) -> Json:
    cefr = _cefr(record, certification)
    return {
        **_award(record, certification),
        **_present(cefr=cefr, digcomp=_digcomp(record), skills=_skills(record)),
    }


def _block(record: Record, certification: Certification | None) -> Json:
    """A bloc alone carries the skills that the register lists, each an item to show or to confirm."""
    award = {name: value for name, value in _award(record, certification).items() if name != "evidence"}
    if certification is None or certification.part_of is None:
        raise ValueError("a bloc without its certification")
    listed: list[JsonValue] = [
        {"ref": f"s{number}", "name": name} for number, name in enumerate(certification.skills, 1)
    ]
    parent: Json = {"code": certification.part_of.code, "name": certification.part_of.name}
    return {**award, "part_of": parent, **_present(skills=_skills(record) or listed)}


def _training(record: Record, _: Certification | None) -> Json:
    return _course(record, "Course", "Formation suivie, sans évaluation certifiante.")


def _prevention_training(record: Record, _: Certification | None) -> Json:
    attested = "Attestation de formation du passeport de prévention."
    course = _course(record, "CertificateOfCompletion", attested)
    return {**course, "prevention": _prevention(record)}


def _prevention_success(record: Record, certification: Certification | None) -> Json:
    return {
        **_certified(record, certification),
        "training": _attended(record, "PASSED"),
        "prevention": _prevention(record),
        **_present(skills=_skills(record)),
    }


def _course(record: Record, kind: str, description: str) -> Json:
    """A training is its own definition: described by the organisation, named by its page or its content."""
    title, about = record.text("title"), record.text("description") or description
    criteria = record.text("criteria") or _ATTENDED
    content = "\n".join((kind, title, about, criteria))
    achievement: Json = {
        "id": record.text("achievement_url") or uuid.uuid5(uuid.NAMESPACE_URL, content).urn,
        "type": kind,
        "name": title,
        "description": about,
        "criteria": criteria,
    }
    return {
        "name": title,
        "description": description,
        "awarded": record.text("awarded") or record.text("end"),
        "achievement": achievement,
        "training": _attended(record, "ATTENDED"),
        **_end(record),
        **_present(skills=_skills(record)),
    }


def _skill(record: Record, _: Certification | None) -> Json:
    """What an employer saw at work, and in which setting."""
    period = {"start": record.text("start"), "end": record.text("end")}
    ongoing = bool(period["start"]) and not period["end"]
    experience = _present(
        kind=record.text("experience_kind") or "EMPLOYMENT", job_title=record.text("job_title"), **period
    )
    signatory = _present(name=record.text("signatory"), job_title=record.text("signatory_title"))
    return {
        "name": record.text("title") or str(_WORKPLACE_SKILLS["name"]),
        "description": record.text("description") or "Compétences que l'employeur a vues mises en œuvre.",
        "awarded": record.text("awarded"),
        "achievement": {**_WORKPLACE_SKILLS, "criteria": record.text("criteria") or _OBSERVED},
        "experience": {**experience, **({"ongoing": True} if ongoing else {})},
        **_end(record),
        **_present(signatory=signatory, skills=_skills(record)),
    }


_BODIES: Final[Mapping[str, Callable[[Record, Certification | None], Json]]] = {
    "diploma": _full,
    "certification": _full,
    "rs-certification": _specific,
    "block": _block,
    "training": _training,
    "prevention-training": _prevention_training,
    "prevention-success": _prevention_success,
    "skill": _skill,
}
TEMPLATES: Final = tuple(_BODIES)
"""The templates that files of rows can fill; any other is issued from JSON."""


def _end(record: Record) -> Json:
    """Valid to the last second of the day in Paris, in UTC."""
    day = record.text("valid_until")
    if not day:
        return {}
    last = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(23, 59, 59), _PARIS)
    return {"valid_until": last.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _exam(record: Record) -> Json:
    return _present(
        start=record.text("exam_start"),
        end=record.text("exam_end"),
        mode=record.text("exam_mode"),
        postal_code=record.text("exam_postal_code"),
    )


def _score(record: Record) -> Json:
    bounds = {"min": record.text("score_min"), "max": record.text("score_max")}
    return _present(value=record.text("score"), **bounds) if record.text("score") else {}


def _cefr(record: Record, certification: Certification | None) -> Json:
    """The level stands when the row's flag says so; a certification may be of one level by itself."""
    flagged = record.text("cefr_flag") != "false"
    overall = (record.text("cefr") if flagged else "") or (certification and certification.cefr) or ""
    if not overall:
        return {}
    parts = {part: record.text(f"cefr_{part}") for part in ("listening", "reading", "speaking", "writing")}
    language = record.text("language") or (certification and certification.language) or ""
    return _present(overall=overall, **parts, language=language)


def _digcomp(record: Record) -> Json:
    if record.text("digcomp_flag") == "false" or not record.text("digcomp_overall"):
        return {}
    levels = (level.split(":") for level in record.text("digcomp_areas").split())
    areas: list[JsonValue] = [{"part": part, "level": level} for part, level in levels]
    return {"overall": record.text("digcomp_overall"), **_present(areas=areas)}


def _evidence(record: Record) -> Json:
    url = record.text("evidence_url")
    return {"url": url, "name": "Preuve du certificateur"} if url else {}


def _attended(record: Record, outcome: str) -> Json:
    period = record.texts("start", "end", "duration", "mode")
    return {**period, "outcome": outcome, **record.texts("trainer_qualification")}


def _prevention(record: Record) -> Json:
    return {**record.texts("renewal_period", "renewal_basis", "employer_reference")}


_SKILL: Final = re.compile(
    r"(?P<name>.+?)(?: ?\[(?P<framework>ROME|ESCO) (?P<code>[^\] ]+)\])?(?: ?\(niveau (?P<level>[1-4])\))?"
)
_FRAMEWORKS: Final = {"ROME": "ROME 4.0", "ESCO": "ESCO"}


def _skills(record: Record) -> list[JsonValue]:
    """« nom [ROME 113317] (niveau 3) | nom | … »: only the name is needed."""
    pieces = (" ".join(piece.split()) for piece in re.split(r"[|\n]", record.text("skills")))
    return [_one_skill(number, piece) for number, piece in enumerate(filter(None, pieces), 1)]


def _one_skill(number: int, text: str) -> Json:
    found = _SKILL.fullmatch(text)
    if not found:  # the name takes anything: this is for the type checker
        return {"ref": f"s{number}", "name": text}
    level = found["level"] or ""
    return {
        "ref": f"s{number}",
        "name": found["name"],
        **_present(
            framework=_FRAMEWORKS.get(found["framework"] or "", ""),
            code=found["code"] or "",
            level=level,
            level_scale="workplace-4" if level else "",
        ),
    }


def _present(**members: JsonValue) -> Json:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value}
