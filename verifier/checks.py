"""The checks after the signature: each runs, and writes down what it found."""

import datetime as dt
from typing import Final

from boundary import limits
from boundary.shape import many
from boundary.strict_json import Json
from credentials import model, schemas
from credentials.characters import printable
from credentials.facts import Facts
from credentials.status import StatusAnswer, StatusReference, check_status
from keys.resolver import VerificationKey
from problems import (
    CryptographicSecurityError,
    LimitError,
    MalformedValueError,
    Problem,
    ProofVerificationError,
    RangeError,
    StatusRetrievalError,
    StatusVerificationError,
)
from verifier.conditions import Conditions
from verifier.opened import Opened, Signatory
from verifier.report import Log

_OTHER_TIMES: Final = frozenset(
    {"status.list_expired", "status.list_not_yet_valid", "proof.created_in_future"}
)
_NOT_FOR_US: Final = frozenset({"status.unknown_kind", "status.purpose_unsupported"})
_NAME_CHARS: Final = 100
_LISTS: Final = frozenset({"BitstringStatusListCredential", "StatusList2021Credential"})
_UNREAD: Final = (
    "credentialSchema", "refreshService", "termsOfUse", "evidence", "endorsement", "endorsementJwt", "proof"
)  # fmt: skip


def proof_only(log: Log) -> Log:
    """The signature holds, and nothing else was looked at."""
    log.not_applicable("issuer", "issuer.not_checked", caution=True)
    return log


def refuse_status_list(document: Json) -> None:
    """A list of withdrawals is signed like a credential, and is about nobody."""
    if not _LISTS.isdisjoint(map(str, many(document.get("type")))):
        raise MalformedValueError("format.status_list")


def issuer_key(log: Log, opened: Opened) -> bool:
    """Trust is judged on the key that signed (design, rule 2); return whether it was the issuer's."""
    key = opened.key
    if key is None:
        log.not_applicable("issuer_key", "issuer_key.brought", caution=True)
        return True
    party = _name(key.controller)
    return log.run("issuer_key", lambda: _require_issuers_key(opened, key), "issuer_key.held", party=party)


def _require_issuers_key(opened: Opened, key: Signatory) -> None:
    """What a stolen key signed proves nothing, whenever it says it did: its thief writes the date too.

    A key that was replaced in good order still vouches for what it signed before.
    """
    revoked = key.revoked
    if key.controller != opened.facts.issuer_id:
        raise CryptographicSecurityError("issuer_key.other_party", party=_name(key.controller))
    if revoked is None:
        return
    at = revoked.at.date().isoformat()
    if revoked.reason == "compromised":
        raise ProofVerificationError("issuer_key.compromised", at=at)
    if opened.signed_at is None or opened.signed_at >= revoked.at:
        raise ProofVerificationError("issuer_key.withdrawn", at=at)


def dates(log: Log, facts: Facts, given: Conditions) -> None:
    until = facts.valid_until.date().isoformat() if facts.valid_until else None
    code = "dates.valid_until" if until else "dates.no_end"
    log.run("dates", lambda: _require_in_force(facts, given.now, given.policy.skew), code, until=until)


def _require_in_force(facts: Facts, now: dt.datetime, skew: dt.timedelta) -> None:
    model.check_dates(facts, now, skew)
    if facts.issued_on is not None and now < facts.issued_on - skew:
        raise RangeError("credential.not_yet_valid", at=facts.issued_on.date().isoformat())


def status(log: Log, facts: Facts, given: Conditions) -> None:
    """Ask every list that the credential names. A bad answer weighs more than none, none more than good."""
    if not facts.status:
        log.not_applicable("status", "status.none")
        return
    answers: list[StatusAnswer] = []
    problems: list[Problem] = []
    for reference in facts.status[: limits.STATUS_REFERENCES]:
        try:
            answers.append(_valid(reference, facts, given))
        except Problem as problem:
            problems.append(problem)
    if len(facts.status) > limits.STATUS_REFERENCES:
        problems.append(LimitError("status.too_many", limit=limits.STATUS_REFERENCES))
    if problems:
        log.fail("status", min(problems, key=lambda problem: problem.transient))
    else:
        stale = any(_is_stale(answer, given.now) for answer in answers)
        code = "status.valid_stale" if stale else "status.valid"
        as_of = _stamp(min(answer.as_of for answer in answers))
        log.passed("status", code, caution=stale, as_of=as_of)


