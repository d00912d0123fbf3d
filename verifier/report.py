"""What the verifier found, step by step, and what it comes to.

Verification raises below and reports here: each named step has an outcome, a code, a plain sentence
and a next step. "Unknown" is neither "passed" nor "failed": somebody did not answer.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, TypeVar, get_args

from credentials.facts import Facts
from credentials.skill_facts import EndorsedSkillFact
from problems import Problem
from problems.sentences import Fact, Lang, Sentence, say
from verifier.opened import Opened

StepName = Literal[
    "format",
    "integrity",
    "issuer_key",
    "dates",
    "status",
    "holder",
    "schema",
    "unread",
    "issuer",
    "endorsement",
]
Outcome = Literal["passed", "failed", "unknown", "not_applicable"]
Verdict = Literal["genuine", "declared", "to_confirm", "cannot_check", "expired", "not_valid"]

_WORST_LAST: Final[Sequence[Verdict]] = get_args(Verdict)
_EXPIRED: Final = "credential.expired"
"""It was true, and it may have to be renewed: the one failure that makes nothing false."""
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One check. ``caution`` marks a step that passed, with something that a person should confirm.

    ``type`` is what specifications call a problem like the one that was met (a URL); empty without one.
    """

    name: StepName
    outcome: Outcome
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)
    caution: bool = False
    type: str = field(default="", compare=False)

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
    """``opened`` is None when signature, issuer's key or holder failed: what it says is then not repeated."""

    steps: tuple[Step, ...]
    opened: Opened | None
    countersigned: tuple[Countersigned, ...] = ()

    @property
    def facts(self) -> Facts | None:
        return self.opened.facts if self.opened else None

    @property
    def issuer_proved(self) -> bool:
        """Whether a key signed that the issuer's site publishes, or that an authority certified.

        Otherwise its name is only what it says.
        """
        return any(step.code in ("issuer.domain", "issuer.certified") for step in self.steps)

    @property
    def verdict(self) -> Verdict:
        """What a person declares of themselves is never genuine, in whatever order it is otherwise."""
        failed = {step.code for step in self.steps if step.outcome == "failed"}
        if failed - {_EXPIRED} or not self.steps:
            return "not_valid"
        if failed:
            return "expired"  # that much is known, whoever else did not answer
        if any(step.outcome == "unknown" for step in self.steps):
            return "cannot_check"
        if self.facts and self.facts.self_declared:
            return "declared"
        return "to_confirm" if any(step.caution for step in self.steps) else "genuine"

    @property
    def headline(self) -> str:
        """The code of the sentence that says the verdict."""
        return f"verdict.{self.verdict}"

    @property
    def verified(self) -> bool:
        """True when no step failed and none is unknown."""
        return bool(self.steps) and _hold(self.steps)


@dataclass(frozen=True)
class Report:
    """The page: its own steps (a presentation's), one report per credential, the time it speaks of."""

    at: dt.datetime
    steps: tuple[Step, ...]
    credentials: tuple[CredentialReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all: one false line makes the page false."""
        verdicts: list[Verdict] = [credential.verdict for credential in self.credentials]
        if any(step.outcome == "failed" for step in self.steps):
            return "not_valid"
        if any(step.outcome == "unknown" for step in self.steps):
            verdicts.append("cannot_check")
        return max(verdicts, key=_WORST_LAST.index, default="not_valid")

    @property
    def headline(self) -> str:
        """The code of the sentence that says the verdict; beside proved lines, declared ones are a part."""
        partly = self.verdict == "declared" and any(c.verdict == "genuine" for c in self.credentials)
        return "verdict.partly_declared" if partly else f"verdict.{self.verdict}"

    @property
    def verified(self) -> bool:
        return _hold(self.steps) and bool(self.credentials) and all(c.verified for c in self.credentials)


def _hold(steps: Iterable[Step]) -> bool:
    return all(step.outcome in ("passed", "not_applicable") for step in steps)


class Log:
    """Collects steps while they run."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    def attempt(self, name: StepName, work: Callable[[], T]) -> T | None:
        """Return what ``work`` returns; None, the step written down, when it raises a problem."""
        try:
            return work()
        except Problem as problem:
            self.fail(name, problem)
            return None

    def run(self, name: StepName, check: Callable[[], None], code: str, **facts: Fact) -> bool:
        """Run a check and write down that it passed or why not; return whether it did."""
        try:
            check()
        except Problem as problem:
            self.fail(name, problem)
            return False
        self._steps.append(Step(name, "passed", code, facts))
        return True

    def fail(self, name: StepName, problem: Problem, *, undecided: bool = False) -> None:
        outcome: Outcome = "unknown" if problem.transient or undecided else "failed"
        self._steps.append(Step(name, outcome, problem.code, problem.facts, type=problem.type))

    def passed(self, name: StepName, code: str, *, caution: bool = False, **facts: Fact) -> None:
        self._steps.append(Step(name, "passed", code, facts, caution))

    def unknown(self, name: StepName, code: str) -> None:
        self._steps.append(Step(name, "unknown", code))

    def not_applicable(self, name: StepName, code: str, *, caution: bool = False, **facts: Fact) -> None:
        self._steps.append(Step(name, "not_applicable", code, facts, caution))


Line: TypeAlias = tuple[Log, Opened | None]
"""One credential on its way: its steps so far, and what it says if all of them allow to repeat it."""
