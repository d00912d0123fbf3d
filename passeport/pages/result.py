"""From a report to what the page of results shows: tables and sentences, nothing judged anew.

A verdict is a tone and a word, a check is a row. Sentences that speak of the command line are given here in
words for somebody who has none.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from credentials.facts import Facts
from passeport.show import confirmation, signed_by
from passeport.words import word
from problems import Problem
from problems.dates import day, moment
from problems.sentences import Lang, say
from verifier.report import CredentialReport, Outcome, Report, Step, Verdict

Tone: TypeAlias = Literal["ok", "warn", "bad", "none", "dec"]
State: TypeAlias = Literal["ok", "warn", "bad", "todo", "na"]

TONES: Final[Mapping[Verdict, Tone]] = {
    "genuine": "ok",
    "declared": "dec",
    "to_confirm": "warn",
    "cannot_check": "none",
    "expired": "warn",
    "not_valid": "bad",
}
STATES: Final[Mapping[tuple[Outcome, bool], State]] = {
    ("passed", False): "ok",
    ("passed", True): "warn",
    ("failed", False): "bad",
    ("failed", True): "bad",
    ("unknown", False): "todo",
    ("unknown", True): "todo",
    ("not_applicable", False): "na",
    ("not_applicable", True): "warn",
}
_ROW_TONES: Final[Mapping[State, Tone]] = {
    "ok": "ok",
    "warn": "warn",
    "bad": "bad",
    "todo": "none",
    "na": "none",
}
_PLAINER: Final[Mapping[str, str]] = {"integrity.intact": "page.intact"}
"""Sentences that name what only programs know, and what to say instead."""
_NAMELESS: Final = re.compile(r"did:(?:key|jwk):\S+?(?=[.,;:]?(?:\s|$))")
_EXPIRED: Final = "credential.expired"
_SEVERITY: Final[Sequence[Verdict]] = tuple(TONES)
_OF_A_TERMINAL: Final = re.compile(r"--\w|passeport \w+ ")
_COVERS: Final = 5
_OWN_COVER: Final = 6
_TITLE_CHARS: Final = 120


@dataclass(frozen=True)
class Row:
    """One check: the word of its state stands in it, not only in its icon."""

    tone: Tone
    icon: State
    label: str
    state: str
    sentence: str
    next_step: str
    code: str


@dataclass(frozen=True)
class Item:
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """One credential; without items and issuer when what it says may not be repeated."""

    tone: Tone
    word: str
    title: str
    kind: str
    issuer: str
    awarded: str
    crest: str
    cover: int
    proof: str
    proof_class: str
    proof_icon: str
    items: tuple[Item, ...]
    confirmed: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Result:
    """``sentence`` says the verdict, ``compare`` what to compare with an identity document, if anything.

    ``hidden`` when a check failed so that a content is not shown.
    """

    tone: Tone
    word: str
    sentence: str
    compare: str
    steps: tuple[str, ...]
    notices: tuple[str, ...]
    rows: tuple[Row, ...]
    cards: tuple[Card, ...]
    hidden: bool
    at: str


def result(
    reports: Sequence[Report], lang: Lang, notices: Sequence[str] = (), *, whole: bool = True
) -> Result:
    """Return the page for the reports on one file or text, at least one.

    Not ``whole``: something of it could not be read, and so the page is not better than to be confirmed.
    """
    worst = max((report.verdict for report in reports), key=_SEVERITY.index)
    verdict = worst if whole else max(worst, "to_confirm", key=_SEVERITY.index)
    shown = [
        credential for report in reports for credential in report.credentials if not _is_beside(credential)
    ]
    headline = next(report.headline for report in reports if report.verdict == worst)
    return Result(
        tone=TONES[verdict],
        word=say(headline if verdict == worst else f"verdict.{verdict}", lang).what,
        sentence=_sentence(verdict, reports, shown, lang),
        compare=_compare(verdict, shown, lang),
        steps=_next_steps(reports, lang),
        notices=tuple(notices),
        rows=tuple(row(step, lang) for report in reports for step in report.steps),
        cards=tuple(card(credential, lang) for credential in shown),
        hidden=any(credential.opened is None for credential in shown) or not shown,
        at=moment(reports[0].at, lang),
    )


def row(step: Step, lang: Lang) -> Row:
    """Return the row of a check; a certificate that was true and is over is no fraud."""
    state: State = "warn" if step.code == _EXPIRED else STATES[step.outcome, step.caution]
    return Row(
        _ROW_TONES[state],
        state,
        word(f"step.{step.name}", lang),
        word(f"page.state.{state}", lang),
        plain(step, lang),
        next_step(step, lang),
        step.code,
    )


def plain(step: Step, lang: Lang) -> str:
    """Return the sentence of a check, without the names of keys that are nobody's by name."""
    said = word(_PLAINER[step.code], lang) if step.code in _PLAINER else step.says(lang).what
    return _NAMELESS.sub(word("page.some_key", lang), said)


