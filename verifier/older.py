"""Open presentations in tokens of VCDM 1.1, for their signature alone: see :mod:`proofs.older_token`."""

from credentials.token_facts import check_enveloped_presentation
from exchange import presentation
from exchange.presentation import OlderPart
from problems import Problem, ProofVerificationError
from proofs import older_token
from proofs.older_token import VerifiedOlder
from verifier import holder
from verifier.conditions import Conditions
from verifier.holder import Presented
from verifier.report import Log
from verifier.signature import Watching

_SUITE = "JWT"


def open_presentation(part: OlderPart, page: Log, given: Conditions) -> Presented | None:
    """Verify the presentation's own signature, write it down on ``page``; return what it holds."""
    watching = Watching(given.keys)
    try:
        verified = _verified(part, watching, given)
    except Problem as problem:
        page.fail("holder" if problem.code.startswith("kb.") else watching.step(problem), problem)
        return None
    page.passed("integrity", "integrity.intact", suite=_SUITE)
    return page.attempt("format", lambda: _presented(verified))


def _verified(part: OlderPart, watching: Watching, given: Conditions) -> VerifiedOlder:
    if not given.policy.proof_only:
        raise ProofVerificationError("jose.nested_document", name="vp")
    verified = older_token.verify(part.text, watching, now=given.now, skew=given.policy.skew)
    holder.require_asked(verified.claims, given.policy)
    return verified


def _presented(verified: VerifiedOlder) -> Presented:
    check_enveloped_presentation(verified.document, type_urls=True)
    return Presented(presentation.contained(verified.document), holder.presenters([verified.key], None))
