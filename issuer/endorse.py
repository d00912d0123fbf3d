"""Countersign: an employer's word on chosen skills of somebody's credential.

The endorsement is a credential of its own, bound by digest to the one endorsed, to its holder's key and
to each skill, which it repeats (MODEL, "Digests for endorsement").
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from boundary.strict_json import Json, JsonValue
from credentials import endorsement
from credentials.digests import name_of
from credentials.facts import Facts
from credentials.skill_facts import SkillFact
from issuer.order import Order
from problems import InputError, NotFoundError

NO_RESERVATION = "Sans précision."


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


def order(endorsed: Facts, digests: Sequence[tuple[str, str]], opinion: Opinion) -> Order:
    """Return the order for the endorsement of a credential that was verified.

    Raises InputError when it is bound to no holder, NotFoundError for a skill it does not show.
    """
    if endorsed.holder_id is None or not endorsed.bound:
        raise InputError("endorse.unbound")
    usable = endorsement.usable(endorsed, digests)
    if not usable:
        raise InputError("endorse.no_digest")
    skills: list[JsonValue] = [_skill(_find(endorsed, word.ref), word) for word in opinion.words]
    if not skills:
        raise InputError("endorse.no_skill")
    claims: Json = {
        "name": "Compétences confirmées",
        "description": "Compétences que le signataire confirme avoir observées.",
        "endorsed": {
            "id": endorsed.id or name_of(usable[0][1]),
            "digests": [{"over": over, "digest": value} for over, value in usable],
        },
        "relationship": opinion.relationship,
        "skills": skills,
    }
    optional: Json = {"comment": opinion.comment, "signatory": opinion.signatory}
    claims |= {name: value for name, value in optional.items() if value}
    return Order(_reference(usable, skills), "endorsement", claims, endorsed.holder_id)


def _find(endorsed: Facts, ref: str) -> SkillFact:
    for skill in endorsed.skills:
        if skill.ref == ref:
            return skill
    raise NotFoundError(
        "endorse.skill_unknown", ref=ref[:20], known=", ".join(s.ref or "" for s in endorsed.skills)
    )


def _skill(skill: SkillFact, word: Word) -> Json:
    adjusted = word.observed_level is not None and word.observed_level != skill.level
    members: Json = {
        "ref": skill.ref,
        "name": skill.name,
        "framework": skill.framework,
        "code": skill.code,
        "concept": skill.concept,
        "level": skill.level,
        "level_scale": skill.level_scale,
        "verdict": "ADJUSTED" if adjusted else "CONFIRMED",
        "observed_level": word.observed_level or skill.level,
        "context": word.context,
    }
    return {name: value for name, value in members.items() if value is not None}


def _reference(digests: Sequence[tuple[str, str]], skills: list[JsonValue]) -> str:
    """The same words on the same skills of the same credential are one endorsement."""
    said = repr((sorted(value for _, value in digests), skills)).encode()
    return f"endorsement-{hashlib.sha256(said).hexdigest()[:32]}"
