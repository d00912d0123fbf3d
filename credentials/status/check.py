"""One question to one list: does the credential still hold?"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from boundary import limits, strict_json
from boundary.strict_json import Json
from credentials import model
from credentials.members import instant, moment
from credentials.status import bitstring, token, token_cwt
from credentials.status.token import State
from credentials.status_references import StatusReference
from keys.resolver import Resolver, VerificationKey
from problems import (
    MalformedValueError,
    Problem,
    RangeError,
    StatusListLengthError,
    StatusVerificationError,
)
from proofs import certified, data_integrity, jws
from proofs.certified import Anchors
from proofs.cose import sign1
from proofs.data_integrity import Expectation
from proofs.sd_jwt.claims import issuer_key_name
from proofs.suite import VerifyingSuite

_STATES: Final[Mapping[str, State]] = {"revocation": "revoked", "suspension": "suspended"}
_SKEW: Final = dt.timedelta(seconds=limits.CLOCK_SKEW_SECONDS)


@dataclass(frozen=True)
class StatusAnswer:
    """What a list says of one credential, and of which moment it speaks.

    After ``fresh_until`` its issuer asks for a fresh copy, though it still stands by this one.
    """

    state: State
    as_of: dt.datetime
    fresh_until: dt.datetime | None = None


@dataclass(frozen=True)
class _List:
    """A list whose signature held: what it says, when it holds, and who signed it."""

    content: Json
    key: VerificationKey
    as_of: dt.datetime
    expires: dt.datetime | None
    fresh_until: dt.datetime | None = None


def check_status(
    reference: StatusReference,
    list_bytes: bytes,
    *,
    issuer: str,
    keys: Resolver,
    suites: Mapping[str, VerifyingSuite],
    now: dt.datetime,
    anchors: Anchors = (),
) -> StatusAnswer:
    """Return what the list at ``reference.uri``, fetched as ``list_bytes``, says at ``now``.

    ``issuer`` is that of the credential: the list must be signed by its key, or by one that an authority of
    ``anchors`` certified for it. ``suites`` are the accepted ones. Raises StatusVerificationError,
    StatusListLengthError or RangeError; a transient problem when the issuer's key cannot be had now. Never
    answers "valid" for want of knowing better.
    """
    try:
        if reference.kind == "bitstring":
            return _ask_bitstring(reference, list_bytes, issuer, keys, suites, now)
        if reference.kind == "token":
            return _ask_token(reference, list_bytes, issuer, keys, now, anchors)
    except (StatusVerificationError, StatusListLengthError, RangeError):
        raise
    except Problem as problem:
        if problem.transient:
            raise
        raise StatusVerificationError("status.list_unverified", cause=problem.code) from problem
    raise StatusVerificationError("status.unknown_kind")


def revoked_in(
    reference: StatusReference,
    list_bytes: bytes,
    *,
    issuer: str,
    keys: Resolver,
    suites: Mapping[str, VerifyingSuite],
    now: dt.datetime,
) -> frozenset[int]:
    """Return every index that the list at ``reference.uri`` says is revoked, whether it still holds or not.

    For whoever publishes the next one: a revocation is final. Raises a Problem when the list is not the
    issuer's own, or is of another purpose than revocation.
    """
    if reference.kind == "bitstring":
        found = _open_bitstring(list_bytes, keys, suites, now)
        revoked = bitstring.indexes(found.content, reference)
    else:
        found = _open_token(list_bytes, issuer, keys, now)
        revoked = token.revoked(found.content, reference)
    if found.key.controller != issuer:
        raise StatusVerificationError("status.other_issuer")
    return revoked


def _ask_bitstring(
    reference: StatusReference,
    data: bytes,
    issuer: str,
    keys: Resolver,
    suites: Mapping[str, VerifyingSuite],
    now: dt.datetime,
) -> StatusAnswer:
    if reference.purpose not in _STATES:
        raise StatusVerificationError("status.purpose_unsupported")
    found = _open_bitstring(data, keys, suites, now)
    if _issuer_of(found.content) != issuer:
        raise StatusVerificationError("status.other_issuer")
    _require_current(found, issuer, now)
    revoked = bitstring.is_set(found.content, reference)
    return StatusAnswer(_STATES[reference.purpose] if revoked else "valid", found.as_of)


def _open_bitstring(
    data: bytes, keys: Resolver, suites: Mapping[str, VerifyingSuite], now: dt.datetime
) -> _List:
    document = strict_json.read_object(data)
    verified = data_integrity.verify(document, suites, keys, Expectation("assertionMethod", now))
    model.check_credential(verified.document, at_issue=False)
    proof = verified.proofs[0]
    as_of = instant(verified.document, "validFrom", "issuanceDate") or proof.created
    if as_of is None:
        raise StatusVerificationError("status.list_undated")
    return _List(
        verified.document, proof.key, as_of, instant(verified.document, "validUntil", "expirationDate")
    )


def _ask_token(
    reference: StatusReference, data: bytes, issuer: str, keys: Resolver, now: dt.datetime, anchors: Anchors
) -> StatusAnswer:
    found = _open_token(data, issuer, keys, now, anchors)
    _require_current(found, issuer, now)
    return StatusAnswer(token.state_of(found.content, reference), found.as_of, found.fresh_until)


def _open_token(data: bytes, issuer: str, keys: Resolver, now: dt.datetime, anchors: Anchors = ()) -> _List:
    """Whether a list is a JWT or a CWT shows in its first byte; they say the same."""
    if token_cwt.is_cwt(data):
        claims, key = _open_cwt(data, issuer, keys)
    else:
        claims, key = _open_jwt(data, issuer, keys, now, anchors)
    issued, ttl = moment(claims, "iat"), token.time_to_live(claims)
    if issued is None:
        raise StatusVerificationError("status.list_undated")
    return _List(claims, key, issued, moment(claims, "exp"), issued + ttl if ttl else None)


def _open_jwt(
    data: bytes, issuer: str, keys: Resolver, now: dt.datetime, anchors: Anchors
) -> tuple[Json, VerificationKey]:
    parsed = jws.parse(_ascii(data))
    key = None
    if "x5c" in parsed.header:
        key = certified.key(parsed.header, issuer, anchors, keys, now)
    key = key or _key_of(jws.kid_of(parsed.header), issuer, keys)
    jws.verify(parsed, key.alone(), typ={token.TYP})
    return jws.claims(parsed), key


def _open_cwt(data: bytes, issuer: str, keys: Resolver) -> tuple[Json, VerificationKey]:
    parsed = sign1.parse(data)
    key = _key_of(sign1.key_id(parsed).decode("utf-8", "replace"), issuer, keys)
    sign1.verify(parsed, key.alone(), typ={token_cwt.MEDIA_TYPE, token_cwt.COAP_FORMAT})
    return token_cwt.claims(parsed), key


def _key_of(name: str, issuer: str, keys: Resolver) -> VerificationKey:
    return keys.resolve(issuer_key_name(name, {"iss": issuer}), "assertionMethod")


def _require_current(found: _List, issuer: str, now: dt.datetime) -> None:
    """The list holds now, and its key is the issuer's and was not withdrawn when it signed."""
    if found.key.controller != issuer:
        raise StatusVerificationError("status.other_issuer")
    revoked = found.key.revoked
    if revoked and (revoked.reason == "compromised" or found.as_of >= revoked.at):
        raise StatusVerificationError("status.key_withdrawn")
    if found.as_of > now + _SKEW:
        raise StatusVerificationError("status.list_not_yet_valid")
    if found.expires is not None and found.expires <= now:
        raise StatusVerificationError("status.list_expired", at=found.expires.date().isoformat())


def _issuer_of(document: Json) -> str | None:
    issuer = document.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, dict) else issuer
    return identifier if isinstance(identifier, str) else None


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii").strip()
    except UnicodeDecodeError:
        raise MalformedValueError("status.encoding") from None
