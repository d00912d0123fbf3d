"""Whether an endorsement is about the credential that is shown beside it.

Being about the same credential means: one of its digests is that of the credential, its holder is the
holder's key, and it repeats a skill that is *shown*, equal in ref, name, code and level. Nothing is
inherited from the digest alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from credentials.digests import acceptable
from credentials.facts import Facts
from credentials.skill_facts import EndorsedSkillFact, EndorsementFacts, SkillFact
from problems import Problem, ProofVerificationError


@dataclass(frozen=True)
class Attached:
    """A skill that the credential shows, and the endorser's word on it."""

    skill: SkillFact
    endorsed: EndorsedSkillFact
    relationship: str | None


def attach(endorsement: Facts, endorsed: Facts, digests: Iterable[tuple[str, str]]) -> tuple[Attached, ...]:
    """Return the skills of ``endorsed`` that ``endorsement`` is about; at least one.

    ``digests`` are those of the secured credential that gave ``endorsed`` (``credentials.digests``); both
    were verified. Raises ProofVerificationError ``endorsement.…`` with the reason why it is attached to
    nothing here.
    """
    says = _statement(endorsement)
    _require_digest(says, endorsed, digests)
    _require_holder(says, endorsed)
    found = [(skill, word) for word in says.skills for skill in endorsed.skills if _same(skill, word.skill)]
    if not found:
        raise ProofVerificationError("endorsement.no_shown_skill")
    return tuple(Attached(skill, word, says.relationship) for skill, word in found)


def match(endorsement: Facts, endorsed: Facts, digests: Iterable[tuple[str, str]]) -> tuple[Attached, ...]:
    """Like :func:`attach`, for whoever looks through several credentials: none instead of a reason."""
    try:
        return attach(endorsement, endorsed, digests)
    except Problem:
        return ()


def _statement(endorsement: Facts) -> EndorsementFacts:
    if endorsement.endorsement is None:
        raise ProofVerificationError("endorsement.is_none")
    if endorsement.self_declared:  # whoever confirms their own skill confirms nothing
        raise ProofVerificationError("endorsement.own_words")
    return endorsement.endorsement


def usable(endorsed: Facts, digests: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return those of the digests that bind an endorsement to this credential.

    One who speaks of themselves is issuer and subject, under whichever two names of one key.
    """
    subject = endorsed.issuer_id if endorsed.self_declared else endorsed.holder_id
    return tuple(digest for digest in digests if acceptable(digest[0], endorsed.issuer_id, subject))


def _require_digest(says: EndorsementFacts, endorsed: Facts, digests: Iterable[tuple[str, str]]) -> None:
    """Ids decide nothing: copies and forms of one award have ids of their own, and one digest each."""
    if set(usable(endorsed, digests)).isdisjoint(says.digests):
        raise ProofVerificationError("endorsement.other_credential")


def _require_holder(says: EndorsementFacts, endorsed: Facts) -> None:
    """The keys are compared, not their names: did:key, did:jwk and ``cnf`` are three names of one key."""
    if says.holder_key is None or says.holder_key != endorsed.holder_key:
        raise ProofVerificationError("endorsement.other_holder")


def _same(shown: SkillFact, endorsed: SkillFact) -> bool:
    """The concept follows from framework and code, and may be hidden alone."""
    return shown.ref is not None and replace(shown, concept=None) == replace(endorsed, concept=None)
