"""What must hold of a row beyond its file's format. One function per matter; ``RULES`` lists them.

The official schema accepts a level flag without a level, a validity that ends before it starts, the INSEE
code ZZZZZ, a blank name: such rows are refused here, each with its place and what to do. Warnings are
about what is possible but doubtful; they leave the row in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from issuer.intake.characters import is_garbled, is_sound
from issuer.intake.claims import GIVEN_NAMES, NAME_CHARS, given_names
from issuer.intake.columns import header_of
from issuer.intake.nir import looks_like_nir
from issuer.intake.record import Record
from issuer.intake.rows import Finding
from skills.certification import CODE, Certification, canonical


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


Rule = Callable[[Case], Iterator[Finding]]

_NAMES: Final = ("birth_name", "usual_name", *GIVEN_NAMES)
_CERTIFIED: Final = frozenset({"diploma", "certification", "rs-certification", "block", "prevention-success"})


def no_national_number(case: Case) -> Iterator[Finding]:
    """``folder`` is exempt: the CPF's own file number has 13 digits, and is read only to be dropped."""
    for name, cell in case.record:
        if name != "folder" and looks_like_nir(cell.text):
            yield case.record.error("row.nir", name)


_COURSE: Final = ("start", "end", "duration", "mode")
_RENEWED: Final = ("valid_until", "renewal_period", "renewal_basis")
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "diploma": ("awarded",),
    "certification": ("awarded",),
    "rs-certification": ("awarded",),
    "block": ("awarded",),
    "skill": ("awarded", "skills"),
    "training": ("title", *_COURSE),
    "prevention-training": ("title", *_COURSE, *_RENEWED),
    "prevention-success": (*_COURSE, *_RENEWED),
}


def complete(case: Case) -> Iterator[Finding]:
    """What a kind of credential cannot do without; cells that were there but unreadable count as given."""
    for name in _REQUIRED.get(case.template or "", ()):
        if not case.record.text(name) and name not in case.record.unread:
            yield case.record.error("row.field_missing", name, column=header_of(name))


def sound_texts(case: Case) -> Iterator[Finding]:
    for name, cell in case.record:
        if name != "skills" and not is_sound(cell.text):
            yield case.record.error("row.characters", name)
        elif is_garbled(cell.text):
            yield case.record.error("row.garbled", name)


def a_reference(case: Case) -> Iterator[Finding]:
    text = case.record.reference
    if not text.strip():
        yield case.record.error("row.reference_missing", "reference")
    elif text != text.strip():
        yield case.record.error("row.reference_blanks", "reference")


def named_person(case: Case) -> Iterator[Finding]:
    record = case.record
    if not record.text("birth_name") and not record.text("usual_name"):
        yield record.error("row.name_blank", "birth_name")
    if not record.text("given_name"):
        yield record.error("row.given_name_blank", "given_name")
    for name in _NAMES:
        if len(record.text(name)) > NAME_CHARS:
            yield record.error("row.name_too_long", name, limit=NAME_CHARS)
        elif re.search(r"\d", record.text(name)):
            yield record.warning("row.name_with_digits", name)
    if len(given_names(record)) < len(record.texts(*GIVEN_NAMES)):
        yield record.warning("row.given_names_shortened", GIVEN_NAMES[-1], limit=NAME_CHARS)


_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def plausible_birth(case: Case) -> Iterator[Finding]:
    born = case.day("birthdate")
    awarded = case.day("awarded") or case.day("end")
    if born is None:
        if case.record.text("birth_partial"):
            yield case.record.warning("row.birth_partial", "birth_partial")
    elif born > case.today:
        yield case.record.error("row.birth_in_future", "birthdate")
    elif awarded and born > awarded:
        yield case.record.error("row.birth_after_award", "birthdate")
    elif awarded and not 10 <= awarded.year - born.year <= 100:
        yield case.record.warning("row.age_unlikely", "birthdate")


_BIRTH_COMMUNE: Final = re.compile(
    r"(?:0[1-9]|[1-8]\d|9[0-6]|2[AB])(?!000)\d{3}"  # 20: Corsica before 1976; 91-96: Maghreb before 1962
    r"|97[1-8]\d{2}|98[4-9]\d{2}"  # overseas
    r"|99(?!000)\d{3}"  # abroad
)


def possible_insee_code(case: Case) -> Iterator[Finding]:
    code = case.record.text("birth_commune")
    if code and not _BIRTH_COMMUNE.fullmatch(code):
        yield case.record.error("row.insee_impossible", "birth_commune")


def certified(case: Case) -> Iterator[Finding]:
    if case.record.text("certified") == "false":
        yield case.record.error("row.not_certified", "certified")


def known_certification(case: Case) -> Iterator[Finding]:
    record, code = case.record, canonical(case.record.text("code"))
    if not code:
        if case.template in _CERTIFIED or case.template is None:
            yield record.error("row.certification_missing", "code")
        return
    kind = record.text("register")
    if kind and kind not in ("RNCP", "RS"):
        yield record.error("row.register_unknown", "register")
    elif not CODE.fullmatch(code):
        yield record.error("row.certification_code", "code")
    elif kind and not code.startswith(kind):
        yield record.error("row.register_mismatch", "register", certification=code)
    elif case.certification is None:
        yield record.error("row.certification_unknown", "code", certification=code)


