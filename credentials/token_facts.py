"""What a credential says that is the payload of a token: the document, within what the token says of itself.

VC-JOSE-COSE §3.1.3: the token's times are those of its signature. They do not replace the document's;
both must hold, so that the narrower window counts.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from boundary.shape import many
from boundary.strict_json import Json
from credentials import model
from credentials.envelopes import V2
from credentials.facts import Facts, facts_ld
from credentials.holders import confirmation_key, key_of
from credentials.members import moment
from credentials.status_references import references_sd
from keys.dids import key as did_key
from keys.public import PublicKey
from problems import MalformedValueError


def check_enveloped(document: Json, *, type_urls: bool = False) -> None:
    """Check a document that is the payload of a token: all of VCDM 2.0, and no earlier version (§1).

    Raises what :func:`credentials.model.check_credential` raises.
    """
    _require_version_2(document)
    model.check_credential(document, at_issue=False, type_urls=type_urls)


def check_enveloped_presentation(document: Json, *, type_urls: bool = False) -> None:
    """Check a presentation that is the payload of a token, alike."""
    _require_version_2(document)
    model.check_presentation(document, type_urls=type_urls)


def facts_token(document: Json, claims: Json) -> Facts:
    """Return what ``document`` says, ``claims`` being those of its token under their JWT names.

    Raises MalformedValueError, also when subject and ``cnf`` are two different keys; RangeError.
    """
    said = facts_ld(document)
    facts = replace(
        said,
        issued_on=moment(claims, "iat") or said.issued_on,
        valid_from=_first(max, said.valid_from, moment(claims, "nbf")),
        valid_until=_first(min, said.valid_until, moment(claims, "exp")),
        status=said.status + references_sd(claims),
    )
    key = confirmation_key(claims)
    return facts if key is None else _bound(facts, key)


def _require_version_2(document: Json) -> None:
    if many(document.get("@context"))[:1] != [V2]:
        raise MalformedValueError("model.first_context", expected=V2)


def _bound(facts: Facts, key: PublicKey) -> Facts:
    """The key that the issuer confirmed is the holder's, whatever the subject is called."""
    if facts.holder_key not in (None, key):
        raise MalformedValueError("model.two_holders")
    own_words = facts.self_declared or key_of(facts.issuer_id) == key
    return replace(
        facts,
        holder_id=facts.holder_id if facts.holder_key else did_key.did(key),
        holder_key=key,
        self_declared=own_words,
        issuer_name=None if own_words else facts.issuer_name,
    )


def _first(
    choose: Callable[..., dt.datetime], stated: dt.datetime | None, claimed: dt.datetime | None
) -> dt.datetime | None:
    there = [one for one in (stated, claimed) if one is not None]
    return choose(there) if there else None
