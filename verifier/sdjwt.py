"""Open an SD-JWT VC: the issuer's signature, the disclosures, the holder's binding."""

from typing import Final

from credentials import digests, model
from credentials.facts import facts_sd
from credentials.members import moment
from credentials.published import check_integrity
from exchange.presentation import SdJwtPart
from keys.resolver import Resolver
from problems import Problem
from proofs import sd_jwt
from proofs.sd_jwt import SdJwt, VerifiedSdJwt
from verifier import checks, holder
from verifier.conditions import Conditions
from verifier.holder import Presenters
from verifier.opened import Opened
from verifier.report import Line, Log
from verifier.signature import Watching, refuse

_SUITE: Final = "SD-JWT"


def open_part(part: SdJwtPart, by: Presenters | None, given: Conditions) -> Line:
    """Return the credential of ``part`` with the steps so far; None in its place when one failed.

    ``by`` signed the presentation it came in; None: it came alone.
    """
    log, watching = Log(), Watching(given.keys)
    try:
        verified = _verified(part.text, watching, given)
    except Problem as problem:
        refuse(log, problem, watching, given.policy, _SUITE)
        return log, None
    log.passed("integrity", "integrity.intact", suite=_SUITE)
    if given.policy.proof_only:
        return checks.proof_only(log), None
    opened = log.attempt("schema", lambda: _opened(verified))
    if opened is None or not checks.issuer_key(log, opened):
        return log, None
    shown = holder.check(log, opened.facts, holder.together(by, verified.holder), given.policy)
    return log, opened if shown else None


def _verified(text: str, keys: Resolver, given: Conditions) -> VerifiedSdJwt:
    """A binding that is there is checked in any case; that one is missing is noticed afterwards."""
    policy = given.policy
    unbound = policy.proof_only or sd_jwt.parse(text).key_binding is None
    expected = None if unbound else holder.expectation(policy)
    return sd_jwt.verify(text, keys, now=given.now, holder=expected, skew=policy.skew, anchors=policy.anchors)


def _opened(verified: VerifiedSdJwt) -> Opened:
    """``iss`` may be left out: the issuer is then who controls the key (SD-JWT VC §3.5)."""
    model.check_sd_payload(verified.payload)
    check_integrity(verified.payload)
    return Opened(
        verified.payload,
        facts_sd({"iss": verified.key.controller, **verified.payload}),
        verified.key,
        moment(verified.payload, "iat"),
        digests.of_sd_jwt_part(SdJwt(verified.issuer_jwt)),
    )
