"""Open JSON-LD documents secured by Data Integrity: credentials, and presentations of some."""

import datetime as dt
from typing import Final

from boundary.shape import many
from boundary.strict_json import Json
from credentials import digests, model
from credentials.facts import facts_ld
from exchange import presentation
from problems import (
    InvalidChallengeError,
    InvalidDomainError,
    Problem,
    ProofVerificationError,
)
from proofs import data_integrity
from proofs.data_integrity import Expectation, Verified, VerifiedProof
from verifier import checks, holder
from verifier.conditions import Conditions
from verifier.holder import Presented, Presenters
from verifier.opened import Opened
from verifier.policy import Question
from verifier.report import Line, Log, StepName
from verifier.signature import Watching

_BEYOND_US: Final = "context.unknown"  # words that nobody here knows: changed or not, who can say
_TIMES: Final = frozenset(
    {"proof.expired", "proof.expires_missing", "proof.created_in_future", "holder.too_old", "holder.undated"}
)


def open_presentation(document: Json, page: Log, given: Conditions) -> Presented | None:
    """Verify the presentation's own proofs, write them down on ``page``; return what it holds."""
    watching = Watching(given.keys)
    try:
        verified = data_integrity.verify(document, given.suites, watching, _asked(document, given))
        _require_fresh(verified, given)
    except Problem as problem:
        page.fail(_step(problem, watching), holder.refused(problem, given.policy))
        return None
    page.passed("integrity", "integrity.intact", suite=_suites(verified))
    return page.attempt("format", lambda: _presented(verified, given))


def open_credential(document: Json, by: Presenters | None, given: Conditions) -> Line:
    """Open one credential. ``by`` signed the presentation it came in; None: it came alone."""
    log, watching = Log(), Watching(given.keys)
    expect = Expectation("assertionMethod", given.now)
    if given.policy.proof_only and _is_own_word(document, by):
        return checks.proof_only(log), None
    try:
        verified = data_integrity.verify(document, given.suites, watching, expect)
    except Problem as problem:
        log.fail(watching.step(problem), problem, undecided=problem.code == _BEYOND_US)
        return log, None
    log.passed("integrity", "integrity.intact", suite=_suites(verified))
    if given.policy.proof_only:
        return checks.proof_only(log), None
    opened = log.attempt("schema", lambda: _opened(verified, document))
    if opened is None or not checks.issuer_key(log, opened):
        return log, None
    return log, opened if holder.check(log, opened.facts, by, given.policy) else None


def _is_own_word(document: Json, by: Presenters | None) -> bool:
    """Whether the only signature on a credential is that of the presentation, by its issuer (VCDM §4.13.3).

    Nothing follows from such a word; to say that its signature holds is all that is asked here.
    """
    return by is not None and "proof" not in document and facts_ld(document).issuer_id in by.names


def _opened(verified: Verified, secured: Json) -> Opened:
    """``secured`` gives the digests alone, of the one proof that trust is judged on: whoever adds a proof of
    their own must not lend the credential another one's name."""
    model.check_credential(verified.document, at_issue=False)
    checks.refuse_status_list(verified.document)
    facts = facts_ld(verified.document)
    proof = _proof_of(facts.issuer_id, verified)
    made = many(secured.get("proof"))[verified.proofs.index(proof)]
    named = digests.of_json_ld({**verified.document, "proof": made})
    return Opened(verified.document, facts, proof.key, proof.created, named)


def _proof_of(issuer_id: str, verified: Verified) -> VerifiedProof:
    """Every proof of the set verified; trust is judged on the best that the issuer made, if any."""
    return min(
        verified.proofs,
        key=lambda proof: (proof.key.controller != issuer_id, proof.key.revoked is not None),
    )


def _asked(document: Json, given: Conditions) -> Expectation:
    policy = given.policy
    if policy.proof_only:
        return _whatever(document, policy.question, given.now)
    if policy.question:
        return Expectation("authentication", given.now, policy.question.nonce, policy.question.audience)
    return Expectation("authentication", given.now, domain=policy.bearer_audience, expiry_required=True)


def _whatever(document: Json, question: Question | None, now: dt.datetime) -> Expectation:
    """Return what the first proof says of itself, for whoever wants to know of the signature alone.

    What they asked, in full or in part, must still be what it says.
    """
    first = next((proof for proof in many(document.get("proof")) if isinstance(proof, dict)), {})
    challenge, domain = first.get("challenge"), first.get("domain")
    asked = question or Question("", "")
    return Expectation(
        "authentication",
        now,
        asked.nonce or (challenge if isinstance(challenge, str) else None),
        asked.audience or (domain if isinstance(domain, str) else None),
    )


def _require_fresh(verified: Verified, given: Conditions) -> None:
    """What is shown to whoever comes must say when it was made, so that no copy lives for ever."""
    policy = given.policy
    if policy.proof_only:
        return
    age = policy.answer_age if policy.question else policy.bearer_age
    for proof in verified.proofs:
        if proof.created is None:
            raise ProofVerificationError("holder.undated")
        if proof.created and given.now > proof.created + age + policy.skew:
            raise ProofVerificationError("holder.too_old", at=proof.created.date().isoformat())


def _step(problem: Problem, watching: Watching) -> StepName:
    about_holder = isinstance(problem, InvalidChallengeError | InvalidDomainError) or problem.code in _TIMES
    return "holder" if about_holder or watching.step(problem) == "issuer_key" else "integrity"


def _presented(verified: Verified, given: Conditions) -> Presented:
    model.check_presentation(verified.document, type_urls=given.policy.proof_only)
    until = min((proof.expires for proof in verified.proofs if proof.expires), default=None)
    by = holder.presenters((proof.key for proof in verified.proofs), until)
    return Presented(presentation.contained(verified.document), by)


def _suites(verified: Verified) -> str:
    return ", ".join(sorted({proof.cryptosuite for proof in verified.proofs}))