def awardable(case: Case) -> Iterator[Finding]:
    certification, awarded = case.certification, case.day("awarded")
    if certification is None or awarded is None:
        return
    if certification.starts and awarded < certification.starts:
        since = certification.starts.strftime("%d/%m/%Y")
        yield case.record.warning("row.awarded_before_registration", "awarded", since=since)
    if not certification.awardable_on(awarded):
        last = certification.last_award or certification.ends
        if last:
            until = last.strftime("%d/%m/%Y")
            yield case.record.warning(
                "row.certification_ended", "code", until=until, certification=certification.code
            )
        else:
            yield case.record.warning("row.certification_inactive", "code", certification=certification.code)


def fitting_template(case: Case) -> Iterator[Finding]:
    """A diploma may be issued as a certification and the reverse; a bloc or an RS code may not."""
    if case.certification is None or case.template is None or case.template not in _CERTIFIED:
        return
    natural = case.certification.template
    full = {"diploma", "certification"}
    fits = case.template == natural or {case.template, natural} <= full
    if not fits and not (case.template == "prevention-success" and natural != "block"):
        yield case.record.error("row.template_mismatch", "code", certification=case.certification.code)


def ordered_dates(case: Case) -> Iterator[Finding]:
    record, awarded = case.record, case.day("awarded")
    pairs = (
        ("valid_until", awarded, "row.validity_ends_before_start"),
        ("exam_end", case.day("exam_start"), "row.exam_ends_before_start"),
        ("end", case.day("start"), "row.period_ends_before_start"),
    )
    for name, earlier, code in pairs:
        later = case.day(name)
        if earlier and later and later < earlier:
            yield record.error(code, name)
    exam = case.day("exam_end") or case.day("exam_start")
    if exam and awarded and exam > awarded:
        yield record.warning("row.exam_after_award", "exam_end" if case.day("exam_end") else "exam_start")
    if awarded and awarded > case.today:
        yield record.warning("row.awarded_in_future", "awarded")
    until = case.day("valid_until")
    if until and awarded and awarded <= until < case.today:
        yield record.warning("row.already_expired", "valid_until")


def language_level(case: Case) -> Iterator[Finding]:
    record, level, flag = case.record, case.record.text("cefr"), case.record.text("cefr_flag")
    if flag == "true" and not level:
        yield record.error("row.level_flag_without_level", "cefr_flag")
    elif flag == "false" and level:
        yield record.warning("row.level_without_flag", "cefr")
    elif level == "INSUFFISANT":
        yield record.error("row.level_insufficient", "cefr")
    elif level and case.certification and (case.certification.cefr or level) != level:
        yield record.error("row.level_differs", "cefr", expected=case.certification.cefr)


_DIGITAL_RESULT: Final = re.compile(r"[1-5]\.[1-6]:[1-8]")


def digital_level(case: Case) -> Iterator[Finding]:
    record, flag = case.record, case.record.text("digcomp_flag")
    overall, areas = record.text("digcomp_overall"), record.text("digcomp_areas").split()
    if flag == "false":
        if overall or areas:
            yield record.warning("row.level_without_flag", "digcomp_overall" if overall else "digcomp_areas")
        return
    if (flag == "true" or areas) and not overall:
        yield record.error("row.digital_without_score", "digcomp_flag" if flag else "digcomp_areas")
    if not all(_DIGITAL_RESULT.fullmatch(area) for area in areas):
        yield record.error("row.digital_result", "digcomp_areas")
    elif len({area.partition(":")[0] for area in areas}) != len(areas):
        yield record.error("row.digital_twice", "digcomp_areas")


def scored(case: Case) -> Iterator[Finding]:
    """A certification by score says nothing without its score or level."""
    record = case.record
    if record.text("admission_mode") != "PAR_SCORING":
        return
    levels = (record.text("score"), record.text("cefr"), record.text("digcomp_overall"))
    if not any(levels):
        yield record.error("row.scoring_without_result", "admission_mode")


def access(case: Case) -> Iterator[Finding]:
    if case.record.text("vae_route") and case.record.text("access_route") != "VAE":
        yield case.record.warning("row.vae_route_without_vae", "vae_route")


_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    rf"https?://(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?(?::[0-9]{{1,5}})?"
    r"(?:[/?#][!#-;=?-\[\]_a-z~]*)?"  # RFC 3986 §2: nothing that would have to be escaped
)
_ADDRESS_CHARS: Final = 500


def public_addresses(case: Case) -> Iterator[Finding]:
    """The address is shown to whoever checks the credential, and never fetched here."""
    for name in ("evidence_url", "achievement_url"):
        text = case.record.text(name)
        if text and not (len(text) <= _ADDRESS_CHARS and _ADDRESS.fullmatch(text)):
            yield case.record.error("row.address", name)


RULES: Final[tuple[Rule, ...]] = (
    no_national_number,
    complete,
    sound_texts,
    a_reference,
    named_person,
    plausible_birth,
    possible_insee_code,
    certified,
    known_certification,
    awardable,
    fitting_template,
    ordered_dates,
    language_level,
    digital_level,
    scored,
    access,
    public_addresses,
)


CLAIM_RULES: Final = tuple(rule for rule in RULES if rule not in (complete, named_person, sound_texts))
"""For rows that come as claims: their template says what they need, and each of their texts is looked at."""


def judge(case: Case, rules: Iterable[Rule] = RULES) -> Iterator[Finding]:
    """Yield what every rule finds."""
    for rule in rules:
        yield from rule(case)
