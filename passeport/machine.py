"""The verifier's report for programs: the same steps, codes and sentences, as JSON."""

from collections.abc import Sequence

from boundary.strict_json import Json, JsonValue
from problems import Problem
from problems.dates import day
from problems.sentences import Lang
from verifier.extract import Extracted
from verifier.report import CredentialReport, Report, Step
from verifier.several import Outcome


def outcomes_json(outcomes: Sequence[Outcome], found: Extracted, lang: Lang) -> Json:
    """Return the report on the only document of a file, or the list of reports on its several ones."""
    told = [outcome_json(outcome, lang) for outcome in outcomes]
    if len(told) == 1:
        return told[0]
    return {
        "verified": all(outcome.verified for outcome in outcomes),
        "documents": [*told],
        "foreignCodes": found.foreign,
        "unreadableCodes": found.unreadable,
    }


def outcome_json(outcome: Outcome, lang: Lang) -> Json:
    """Return the report on one document, or the problem for which there is none."""
    result, page = outcome.result, outcome.document.page
    where: Json = {} if page is None else {"page": page}
    if isinstance(result, Problem):
        return {**where, "verified": False, "problem": dict(result.details(lang))}
    return {**where, **report_json(result, lang)}


def report_json(report: Report, lang: Lang) -> Json:
    """Return the report with its sentences in ``lang``."""
    return {
        "verified": report.verified,
        "verdict": report.verdict,
        "at": report.at.isoformat(),
        "steps": [_step(step, lang) for step in report.steps],
        "credentials": [_credential(credential, lang) for credential in report.credentials],
    }


def _credential(credential: CredentialReport, lang: Lang) -> Json:
    return {
        "verified": credential.verified,
        "verdict": credential.verdict,
        "steps": [_step(step, lang) for step in credential.steps],
        "shown": _shown(credential, lang),
        "confirmations": [
            {
                "skill": confirmed.endorsed.skill.name,
                "verdict": confirmed.endorsed.verdict,
                "observedLevel": confirmed.endorsed.observed_level,
                "by": {"id": confirmed.by_id, "name": confirmed.by_name},
                "relationship": confirmed.relationship,
            }
            for confirmed in credential.countersigned
        ],
    }


def _shown(credential: CredentialReport, lang: Lang) -> JsonValue:
    facts = credential.facts
    if facts is None:
        return None
    return {
        "type": facts.kind,
        "title": facts.title,
        "issuer": {"id": facts.issuer_id, "name": facts.issuer_name},
        "awarded": day(facts.awarded_on, lang) if facts.awarded_on else None,
        "validFrom": facts.valid_from.isoformat() if facts.valid_from else None,
        "validUntil": facts.valid_until.isoformat() if facts.valid_until else None,
        "holder": facts.holder_id,
        "declared": facts.self_declared,
        "items": [{"id": i.id, "label": i.label[lang], "value": i.value} for i in facts.shown],
    }


def _step(step: Step, lang: Lang) -> Json:
    sentence = step.says(lang)
    return {
        "step": step.name,
        "outcome": step.outcome,
        "caution": step.caution,
        "code": step.code,
        "sentence": sentence.what,
        "nextStep": sentence.next_step,
    }
