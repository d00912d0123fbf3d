"""The checks after the signature: each a function that raises, or says what it found."""

import datetime as dt
from collections.abc import Mapping

from boundary.sources import Source
from credentials import model, schemas
from credentials.facts import Facts
from credentials.status import StatusAnswer, StatusReference, check_status
from keys.resolver import Resolver
from problems import (
    CryptographicSecurityError,
    Problem,
    ProofVerificationError,
    StatusRetrievalError,
    StatusVerificationError,
)
from proofs.suite import Cryptosuite
from verifier.opened import Opened
from verifier.report import Log


def issuer_key(log: Log, opened: Opened) -> None:
    """Trust is judged on the key that signed; what a stolen key signed proves nothing (design, rule 2)."""
    log.run("issuer_key", lambda: _key_of_issuer(opened), "issuer_key.held", issuer=opened.key.controller)


def _key_of_issuer(opened: Opened) -> None:
    if opened.key.controller != opened.facts.issuer_id:
        raise CryptographicSecurityError("issuer_key.other_party", controller=opened.key.controller)
    revoked = opened.key.revoked
    if revoked and revoked.reason == "compromised":
        raise ProofVerificationError("issuer_key.compromised", at=revoked.at.date().isoformat())


def dates(log: Log, facts: Facts, now: dt.datetime, skew: dt.timedelta) -> None:
    until = facts.valid_until.date().isoformat() if facts.valid_until else None
    code = "dates.valid_until" if until else "dates.no_end"
    log.run("dates", lambda: model.check_dates(facts, now, skew), code, until=until)


def status(
    log: Log,
    facts: Facts,
    web: Source,
    keys: Resolver,
    suites: Mapping[str, Cryptosuite],
    now: dt.datetime,
) -> None:
    """Ask every status list that the credential names; the first bad answer decides."""
    if not facts.status:
        log.not_applicable("status", "status.none")
        return
    as_of = []
    for reference in facts.status:
        try:
            as_of.append(_status_of(reference, facts, web, keys, suites, now))
        except Problem as problem:
            log.fail("status", problem)
            return
    log.passed("status", "status.valid", as_of=min(as_of).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _status_of(
    reference: StatusReference,
    facts: Facts,
    web: Source,
    keys: Resolver,
    suites: Mapping[str, Cryptosuite],
    now: dt.datetime,
) -> dt.datetime:
    try:
        published = web.get(reference.uri)
    except Problem as problem:
        if problem.transient:
            raise StatusRetrievalError("status.not_retrieved") from problem
        raise
    answer = _answer(reference, published, facts, keys, suites, now)
    if answer.state != "valid":
        raise StatusVerificationError(f"status.{answer.state}", as_of=answer.as_of.date().isoformat())
    return answer.as_of


def _answer(
    reference: StatusReference,
    published: bytes,
    facts: Facts,
    keys: Resolver,
    suites: Mapping[str, Cryptosuite],
    now: dt.datetime,
) -> StatusAnswer:
    """A list of another time says nothing of this one: unknown, neither good nor bad."""
    try:
        return check_status(reference, published, issuer=facts.issuer_id, keys=keys, suites=suites, now=now)
    except StatusVerificationError as problem:
        if problem.code in ("status.list_expired", "status.list_not_yet_valid"):
            raise StatusRetrievalError("status.out_of_date") from problem
        raise


def schema(log: Log, opened: Opened) -> None:
    """The type's schema holds for what was *shown*, so that half an item is refused (MODEL)."""
    if opened.facts.kind is None:
        log.not_applicable("schema", "schema.unknown_type")
        return
    log.run("schema", lambda: schemas.check_shown(opened.document), "schema.holds")


def issuer(log: Log, facts: Facts) -> None:
    """Say how well the issuer is known; who may issue what comes with accreditation."""
    if is_declared(facts):
        log.not_applicable("issuer", "issuer.holder")
    elif facts.issuer_id.startswith(("did:web:", "https://")):
        log.passed("issuer", "issuer.domain", domain=_domain(facts.issuer_id))
    else:
        log.passed("issuer", "issuer.key_only", caution=True)


def is_declared(facts: Facts) -> bool:
    """True when the holder speaks of themselves, whether or not the document admits it."""
    return facts.self_declared or (facts.holder_id is not None and facts.holder_id == facts.issuer_id)


def _domain(identifier: str) -> str:
    return identifier.removeprefix("did:web:").removeprefix("https://").partition(":")[0].partition("/")[0]
