"""Open JSON-LD documents secured by Data Integrity: credentials, and presentations of some."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TypeAlias

from boundary import limits
from boundary.shape import an_object, many
from boundary.strict_json import Json
from credentials import digests, model
from credentials.facts import facts_ld
from exchange.presentation import BEARER
from keys.resolver import Resolver, VerificationKey
from problems import LimitError, Problem, ProofVerificationError
from proofs import data_integrity
from proofs.data_integrity import Expectation, Verified
from proofs.suite import Cryptosuite
from verifier.opened import Opened, Watching
from verifier.policy import Policy
from verifier.report import Log

Part: TypeAlias = tuple[Log, Opened | None]
Suites: TypeAlias = Mapping[str, Cryptosuite]


def open_presentation(
    document: Json, page: Log, policy: Policy, suites: Suites, keys: Resolver, now: dt.datetime
) -> list[Part]:
    """Verify the presentation's own proofs, write them down on ``page``, then open what it holds."""
    watching = Watching(keys)
    try:
        verified = data_integrity.verify(document, suites, watching, _asked(policy, now))
        model.check_presentation(verified.document)
        credentials = _credentials(verified.document)
    except Problem as problem:
        page.fail("holder", problem)
        return []
    _shown(page, verified, policy)
    presenters = {proof.key.controller for proof in verified.proofs}
    return [open_credential(c, presenters, policy, suites, keys, now) for c in credentials]


def open_credential(
    document: Json,
    presenters: Collection[str] | None,
    policy: Policy,
    suites: Suites,
    keys: Resolver,
    now: dt.datetime,
) -> Part:
    """Open one credential. ``presenters`` signed the presentation it came in; None: it came alone."""
    log, watching = Log(), Watching(keys)
    try:
        verified = data_integrity.verify(document, suites, watching, Expectation("assertionMethod", now))
        if policy.proof_only:
            log.passed("integrity", "integrity.intact", suite=_suites(verified))
            return log, None
        opened = _opened(document, verified)
    except Problem as problem:
        log.fail("issuer_key" if watching.problem is problem else "integrity", problem)
        return log, None
    log.passed("integrity", "integrity.intact", suite=_suites(verified))
    _holder(log, opened, presenters, policy)
    return log, opened


def _opened(document: Json, verified: Verified) -> Opened:
    model.check_credential(verified.document, at_issue=False)
    facts = facts_ld(verified.document)
    return Opened(verified.document, facts, _key_of(facts.issuer_id, verified), digests.of_json_ld(document))


def _key_of(issuer_id: str, verified: Verified) -> VerificationKey:
    """Every proof of the set verified; trust is judged on the one that the issuer made, if any."""
    keys = [proof.key for proof in verified.proofs]
    return next((key for key in keys if key.controller == issuer_id), keys[0])


def _asked(policy: Policy, now: dt.datetime) -> Expectation:
    if policy.proof_only:
        return Expectation("authentication", now)
    if policy.question:
        return Expectation("authentication", now, policy.question.nonce, policy.question.audience)
    return Expectation("authentication", now, domain=BEARER, expiry_required=True)


def _credentials(presentation: Json) -> list[Json]:
    found = [
        an_object(item, "verifiableCredential") for item in many(presentation.get("verifiableCredential"))
    ]
    if len(found) > limits.CREDENTIALS_PER_PRESENTATION:
        raise LimitError("presentation.too_many", limit=limits.CREDENTIALS_PER_PRESENTATION)
    return found


def _shown(page: Log, verified: Verified, policy: Policy) -> None:
    expires = [proof.expires.date().isoformat() for proof in verified.proofs if proof.expires]
    if policy.question:
        page.passed("holder", "holder.live")
    elif not policy.proof_only:
        page.passed("holder", "holder.bearer", until=min(expires))


def _holder(log: Log, opened: Opened, presenters: Collection[str] | None, policy: Policy) -> None:
    facts = opened.facts
    if not facts.bound:
        log.not_applicable("holder", "holder.unbound", caution=True)
    elif presenters is None and policy.question:
        log.fail("holder", ProofVerificationError("holder.missing"))
    elif presenters is None:
        log.not_applicable("holder", "holder.not_shown")
    elif facts.holder_id in presenters:
        log.passed("holder", "holder.live" if policy.question else "holder.presented")
    else:
        log.fail("holder", ProofVerificationError("holder.other_key"))


def _suites(verified: Verified) -> str:
    return ", ".join(sorted({proof.cryptosuite for proof in verified.proofs}))
