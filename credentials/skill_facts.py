"""Skills as a credential shows them, and what an endorsement says of them."""

from dataclasses import dataclass

from boundary.shape import a_list, a_text, an_object, many
from boundary.strict_json import Json, JsonValue
from credentials.holders import key_of
from credentials.members import optional_text
from credentials.normal import normal_ld
from keys.public import PublicKey


@dataclass(frozen=True)
class SkillFact:
    """One skill that is shown; ``ref`` names it inside its credential, alike in both forms."""

    ref: str | None
    name: str
    framework: str | None = None
    code: str | None = None
    concept: str | None = None
    level: str | None = None
    level_scale: str | None = None


@dataclass(frozen=True)
class EndorsedSkillFact:
    """An endorser's word on one skill: CONFIRMED, or ADJUSTED to the level that was observed."""

    skill: SkillFact
    verdict: str
    observed_level: str | None
    context: str


@dataclass(frozen=True)
class EndorsementFacts:
    """What is endorsed: one credential by digests (over, multibase), one holder, named skills."""

    endorsed_id: str
    digests: tuple[tuple[str, str], ...]
    holder_id: str | None
    holder_key: PublicKey | None
    relationship: str | None
    skills: tuple[EndorsedSkillFact, ...]


def skills(value: JsonValue) -> tuple[SkillFact, ...]:
    """Return the skills that a credential shows, from their normal form."""
    return tuple(_skill(an_object(skill, "skills")) for skill in many(value))


def _skill(node: Json) -> SkillFact:
    return SkillFact(
        ref=optional_text(node, "ref"),
        name=a_text(node.get("name"), "skills.name"),
        framework=optional_text(node, "framework"),
        code=optional_text(node, "code"),
        concept=optional_text(node, "concept"),
        level=optional_text(node, "level"),
        level_scale=optional_text(node, "level_scale"),
    )


def endorsement_ld(subject: Json) -> EndorsementFacts:
    """Read the subject of a JSON-LD endorsement. Raises MalformedValueError."""
    holder_id = optional_text(subject, "endorsedHolder")
    return _endorsement(
        a_text(subject.get("id"), "credentialSubject.id"),
        normal_ld(many(subject.get("endorsedDigest"))),
        normal_ld(many(subject.get("endorsedSkill"))),
        (holder_id, key_of(holder_id)),
        optional_text(subject, "relationship"),
    )


def endorsement_sd(payload: Json, holder_id: str | None, key: PublicKey | None) -> EndorsementFacts:
    """Read the payload of an SD-JWT VC endorsement; its holder is whom it is bound to."""
    endorsed = an_object(payload.get("endorsed"), "endorsed")
    return _endorsement(
        a_text(endorsed.get("id"), "endorsed.id"),
        endorsed.get("digests"),
        payload.get("skills", []),
        (holder_id, key),
        optional_text(payload, "relationship"),
    )


def _endorsement(
    endorsed_id: str,
    digests: JsonValue,
    endorsed: JsonValue,
    holder: tuple[str | None, PublicKey | None],
    relationship: str | None,
) -> EndorsementFacts:
    return EndorsementFacts(
        endorsed_id,
        tuple(_digest(an_object(digest, "digests")) for digest in a_list(digests, "digests")),
        *holder,
        relationship,
        tuple(_endorsed_skill(an_object(skill, "skills")) for skill in a_list(endorsed, "skills")),
    )


def _digest(node: Json) -> tuple[str, str]:
    return a_text(node.get("over"), "digests.over"), a_text(node.get("digest"), "digests.digest")


def _endorsed_skill(node: Json) -> EndorsedSkillFact:
    return EndorsedSkillFact(
        _skill(node),
        a_text(node.get("verdict"), "skills.verdict"),
        optional_text(node, "observed_level"),
        a_text(node.get("context"), "skills.context"),
    )
