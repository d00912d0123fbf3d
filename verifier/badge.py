"""Open an Open Badge that is a compact token. Badges secured by Data Integrity are opened like any document.

A badge is somebody else's type: what it says is shown as it stands, and never read as a type of ours.
"""

from typing import Final

from boundary.shape import texts
from boundary.strict_json import Json
from credentials import model, templates
from credentials.token_facts import facts_token
from exchange.presentation import BadgePart
from problems import MalformedValueError, Problem
from proofs import badge_token
from proofs.badge_token import VerifiedBadge
from proofs.sd_jwt.claims import moment
from verifier import checks, holder
from verifier.conditions import Conditions
from verifier.holder import Presenters
from verifier.opened import Opened
from verifier.report import Line, Log
from verifier.signature import Watching

_SUITE: Final = "JWT"
_TYPES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential", "ClrCredential"})


def open_credential(part: BadgePart, by: Presenters | None, given: Conditions) -> Line:
    """Open one badge. ``by`` signed the presentation it came in; None: it came alone."""
    log, watching = Log(), Watching(given.keys)
    try:
        verified = badge_token.verify(part.text, watching, given.web)
    except Problem as problem:
        log.fail("issuer_key" if problem.transient else watching.step(problem), problem)
        return log, None
    log.passed("integrity", "integrity.intact", suite=_SUITE)
    if given.policy.proof_only:
        return checks.proof_only(log), None
    opened = log.attempt("schema", lambda: _opened(verified))
    if opened is None or not checks.issuer_key(log, opened):
        return log, None
    return log, opened if holder.check(log, opened.facts, by, given.policy) else None


def _opened(verified: VerifiedBadge) -> Opened:
    _require_badge(verified.document)
    model.check_credential(verified.document, at_issue=False)
    checks.refuse_status_list(verified.document)
    facts = facts_token(verified.document, verified.claims)
    return Opened(verified.document, facts, verified.signer, moment(verified.claims, "iat"), ())


def _require_badge(document: Json) -> None:
    """The older rules hold for badges of others alone: ours are secured in none of these ways."""
    types = texts(document.get("type"), "type")
    if _TYPES.isdisjoint(types) or templates.for_types(types):
        raise MalformedValueError("badge.not_a_badge")
