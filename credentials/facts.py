"""What a credential says, in one shape whichever way it was secured.

Facts are read from the document that verification returned, never from the input. Nothing here judges:
a credential of a type that we do not know gives facts too, without a ``kind``.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary.shape import a_text, an_object, many, texts
from boundary.strict_json import Json, JsonValue
from credentials.characters import printable
from credentials.holders import confirmation_key, key_of
from credentials.members import date, instant, moment, optional_text
from credentials.normal import normal_ld
from credentials.pointers import expand_path, expand_pointer, value_at
from credentials.shown import ShownItem, shown_foreign, shown_ld, shown_sd
from credentials.skill_facts import (
    EndorsementFacts,
    SkillFact,
    endorsement_ld,
    endorsement_sd,
    skills,
)
from credentials.status_references import StatusReference, references_ld, references_sd
from credentials.templates import Template, for_types, for_vct
from keys.dids import key as did_key
from keys.public import PublicKey
from problems.sentences import Lang

_REGISTERED: Final = frozenset(
    {"vct", "vct#integrity", "iss", "iat", "nbf", "exp", "cnf", "status", "sub", "jti", "aud", "_sd_alg"}
)
_TITLE_CHARS: Final = 500


@dataclass(frozen=True)
class Facts:
    """A credential as it was shown. Texts come from its issuer: escape them wherever they are displayed.

    ``kind`` is the id of the template, None for a type that is not ours. ``issuer_name`` is None when
    the holder speaks, who may call themselves anything. ``holder_id`` is a DID or a name used once; for
    SD-JWT VC the did:key of the key it is bound to. ``self_declared`` when issuer and holder are one.
    """

    kind: str | None
    title: str
    issuer_id: str
    issuer_name: str | None
    issued_on: dt.datetime | None
    valid_from: dt.datetime | None
    valid_until: dt.datetime | None
    awarded_on: dt.date | None
    holder_id: str | None
    holder_key: PublicKey | None
    self_declared: bool
    status: tuple[StatusReference, ...]
    shown: tuple[ShownItem, ...]
    skills: tuple[SkillFact, ...]
    endorsement: EndorsementFacts | None
    label: Mapping[Lang, str] | None = None
    id: str | None = None

    @property
    def bound(self) -> bool:
        """Whether a key of the holder can show that it is theirs; otherwise identity must be checked."""
        return self.holder_key is not None


def facts_ld(document: Json) -> Facts:
    """Return what a JSON-LD credential (VCDM 2.0 or 1.1) says. Raises MalformedValueError, RangeError."""
    template = for_types(texts(document.get("type"), "type"))
    kind = template.id if template else None
    subject, issuer = _subject(document), _issuer(document)
    endorsement = endorsement_ld(subject) if kind == "endorsement" else None
    holder_id = endorsement.holder_id if endorsement else optional_text(subject, "id")
    holder_key = key_of(holder_id)
    issuer_id = a_text(issuer.get("id"), "issuer.id")
    valid_from = instant(document, "validFrom", "issuanceDate")
    own_words = _own_words(template, issuer_id, holder_id, holder_key)
    return Facts(
        kind=kind,
        title=_title_ld(template, document),
        issuer_id=issuer_id,
        issuer_name=None if own_words else _printed(issuer.get("name")),
        issued_on=valid_from,
        valid_from=valid_from,
        valid_until=instant(document, "validUntil", "expirationDate"),
        awarded_on=_awarded_ld(document),
        holder_id=holder_id,
        holder_key=holder_key,
        self_declared=own_words,
        status=references_ld(document),
        shown=shown_ld(template, document) if template else _foreign_ld(document),
        skills=skills(normal_ld(subject.get("skill"))) if _has_skills(kind) else (),
        endorsement=endorsement,
        label=template.label if template else None,
        id=optional_text(document, "id"),
    )


def facts_sd(payload: Json) -> Facts:
    """Return what a processed SD-JWT VC payload says. Raises MalformedValueError, RangeError."""
    template = for_vct(a_text(payload.get("vct"), "vct"))
    kind = template.id if template else None
    holder_key = confirmation_key(payload)
    holder_id = did_key.did(holder_key) if holder_key else optional_text(payload, "sub")
    issuer_id = optional_text(payload, "iss") or ""
    own_words = _own_words(template, issuer_id, holder_id, holder_key) or payload.get("self_declared") is True
    return Facts(
        kind=kind,
        title=_title_sd(template, payload),
        issuer_id=issuer_id,
        issuer_name=None if own_words else _printed(payload.get("issuing_authority")),
        issued_on=moment(payload, "iat"),
        valid_from=moment(payload, "nbf"),
        valid_until=moment(payload, "exp"),
        awarded_on=date(payload.get("awarded_date"), "awarded_date"),
        holder_id=holder_id,
        holder_key=holder_key,
        self_declared=own_words,
        status=references_sd(payload),
        shown=shown_sd(template, payload) if template else _foreign_sd(payload),
        skills=skills(payload.get("skills")) if _has_skills(kind) else (),
        endorsement=endorsement_sd(payload, holder_id, holder_key) if kind == "endorsement" else None,
        label=template.label if template else None,
    )


def _has_skills(kind: str | None) -> bool:
    """The skills of an endorsement are someone else's words, and foreign types use the name as they like."""
    return kind not in (None, "endorsement")


