"""Countersign: an employer's word on chosen skills of somebody's credential.

The endorsement is a credential of its own, bound by digest to the one endorsed, to its holder's key and
to each skill, which it repeats (MODEL, "Digests for endorsement").
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import rfc8785

from boundary.strict_json import Json, JsonValue
from credentials.digests import name_of
from credentials.endorsement import usable
from credentials.facts import Facts
from credentials.levels import require_level
from credentials.skill_facts import SkillFact
from issuer.order import Award
from problems import InputError, NotFoundError

NO_RESERVATION: Final = "Sans précision."


class Shown(Protocol):
    """One secured form of the credential, verified: what it shows, and the digests that name it."""

    @property
    def facts(self) -> Facts: ...

    @property
    def digests(self) -> Sequence[tuple[str, str]]: ...


@dataclass(frozen=True)
class Word:
    """What the employer says of one skill: confirmed as it stands, or adjusted to ``observed_level``."""

    ref: str
    observed_level: str | None = None
    context: str = NO_RESERVATION


@dataclass(frozen=True)
class Opinion:
    """One employer's words on one credential, and in what capacity they are given."""

    words: Sequence[Word]
    relationship: str
    comment: str | None = None
    signatory: Json | None = None


def order(forms: Sequence[Shown], opinion: Opinion) -> Award:
    """Return the order for the endorsement of one credential, in as many of its forms as were shown.

    Raises InputError when it is bound to no holder or the forms do not say the same, NotFoundError for
    a skill that it does not show.
    """
    facts, words = forms[0].facts, _distinct(opinion.words)
    if facts.holder_id is None or not facts.bound:
        raise InputError("endorse.unbound")
    found = [_find(facts, word.ref) for word in words]
    for other in forms[1:]:
        _require_same(facts, other.facts, found)
    digests = [digest for form in forms for digest in usable(form.facts, form.digests)]
    if not digests:
        raise InputError("endorse.no_digest")
    skills: list[JsonValue] = [_skill(skill, word) for skill, word in zip(found, words, strict=True)]
    claims = _claims(_named(forms, digests), skills, opinion)
    return Award(_reference(claims), "endorsement", claims, facts.holder_id)


def _distinct(words: Sequence[Word]) -> Sequence[Word]:
    if not words:
        raise InputError("endorse.no_skill")
    ref, times = Counter(word.ref for word in words).most_common(1)[0]
    if times > 1:
        raise InputError("endorse.skill_twice", ref=ref[:20])
    return words


def _find(facts: Facts, ref: str) -> SkillFact:
    for skill in facts.skills:
        if skill.ref == ref:
            return skill
    known = ", ".join(skill.ref for skill in facts.skills if skill.ref)
    raise NotFoundError("endorse.skill_unknown", ref=ref[:20], known=known or "–")


def _require_same(first: Facts, other: Facts, skills: Sequence[SkillFact]) -> None:
    """A second file that is another award, or somebody else's, must not be confirmed unread."""
    shown = {_comparable(skill) for skill in other.skills}
    same = (first.holder_key, first.issuer_id) == (other.holder_key, other.issuer_id)
    if not same or not shown.issuperset(map(_comparable, skills)):
        raise InputError("endorse.other_award")


def _comparable(skill: SkillFact) -> SkillFact:
    """The concept follows from framework and code, and may be hidden alone."""
    return replace(skill, concept=None)


def _named(forms: Sequence[Shown], digests: Sequence[tuple[str, str]]) -> Json:
    """The same in whichever order the forms are given."""
    listed = sorted(set(digests))
    given = next((form.facts.id for form in forms if form.facts.id), None)
    return {
        "id": given or name_of(listed[0][1]),
        "digests": [{"over": over, "digest": value} for over, value in listed],
    }


def _claims(endorsed: Json, skills: list[JsonValue], opinion: Opinion) -> Json:
    optional: Json = {"comment": opinion.comment, "signatory": opinion.signatory}
    return {
        "name": "Compétences confirmées",
        "description": "Compétences que le signataire confirme avoir observées.",
        "endorsed": endorsed,
        "relationship": opinion.relationship,
        "skills": skills,
        **{name: value for name, value in optional.items() if value},
    }


def _skill(skill: SkillFact, word: Word) -> Json:
    """A skill without a level is confirmed as it is: there is nothing to adjust."""
    observed = word.observed_level
    if observed is not None:
        if skill.level is None:
            raise InputError("endorse.no_level", ref=word.ref[:20])
        require_level(observed, skill.level_scale)
    members: Json = {
        "ref": skill.ref,
        "name": skill.name,
        "framework": skill.framework,
        "code": skill.code,
        "concept": skill.concept,
        "level": skill.level,
        "level_scale": skill.level_scale,
        "verdict": "CONFIRMED" if observed in (None, skill.level) else "ADJUSTED",
        "observed_level": observed or skill.level,
        "context": word.context,
    }
    return {name: value for name, value in members.items() if value is not None}


def _reference(claims: Json) -> str:
    """The same words on the same skills of the same credential are one endorsement."""
    return f"endorsement-{hashlib.sha256(rfc8785.dumps(claims)).hexdigest()[:32]}"
