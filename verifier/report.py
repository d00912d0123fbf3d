"""What the verifier found, step by step, and what it comes to.

Verification raises below and reports here: each named step has an outcome, a code, a plain sentence
and a next step. "Unknown" is neither "passed" nor "failed": somebody did not answer.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from credentials.facts import Facts
from credentials.skill_facts import EndorsedSkillFact
from problems import Problem
from problems.sentences import Fact, Lang, Sentence, say
from verifier.opened import Opened

StepName = Literal[
    "format", "integrity", "issuer_key", "dates", "status", "holder", "schema", "issuer", "endorsement"
]
Outcome = Literal["passed", "failed", "unknown", "not_applicable"]
Verdict = Literal["genuine", "declared", "to_confirm", "cannot_check", "not_valid"]

_WORST_LAST: Final[Sequence[Verdict]] = ("genuine", "declared", "to_confirm", "cannot_check", "not_valid")
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One check. ``caution`` marks a step that passed, with something that a person should confirm."""

    name: StepName
    outcome: Outcome
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)
    caution: bool = False

    def says(self, lang: Lang) -> Sentence:
        return say(self.code, lang, **self.facts)


@dataclass(frozen=True)
class Countersigned:
    """One skill that another party confirms or adjusts, and who says so."""

    endorsed: EndorsedSkillFact
    by_name: str
    by_id: str
    relationship: str | None


@dataclass(frozen=True)
class CredentialReport:
    """``opened`` is None when integrity failed: what a broken document says is not repeated."""

    steps: tuple[Step, ...]
    opened: Opened | None
    countersigned: tuple[Countersigned, ...] = ()

    @property
    def facts(self) -> Facts | None:
        return self.opened.facts if self.opened else None

    @property
    def verdict(self) -> Verdict:
        failed = {step.name for step in self.steps if step.outcome == "failed"}
        if failed - {"dates"} or any(step.code == "dates.not_yet_valid" for step in self.steps):
            return "not_valid"
        if failed:  # expired: it was true, and it may have to be renewed
            return "to_confirm"
        if any(step.outcome == "unknown" for step in self.steps):
            return "cannot_check"
        if any(step.caution for step in self.steps):
            return "to_confirm"
        return "declared" if self.facts and self.facts.self_declared else "genuine"

    @property
    def verified(self) -> bool:
        """True when no step failed and none that the policy requires is unknown."""
        return bool(self.steps) and all(step.outcome in ("passed", "not_applicable") for step in self.steps)


@dataclass(frozen=True)
class Report:
    """The page: its own steps (a presentation's), one report per credential, the time it speaks of."""

    at: dt.datetime
    steps: tuple[Step, ...]
    credentials: tuple[CredentialReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all: one false line makes the page false."""
        verdicts = [credential.verdict for credential in self.credentials]
        if any(step.outcome == "failed" for step in self.steps) or not verdicts:
            return "not_valid"
        return max(verdicts, key=_WORST_LAST.index)

    @property
    def verified(self) -> bool:
        steps_hold = all(step.outcome in ("passed", "not_applicable") for step in self.steps)
        return steps_hold and bool(self.credentials) and all(c.verified for c in self.credentials)


class Log:
    """Collects steps while they run."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def run(self, name: StepName, check: Callable[[], T], code: str, **facts: Fact) -> T | None:
        """Run a check; write down that it passed, or the problem it raised; return what it returned."""
        try:
            value = check()
        except Problem as problem:
            self.fail(name, problem)
            return None
        self._steps.append(Step(name, "passed", code, facts))
        return value

    def fail(self, name: StepName, problem: Problem) -> None:
        outcome: Outcome = "unknown" if problem.transient else "failed"
        self._steps.append(Step(name, outcome, problem.code, problem.facts))

    def passed(self, name: StepName, code: str, *, caution: bool = False, **facts: Fact) -> None:
        self._steps.append(Step(name, "passed", code, facts, caution))

    def unknown(self, name: StepName, code: str, **facts: Fact) -> None:
        self._steps.append(Step(name, "unknown", code, facts))

    def not_applicable(self, name: StepName, code: str, *, caution: bool = False, **facts: Fact) -> None:
        self._steps.append(Step(name, "not_applicable", code, facts, caution))