def next_step(step: Step, lang: Lang) -> str:
    """Return what a person at a browser can do about it."""
    said = step.says(lang).next_step
    if not _OF_A_TERMINAL.search(said):
        return said
    return word("page.next.unknown" if step.outcome == "unknown" else "page.next.failed", lang)


def card(credential: CredentialReport, lang: Lang) -> Card:
    facts, tone = credential.facts, TONES[credential.verdict]
    verdict, rows = say(credential.headline, lang).what, tuple(row(step, lang) for step in credential.steps)
    if facts is None:
        return Card(
            tone,
            verdict,
            word("page.unlabelled", lang),
            "",
            "",
            "",
            "?",
            _OWN_COVER,
            "",
            "",
            "",
            (),
            (),
            rows,
        )
    proof, proof_class, proof_icon = _proof(credential, facts, lang)
    return Card(
        tone,
        verdict,
        facts.title,
        facts.label[lang] if facts.label else word("level.foreign", lang),
        word("report.issued_by", lang, name=_issuer(credential, facts, lang)) if facts.issuer_name else "",
        word("report.awarded", lang, day=day(facts.awarded_on, lang)) if facts.awarded_on else "",
        _initials(facts.issuer_name or ""),
        _OWN_COVER if facts.self_declared else _cover(facts.issuer_id),
        proof,
        proof_class,
        proof_icon,
        tuple(_items(facts, lang)),
        tuple(confirmation(confirmed, lang) for confirmed in credential.countersigned),
        rows,
    )


def _is_beside(credential: CredentialReport) -> bool:
    """Whether it is an endorsement already told beside what it endorses."""
    return credential.verified and any(step.code == "endorsement.attached" for step in credential.steps)


def _sentence(
    verdict: Verdict, reports: Sequence[Report], shown: Sequence[CredentialReport], lang: Lang
) -> str:
    if verdict == "genuine":
        return _attested(shown, lang)
    if verdict == "declared" and len(shown) == 1 and shown[0].facts:
        return word("page.declared", lang, name=_name(shown[0].facts) or word("page.the_person", lang))
    advice = say(f"verdict.{verdict}", lang).next_step
    why = [plain(step, lang) for step in _steps(reports) if _worth(step) and _matters(step, verdict)]
    if verdict == "to_confirm" and why:
        return word("page.but", lang, what=" ".join(dict.fromkeys(why)))
    return " ".join([*dict.fromkeys(why), advice])


def _attested(shown: Sequence[CredentialReport], lang: Lang) -> str:
    if len(shown) != 1 or shown[0].facts is None:
        return word("page.attests_several", lang, count=len(shown))
    facts, name = shown[0].facts, _name(shown[0].facts)
    said = {"issuer": _issuer(shown[0], facts, lang), "title": facts.title[:_TITLE_CHARS]}
    if not name:
        return word("page.attests_nobody", lang, **said)
    if not facts.awarded_on:
        return word("page.attests_undated", lang, name=name, **said)
    return word("page.attests", lang, name=name, day=day(facts.awarded_on, lang), **said)