def _own_words(
    template: Template | None, issuer_id: str, holder_id: str | None, holder_key: PublicKey | None
) -> bool:
    """Whether the holder is the issuer, under whichever name of the same key."""
    if template is not None and template.declared:
        return True
    return issuer_id == holder_id or (holder_key is not None and key_of(issuer_id) == holder_key)


def _subject(document: Json) -> Json:
    """Return the subject; the first of several, which no type of ours has."""
    subjects = many(document.get("credentialSubject"))
    return an_object(subjects[0], "credentialSubject") if subjects else {}


def _issuer(document: Json) -> Json:
    issuer = document.get("issuer")
    return {"id": issuer} if isinstance(issuer, str) else an_object(issuer, "issuer")


def _title_ld(template: Template | None, document: Json) -> str:
    if template is None:
        types = texts(document.get("type"), "type")
        return _printed(document.get("name")) or _achievement(document) or _cut(types[-1] if types else "")
    places = expand_pointer(document, template.title_pointer) if template.title_pointer else []
    return _title(template, value_at(document, places[0]) if places else None)


def _achievement(document: Json) -> str | None:
    """Return what an Open Badge is for; badges need no name of their own (Open Badges 3.0 §B.1)."""
    achievement = _subject(document).get("achievement")
    return _printed(achievement.get("name")) if isinstance(achievement, dict) else None


def _title_sd(template: Template | None, payload: Json) -> str:
    if template is None:
        return _printed(payload.get("name")) or _cut(a_text(payload.get("vct"), "vct"))
    places = expand_path(payload, template.title_path) if template.title_path else []
    return _title(template, value_at(payload, places[0]) if places else None)


def _title(template: Template, title: JsonValue) -> str:
    return _printed(title) or template.label["fr"]


def _foreign_ld(document: Json) -> tuple[ShownItem, ...]:
    return shown_foreign({"credentialSubject": document.get("credentialSubject")})


def _foreign_sd(payload: Json) -> tuple[ShownItem, ...]:
    return shown_foreign({name: value for name, value in payload.items() if name not in _REGISTERED})


def _awarded_ld(document: Json) -> dt.date | None:
    """A day is written as its midnight in UTC and read by its UTC date (MODEL, decision 8)."""
    awarded = instant(document, "awardedDate")
    return awarded.astimezone(dt.UTC).date() if awarded else None


def _printed(value: JsonValue) -> str | None:
    """Return a text for display; None for anything else (a language object, a list)."""
    if isinstance(value, dict):
        value = value.get("@value")
    return _cut(value) if isinstance(value, str) else None


def _cut(text: str) -> str:
    return printable(text)[:_TITLE_CHARS]
