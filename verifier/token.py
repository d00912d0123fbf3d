"""Open VCDM documents in an envelope, JWT, SD-JWT or COSE: credentials, and presentations of some.

What is signed is a text, and what is read is JSON-LD: so the document passes here all that an embedded
proof would ask of it, before anything is made of what it says.
"""

from typing import TypeAlias

from boundary.strict_json import Json
from contexts import PRODUCT
from credentials import digests
from credentials.digests import Digests
from credentials.members import moment
from credentials.token_facts import check_enveloped, check_enveloped_presentation, facts_token
from exchange import presentation
from exchange.presentation import CosePart, TokenPart
from keys.resolver import Resolver
from problems import Problem, RangeError
from proofs import jose, sd_jwt
from proofs.cose import envelope as cose
from proofs.rdf import require_lossless
from proofs.sd_jwt import HolderExpectation, SdJwt
from verifier import checks, holder
from verifier.conditions import Conditions
from verifier.holder import Presented, Presenters
from verifier.opened import Opened
from verifier.report import Line, Log, StepName
from verifier.signature import Watching, refuse

Enveloped: TypeAlias = TokenPart | CosePart
Verified: TypeAlias = jose.Verified | cose.Verified
VerifiedPresentation: TypeAlias = jose.VerifiedPresentation | cose.Verified


def open_credential(part: Enveloped, by: Presenters | None, given: Conditions) -> Line:
    """Open one credential. ``by`` signed the presentation it came in; None: it came alone."""
    log, watching = Log(), Watching(given.keys)
    try:
        verified = _verified(part, watching, given)
    except Problem as problem:
        refuse(log, problem, watching, given.policy, part.form)
        return log, None
    log.passed("integrity", "integrity.intact", suite=part.form)
    if given.policy.proof_only:
        return checks.proof_only(log), None
    opened = log.attempt("schema", lambda: _opened(verified))
    if opened is None or not checks.issuer_key(log, opened):
        return log, None
    shown = holder.check(log, opened.facts, holder.together(by, verified.holder), given.policy)
    return log, opened if shown else None


def open_presentation(part: Enveloped, page: Log, given: Conditions) -> Presented | None:
    """Verify the presentation's own signature, write it down on ``page``; return what it holds."""
    watching = Watching(given.keys)
    try:
        verified = _verified_presentation(part, watching, given)
    except Problem as problem:
        page.fail(_step(problem, watching), holder.refused(problem, given.policy))
        return None
    page.passed("integrity", "integrity.intact", suite=part.form)
    return page.attempt("format", lambda: _presented(verified))


def _verified(part: Enveloped, keys: Resolver, given: Conditions) -> Verified:
    question = given.policy.question
    audience = question.audience if question else None
    if isinstance(part, CosePart):
        verified: Verified = cose.verify(part.form, part.data, keys, audience=audience)
    else:
        verified = _verified_token(part, keys, given, audience)
    _require_json_ld(verified.document, given)
    return verified


def _verified_token(
    part: TokenPart, keys: Resolver, given: Conditions, audience: str | None
) -> jose.Verified:
    """A binding that is there is checked in any case; that one is missing is noticed afterwards."""
    return jose.verify(
        part.form,
        part.text,
        keys,
        now=given.now,
        audience=audience,
        holder=_expected_binding(part, given),
        skew=given.policy.skew,
    )


def _expected_binding(part: TokenPart, given: Conditions) -> HolderExpectation | None:
    if part.form != "vc+sd-jwt" or given.policy.proof_only:
        return None
    return holder.expectation(given.policy) if sd_jwt.parse(part.text).key_binding else None


def _verified_presentation(part: Enveloped, keys: Resolver, given: Conditions) -> VerifiedPresentation:
    now, policy = given.now, given.policy
    expected = None if policy.proof_only else holder.expectation(policy)
    if isinstance(part, CosePart):
        verified: VerifiedPresentation = cose.verify_presentation(
            part.form, part.data, keys, now=now, holder=expected, skew=policy.skew
        )
    else:
        verified = jose.verify_presentation(
            part.form, part.text, keys, now=now, holder=expected, skew=policy.skew
        )
    holder.require_asked(presentation.unverified(part).claims, policy)
    own = {name: value for name, value in verified.document.items() if name != "verifiableCredential"}
    _require_json_ld(own, given)
    return verified


def _require_json_ld(document: Json, given: Conditions) -> None:
    """Whoever reads the document as JSON-LD reads all of it: a member that means nothing is refused."""
    if not given.policy.proof_only:
        require_lossless(document, PRODUCT)


def _opened(verified: Verified) -> Opened:
    check_enveloped(verified.document)
    checks.refuse_status_list(verified.document)
    return Opened(
        verified.document,
        facts_token(verified.document, verified.claims),
        verified.key,
        moment(verified.claims, "iat"),
        _digests(verified),
    )


def _digests(verified: Verified) -> Digests:
    if isinstance(verified, jose.Verified):
        return digests.of_sd_jwt_part(SdJwt(verified.issuer_jwt))
    return digests.of_message(verified.document)


def _presented(verified: VerifiedPresentation) -> Presented:
    check_enveloped_presentation(verified.document)
    until = verified.holder.expires if verified.holder else None
    return Presented(presentation.contained(verified.document), holder.presenters([verified.key], until))


def _step(problem: Problem, watching: Watching) -> StepName:
    """Times and names of a presentation are about its holder, and so is the key that should have signed."""
    about_holder = problem.code.startswith("kb.") or isinstance(problem, RangeError)
    return "holder" if about_holder or watching.step(problem) == "issuer_key" else "integrity"
