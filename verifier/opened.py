"""A document whose signature held, in one shape whichever way it was secured.

Later checks read only this, never the input: what is not in it was not signed.
"""

from dataclasses import dataclass

from boundary.strict_json import Json
from credentials.facts import Facts
from keys.resolver import Purpose, Resolver, VerificationKey
from problems import Problem


@dataclass(frozen=True)
class Opened:
    """``document`` is the credential without its proof, or the SD-JWT payload with what was disclosed.

    ``digests`` are those by which an endorsement may name it, as (over, multibase) pairs.
    """

    document: Json
    facts: Facts
    key: VerificationKey
    digests: tuple[tuple[str, str], ...]


class Watching:
    """A resolver that remembers the problem it had, so that a report can name the right step."""

    def __init__(self, keys: Resolver) -> None:
        self._keys = keys
        self.problem: Problem | None = None

    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        try:
            return self._keys.resolve(verification_method, purpose)
        except Problem as problem:
            self.problem = problem
            raise