def _matters(step: Step, verdict: Verdict) -> bool:
    """Whether a step is a reason for this verdict."""
    reasons: Mapping[Verdict, bool] = {
        "not_valid": step.outcome == "failed",
        "expired": step.outcome == "failed",
        "cannot_check": step.outcome == "unknown",
        "to_confirm": step.caution,
    }
    return reasons.get(verdict, False)


def _compare(verdict: Verdict, shown: Sequence[CredentialReport], lang: Lang) -> str:
    """Nobody here saw who showed it: what came by link, file or code may have been passed on."""
    people = [credential.facts for credential in shown if credential.facts]
    if verdict == "not_valid" or not people:
        return ""
    names = list(dict.fromkeys(name for name in map(_name, people) if name))
    births = list(dict.fromkeys(text for facts in people if (text := _said(facts, "birthdate", lang))))
    if not names:
        return word("page.compare_nothing", lang)
    said = {"name": ", ".join(names)}
    if not births:
        return word("page.compare_name", lang, **said)
    return word("page.compare_birth", lang, **said, birth=", ".join(births))


def _next_steps(reports: Iterable[Report], lang: Lang) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(said for step in _steps(reports) if _worth(step) and (said := next_step(step, lang)))
    )


def _steps(reports: Iterable[Report]) -> Iterator[Step]:
    for report in reports:
        yield from report.steps
        for credential in report.credentials:
            yield from credential.steps


def _worth(step: Step) -> bool:
    return step.caution or step.outcome in ("failed", "unknown")


def _issuer(credential: CredentialReport, facts: Facts, lang: Lang) -> str:
    """What the key proves comes first: anybody may call themselves anything."""
    proved = facts.issuer_id if credential.issuer_proved else ""
    return signed_by(facts.issuer_name or "", proved, lang)


def _proof(credential: CredentialReport, facts: Facts, lang: Lang) -> tuple[str, str, str]:
    """Proof has a shape: sealed or pencilled; neither for what may not hold or is no type of ours."""
    if facts.self_declared:
        return word("level.declared", lang), "proof-dec", "pencil"
    if facts.label is None or credential.verdict in ("not_valid", "cannot_check"):
        return "", "", ""
    return word("level.certified", lang), "proof-cert", "seal"


def _items(facts: Facts, lang: Lang) -> Iterator[Item]:
    for item in facts.shown:
        if item.lines[lang] and item.lines[lang] != (facts.title,):
            yield Item(item.label[lang], item.lines[lang])


def _name(facts: Facts) -> str:
    """Return the name that is shown, as it would stand on an identity document."""
    parts = [_said(facts, name, "fr") for name in ("given_name", "family_name")]
    if not parts[1]:
        parts[1] = _said(facts, "birth_family_name", "fr")
    return " ".join(part for part in parts if part)[:_TITLE_CHARS]


def _said(facts: Facts, name: str, lang: Lang) -> str:
    return next((", ".join(item.lines[lang]) for item in facts.shown if item.id == name), "")


def _initials(name: str) -> str:
    return "".join(part[0] for part in name.split()[:2] if part[0].isalpha()).upper() or "·"


def _cover(issuer: str) -> int:
    return hashlib.sha256(issuer.encode()).digest()[0] % _COVERS + 1


@dataclass(frozen=True)
class Told:
    """Why there is no result; ``link`` leads on, in this page, when there is a way."""

    what: str
    next_step: str
    code: str
    link: str = ""


def told(problem: Problem, lang: Lang, link: str = "") -> Told:
    """Return a problem in words for somebody at a browser."""
    sentence = problem.says(lang)
    ours = sentence.next_step if not _OF_A_TERMINAL.search(sentence.next_step) else ""
    return Told(sentence.what, ours or word("page.next.failed", lang), problem.code, link)
