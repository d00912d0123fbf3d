"""Which step it was that failed, when a signature could not be verified."""

from typing import Final

from keys.resolver import Purpose, Resolver, VerificationKey
from problems import Problem
from verifier import holder
from verifier.policy import Policy
from verifier.report import Log, StepName

_OF_NO_ISSUER: Final = frozenset({"sdjwt.issuer_key_mismatch", "jose.untrusted_key", "cose.untrusted_key"})


class Watching:
    """A resolver that remembers the problem it had, so that a report can name the right step."""

    def __init__(self, keys: Resolver) -> None:
        self._keys = keys
        self._problem: Problem | None = None

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        try:
            return self._keys.resolve(verification_method, purpose)
        except Problem as problem:
            self._problem = problem
            raise

    def step(self, problem: Problem) -> StepName:
        """Return the step that ``problem`` belongs to: the key that was not to be had, or the content."""
        about_key = problem is self._problem or problem.code in _OF_NO_ISSUER
        return "issuer_key" if about_key else "integrity"


def refuse(log: Log, problem: Problem, watching: Watching, policy: Policy, suite: str) -> None:
    """Write down which step of a credential failed; a broken key binding leaves the credential standing."""
    if problem.code.startswith("kb."):
        log.passed("integrity", "integrity.intact", suite=suite)
        log.fail("holder", holder.refused(problem, policy))
    else:
        log.fail(watching.step(problem), problem)