def _valid(reference: StatusReference, facts: Facts, given: Conditions) -> StatusAnswer:
    answer = _ask(reference, _published(reference, given), facts, given)
    if answer.state != "valid":
        raise StatusVerificationError(f"status.{answer.state}", as_of=answer.as_of.date().isoformat())
    if _is_stale(answer, given.now) and given.policy.stale_lists == "unknown":
        raise StatusRetrievalError("status.stale", as_of=_stamp(answer.as_of))
    return answer


def _is_stale(answer: StatusAnswer, now: dt.datetime) -> bool:
    """What an old list says against a credential stands; that it says nothing may have changed since."""
    return answer.fresh_until is not None and now > answer.fresh_until


def _published(reference: StatusReference, given: Conditions) -> bytes:
    if reference.kind == "other":
        raise StatusRetrievalError("status.unknown_kind")
    try:
        return given.web.get(reference.uri)
    except Problem as problem:
        if problem.transient:
            raise StatusRetrievalError("status.not_retrieved") from problem
        raise


def _ask(reference: StatusReference, published: bytes, facts: Facts, given: Conditions) -> StatusAnswer:
    """A list of another time, or of another matter, says nothing: unknown, neither good nor bad."""
    try:
        return check_status(
            reference,
            published,
            issuer=facts.issuer_id,
            keys=given.keys,
            suites=given.suites,
            now=given.now,
            anchors=given.policy.anchors,
        )
    except StatusVerificationError as problem:
        if problem.code in _NOT_FOR_US:
            raise StatusRetrievalError(problem.code) from problem
        if {problem.code, problem.facts.get("cause")} & _OTHER_TIMES:
            raise StatusRetrievalError("status.out_of_date") from problem
        raise


def schema(log: Log, opened: Opened) -> None:
    """The type's schema holds for what was *shown*, so that half an item is refused (MODEL).

    Of a type without a schema here nobody can say whether what is shown is whole.
    """
    if opened.facts.kind is None:
        log.not_applicable("schema", "schema.unknown_type", caution=True)
        return
    log.run("schema", lambda: _require_shown_whole(opened), "schema.holds")


def _require_shown_whole(opened: Opened) -> None:
    schemas.check_shown(opened.document)


def foreign(log: Log, opened: Opened) -> None:
    """Say which parts of a document that is none of ours nobody here looked at."""
    if opened.facts.kind is None:
        unread = [name for name in _UNREAD if name in opened.document]
        if unread:
            log.not_applicable("unread", "foreign.unread", names=", ".join(unread))


def issuer(log: Log, opened: Opened) -> None:
    """Say how well the issuer is known; who may issue what comes with accreditation."""
    facts = opened.facts
    if facts.self_declared:
        log.not_applicable("issuer", "issuer.holder")
    elif opened.key is None:
        log.passed("issuer", "issuer.key_only", caution=True)
    elif isinstance(opened.key, VerificationKey) and opened.key.organisation:
        log.passed("issuer", "issuer.certified", organisation=_name(opened.key.organisation))
    elif facts.issuer_id.startswith(("did:web:", "https://")):
        log.passed("issuer", "issuer.domain", domain=_name(facts.issuer_id))
    else:
        log.passed("issuer", "issuer.key_only", caution=True)


def _name(identifier: str) -> str:
    """Return the host of an organisation's identifier; another identifier, not too much of it."""
    for prefix, separator in (("did:web:", ":"), ("https://", "/")):
        if identifier.startswith(prefix):
            return identifier.removeprefix(prefix).partition(separator)[0].replace("%3A", ":")
    return printable(identifier)[:_NAME_CHARS]


def _stamp(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
