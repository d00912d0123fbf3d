"""Who showed it: the holder's step, alike for all ways of securing.

Whether somebody must show that the credential is theirs is for the policy to say, never for the sender
(RFC 9901 §7.3 step 1, §9.5).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from boundary.shape import texts
from boundary.strict_json import Json
from credentials.facts import Facts
from exchange.presentation import Part
from keys.public import PublicKey
from keys.resolver import VerificationKey
from problems import InvalidChallengeError, InvalidDomainError, Problem, ProofVerificationError
from proofs.sd_jwt import HolderExpectation, VerifiedHolder
from verifier.policy import Policy
from verifier.report import Log


@dataclass(frozen=True)
class Presenters:
    """Whose keys signed what was handed over, and until when they let it be shown."""

    names: frozenset[str]
    keys: frozenset[PublicKey]
    until: dt.datetime | None

    def include(self, facts: Facts) -> bool:
        """Keys are compared before names: did:key, did:jwk and ``cnf`` are three names of one key."""
        return facts.holder_key in self.keys or facts.holder_id in self.names


@dataclass(frozen=True)
class Presented:
    """The credentials of a presentation whose signature held, and who signed it."""

    parts: Sequence[Part]
    by: Presenters


def presenters(keys: Iterable[VerificationKey], until: dt.datetime | None) -> Presenters:
    """Return whose keys signed, but for those that their owner withdrew."""
    good = [key for key in keys if key.revoked is None]
    return Presenters(frozenset(key.controller for key in good), frozenset(key.key for key in good), until)


def together(by: Presenters | None, bound: VerifiedHolder | None) -> Presenters | None:
    """Return who signed the presentation around a credential and who the binding on it, if anybody did."""
    if bound is None:
        return by
    if by is None:
        return Presenters(frozenset(), frozenset({bound.key}), bound.expires)
    until = min((end for end in (by.until, bound.expires) if end), default=None)
    return Presenters(by.names, by.keys | {bound.key}, until)


def expectation(policy: Policy) -> HolderExpectation:
    """Return what a holder must have signed: an answer to our question, or a share for any bearer."""
    if policy.question:
        return HolderExpectation(policy.question.audience, policy.question.nonce, policy.answer_age)
    return HolderExpectation(policy.bearer_audience, None, policy.bearer_age, expiry_required=True)


def require_asked(claims: Json, policy: Policy) -> None:
    """Where the signature alone is looked at, what was asked, in full or in part, must be what it says.

    ``claims`` are those of a token under their JWT names. Raises InvalidChallengeError, InvalidDomainError.
    """
    question = policy.question
    if not policy.proof_only or question is None:
        return
    if question.nonce and claims.get("nonce") != question.nonce:
        raise InvalidChallengeError("kb.other_nonce")
    if question.audience and question.audience not in texts(claims.get("aud"), "aud"):
        raise InvalidDomainError("kb.other_audience")


def check(log: Log, facts: Facts, by: Presenters | None, policy: Policy) -> bool:
    """Write down who showed the credential (None: it came alone); return whether it may be read on."""
    if policy.question:
        return log.run("holder", lambda: _require(facts, by), "holder.live")
    if not _is_bound(facts):
        log.not_applicable("holder", "holder.unbound", caution=True)
        return True
    if by is None:
        log.not_applicable("holder", "holder.not_shown", caution=True)
        return True
    return log.run("holder", lambda: _require(facts, by), "holder.bearer", until=_day(by.until))


def _require(facts: Facts, by: Presenters | None) -> None:
    if not _is_bound(facts):
        raise ProofVerificationError("holder.unbound_asked")
    if by is None:
        raise ProofVerificationError("holder.missing")
    if not by.include(facts):
        raise ProofVerificationError("holder.other_key")


def _is_bound(facts: Facts) -> bool:
    """An organisation is bound by its DID, whose keys are published elsewhere."""
    return facts.bound or (facts.holder_id or "").startswith("did:")


def refused(problem: Problem, policy: Policy) -> Problem:
    """Return ``problem``, in plainer words when who verifies asked nothing and got an answer."""
    if policy.question is None and isinstance(problem, InvalidDomainError | InvalidChallengeError):
        return InvalidDomainError("holder.for_another")
    return problem


def _day(moment: dt.datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
