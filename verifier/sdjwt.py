"""Open an SD-JWT VC: the issuer's signature, the disclosures, the holder's binding."""

import datetime as dt
from dataclasses import replace

from credentials import digests
from credentials.facts import facts_sd
from exchange.presentation import BEARER, SdJwtPart
from keys.resolver import Resolver
from problems import Problem
from proofs import sd_jwt
from proofs.sd_jwt import HolderExpectation, SdJwt, VerifiedSdJwt
from verifier.opened import Opened, Watching
from verifier.policy import Policy
from verifier.report import Log


def open_part(part: SdJwtPart, policy: Policy, keys: Resolver, now: dt.datetime) -> tuple[Log, Opened | None]:
    log, watching = Log(), Watching(keys)
    try:
        parsed = sd_jwt.parse(part.text)
        expected = _expected(parsed, policy)
        verified = sd_jwt.verify(part.text, watching, now=now, holder=expected, skew=policy.skew)
    except Problem as problem:
        _failed(log, problem, watching)
        return log, None
    log.passed("integrity", "integrity.intact", suite="SD-JWT")
    if policy.proof_only:
        return log, None
    try:
        facts = facts_sd(verified.payload)
    except Problem as problem:
        log.fail("schema", problem)
        return log, None
    facts = replace(facts, issuer_id=facts.issuer_id or verified.key.controller)  # ``iss`` may be left out
    opened = Opened(verified.payload, facts, verified.key, digests.of_sd_jwt_part(parsed))
    _holder(log, opened, verified, policy)
    return log, opened


def _expected(parsed: SdJwt, policy: Policy) -> HolderExpectation | None:
    """Whether a binding is needed is the policy's to say; one that is there is checked in any case."""
    if policy.question:
        return HolderExpectation(policy.question.audience, policy.question.nonce, policy.answer_age)
    if parsed.key_binding is None or policy.proof_only:
        return None
    return HolderExpectation(BEARER, None, policy.bearer_age, expiry_required=True)


def _failed(log: Log, problem: Problem, watching: Watching) -> None:
    if problem.code.startswith("kb."):  # the credential stands, the presentation does not
        log.passed("integrity", "integrity.intact", suite="SD-JWT")
        log.fail("holder", problem)
    else:
        log.fail("issuer_key" if watching.problem is problem else "integrity", problem)


def _holder(log: Log, opened: Opened, verified: VerifiedSdJwt, policy: Policy) -> None:
    if verified.holder is None:
        code = "holder.not_shown" if opened.facts.bound else "holder.unbound"
        log.not_applicable("holder", code, caution=not opened.facts.bound)
    elif policy.question:
        log.passed("holder", "holder.live")
    else:
        until = verified.holder.expires.date().isoformat() if verified.holder.expires else None
        log.passed("holder", "holder.bearer", until=until)
