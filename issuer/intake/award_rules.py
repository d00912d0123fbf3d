"""Rules on what was obtained: the certification, the dates, the levels."""

import re
from collections.abc import Iterator
from typing import Final

from issuer.intake.case import Case
from issuer.intake.rows import Finding
from skills.certification import CODE, canonical

_CERTIFIED: Final = frozenset({"diploma", "certification", "rs-certification", "block", "prevention-success"})


def certified(case: Case) -> Iterator[Finding]:
    if case.record.text("certified") == "false":
        yield case.record.error("row.not_certified", "certified")


def known_certification(case: Case) -> Iterator[Finding]:
    record, code = case.record, canonical(case.record.text("code"))
    if not code:
        if record.lacks("code") and (case.template in _CERTIFIED or case.template is None):
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
    certification, awarded = case.certification, case.awarded
    if certification is None or awarded is None:
        return
    if certification.starts and awarded < certification.starts:
        since = certification.starts.isoformat()
        yield case.record.warning("row.awarded_before_registration", "awarded", since=since)
    if not certification.awardable_on(awarded):
        last = certification.last_award or certification.ends
        if last:
            until = last.isoformat()
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
    record, awarded = case.record, case.awarded
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
        yield record.warning("row.awarded_in_future", "awarded" if record.text("awarded") else "end")
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
