"""What the Verifiable Credentials Data Model asks of a document, beyond what JSON-LD and proofs check.

VCDM 2.0 throughout; a VCDM 1.1 credential is recognised by its first context and only ever verified.
What a type of ours asks further stands in its schema.
"""

import datetime as dt
from typing import Final

from boundary.shape import a_text, an_object, many, texts
from boundary.strict_json import Json, JsonValue
from credentials import envelopes
from credentials.characters import refuse_unprintable_in
from credentials.envelopes import V2
from credentials.facts import Facts
from credentials.holders import confirmation_key
from credentials.members import instant, moment, optional_text, require_url
from credentials.related import check_related_resources
from credentials.spelling import check_spelling
from credentials.status_references import references_sd
from problems import MalformedValueError, ParsingError, RangeError

V1: Final = "https://www.w3.org/2018/credentials/v1"

_TYPED: Final = ("credentialStatus", "credentialSchema", "termsOfUse", "evidence", "refreshService")
_LANGUAGE_OBJECT: Final = frozenset({"@value", "@language", "@direction"})


def check_credential(document: Json, *, at_issue: bool, type_urls: bool = False) -> None:
    """Check a credential, its proofs aside (VCDM 2.0 §4). At issue a 1.1 credential is refused too, and
    characters that are signed differently elsewhere. ``type_urls``: see :mod:`credentials.spelling`.

    Raises MalformedValueError naming the member; ParsingError for a document that is no credential.
    """
    check_spelling(document, type_urls=type_urls)
    version = _check_contexts(document)
    _require_type(document, "VerifiableCredential")
    if at_issue:
        _require_version_2(version)
        refuse_unprintable_in(document)
    _check_url(document, "id")
    _check_texts(document, "")
    _check_issuer(document)
    _check_subjects(document)
    for name in _TYPED:
        _check_typed(document, name)
    _check_validity(document, version)
    check_related_resources(document)


def check_presentation(document: Json, *, type_urls: bool = False) -> None:
    """Check a presentation, its proofs and the credentials in it aside (VCDM 2.0 §4.13).

    Raises MalformedValueError naming the member; ParsingError for a document that is no presentation.
    """
    own = {name: value for name, value in document.items() if name != "verifiableCredential"}
    check_spelling(own, type_urls=type_urls)
    _check_contexts(document)
    _require_type(document, "VerifiablePresentation")
    _check_url(document, "id")
    holder = document.get("holder")
    if isinstance(holder, dict):
        require_url(holder.get("id"), "holder.id")
    elif "holder" in document:
        require_url(holder, "holder")
    for credential in many(document.get("verifiableCredential")):
        _check_contained(an_object(credential, "verifiableCredential"))


def check_dates(facts: Facts, now: dt.datetime, skew: dt.timedelta) -> None:
    """Check that a credential holds at ``now``; ``skew`` is how far apart two clocks may be.

    Raises RangeError: ``credential.not_yet_valid`` or ``credential.expired``.
    """
    begins, ends = facts.valid_from, facts.valid_until
    if begins is not None and now < begins - skew:
        raise RangeError("credential.not_yet_valid", at=begins.date().isoformat())
    if ends is not None and now > ends + skew:
        raise RangeError("credential.expired", at=ends.date().isoformat())


def check_sd_payload(payload: Json) -> None:
    """Check the payload of an SD-JWT VC (draft-ietf-oauth-sd-jwt-vc §3.2): type, dates, key, status.

    Raises MalformedValueError, RangeError.
    """
    a_text(payload.get("vct"), "vct")
    _require_order(moment(payload, "nbf"), moment(payload, "exp"), "exp")
    moment(payload, "iat")
    if "iss" in payload:
        require_url(payload["iss"], "iss")
    optional_text(payload, "sub")
    confirmation_key(payload)
    references_sd(payload)


def _check_contexts(document: Json) -> str:
    """Return the version that the first context is (§4.3: its place is part of the standard)."""
    contexts = many(document.get("@context"))
    if not contexts or contexts[0] not in (V2, V1):
        raise MalformedValueError("model.first_context", expected=V2)
    for context in contexts:
        if not isinstance(context, dict):
            require_url(context, "@context")
    return str(contexts[0])


def _require_version_2(version: str) -> None:
    if version != V2:
        raise MalformedValueError("model.first_context", expected=V2)


def _require_type(document: Json, type_: str) -> None:
    if type_ not in texts(document.get("type"), "type"):
        raise ParsingError("model.not_a", type=type_)


def _check_url(node: Json, name: str) -> None:
    if name in node:
        require_url(node[name], name)


def _check_issuer(document: Json) -> None:
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        require_url(issuer.get("id"), "issuer.id")
        _check_texts(issuer, "issuer.")
    else:
        require_url(issuer, "issuer")


def _check_subjects(document: Json) -> None:
    subjects = many(document.get("credentialSubject"))
    if not subjects:
        raise MalformedValueError("model.no_subject")
    for value in subjects:
        subject = an_object(value, "credentialSubject")
        if not subject:
            raise MalformedValueError("model.empty_subject")
        if "id" in subject:
            require_url(subject["id"], "credentialSubject.id")


def _check_typed(document: Json, name: str) -> None:
    """§4.10-4.12, §5.4-5.6: each says its type; a schema must have a URL, the others may."""
    if name in document and not many(document[name]):
        raise MalformedValueError("model.no_type", at=name)
    for value in many(document.get(name)):
        node = an_object(value, name)
        if not texts(node.get("type"), f"{name}.type"):
            raise MalformedValueError("model.no_type", at=name)
        if "id" in node or name == "credentialSchema":
            require_url(node.get("id"), f"{name}.id")


def _check_texts(node: Json, at: str) -> None:
    """§4.5, §11.1: a name is a text, a language value object, or several of those."""
    for name in ("name", "description"):
        for value in many(node.get(name)):
            _check_language(value, f"{at}{name}")


def _check_language(value: JsonValue, at: str) -> None:
    if not isinstance(value, dict):
        a_text(value, at)
        return
    if not value.keys() <= _LANGUAGE_OBJECT:
        raise MalformedValueError("model.language_object", at=at)
    for name in value.keys() | {"@value"}:
        a_text(value.get(name), f"{at}.{name}")


def _check_validity(document: Json, version: str) -> None:
    if version == V1:
        if "issuanceDate" not in document:
            raise MalformedValueError("model.no_issuance_date")
        _require_order(
            instant(document, "issuanceDate"), instant(document, "expirationDate"), "expirationDate"
        )
    else:
        _require_order(instant(document, "validFrom"), instant(document, "validUntil"), "validUntil")


def _require_order(begins: dt.datetime | None, ends: dt.datetime | None, at: str) -> None:
    if begins is not None and ends is not None and ends < begins:
        raise MalformedValueError("model.ends_before_it_begins", at=at)


def _check_contained(credential: Json) -> None:
    texts(credential.get("type"), "verifiableCredential.type")
    if envelopes.is_enveloped(credential, "credential"):
        envelopes.unwrap(credential, "credential")
