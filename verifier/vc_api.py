"""What the VC-API asks of a verifier: each document in the light of what its sender wants checked."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from boundary.shape import many
from boundary.sources import Source
from boundary.strict_json import Json, write
from contexts import CONFORMANCE, PRODUCT
from credentials import model
from credentials.envelopes import TYPES
from credentials.facts import facts_ld
from credentials.token_facts import check_enveloped
from exchange import presentation
from exchange.presentation import BadgePart, CosePart, JsonLdPart, Part, TokenPart
from exchange.vc_api import VerifyRequest
from keys.resolver import Resolver
from problems import (
    InputError,
    InvalidChallengeError,
    InvalidDomainError,
    ProofVerificationError,
)
from proofs import SUITES, badge_token
from proofs.certified import Anchors
from proofs.legacy import known_suites
from proofs.suite import SelectiveCryptosuite, VerifyingSuite
from verifier import checks
from verifier.conditions import Conditions
from verifier.policy import Policy, Question
from verifier.report import CredentialReport, Log, Report
from verifier.verify import Verifier

_PURPOSES: Mapping[str, str] = {"credential": "assertionMethod", "presentation": "authentication"}
_STATUS: Final = "credentialStatus"
_PRODUCT: Mapping[str, VerifyingSuite] = known_suites(PRODUCT)
_CONFORMANCE: Mapping[str, VerifyingSuite] = known_suites(CONFORMANCE)


@dataclass(frozen=True)
class VcApi:
    """Where keys and lists come from. ``proof_only`` looks at the proofs alone, whatever is asked, with the
    contexts that the official vectors use; unless it is asked of the status as well."""

    keys: Resolver
    web: Source
    proof_only: bool = False
    anchors: Anchors = ()

    def verify(self, asked: VerifyRequest, now: dt.datetime) -> Report:
        """Return the report; its ``verified`` decides. Raises a Problem for what no report can be made of."""
        _require_purpose(asked)
        if not (self.proof_only or asked.proof_only):
            return self._report(Policy(question=_whole_question(asked)), asked.document, now)
        if self.proof_only and _is_unsigned(asked):
            return self._unsigned(asked, now)
        report = self._report(Policy(question=_question(asked), proof_only=True), asked.document, now)
        if asked.kind == "presentation":
            report = _even_if_empty(report)
        if not report.verified:
            return report
        _check_model(asked)
        return self._with_status(report, asked, now)

    def _report(self, policy: Policy, document: Json, now: dt.datetime) -> Report:
        known = _CONFORMANCE if self.proof_only else _PRODUCT
        policy = replace(policy, anchors=self.anchors)
        return Verifier(policy, known, self.keys, self.web).verify(write(document).encode(), now)

    def _unsigned(self, asked: VerifyRequest, now: dt.datetime) -> Report:
        """A presentation that nobody signed, whose sender says so: what it holds is looked at."""
        model.check_presentation(asked.document, type_urls=True)
        found = [
            self._report(Policy(proof_only=True), part, now)
            for part in many(asked.document.get("verifiableCredential"))
            if isinstance(part, dict)
        ]
        page = Log()
        page.not_applicable("holder", "holder.not_shown", caution=True)
        steps = (*page.steps, *(step for report in found for step in report.steps))
        credentials = tuple(line for report in found for line in report.credentials)
        return _even_if_empty(Report(now, steps, credentials))

    def _with_status(self, report: Report, asked: VerifyRequest, now: dt.datetime) -> Report:
        if _STATUS not in (asked.checks or ()) or asked.kind != "credential":
            return report
        log = Log()
        given = Conditions(
            Policy(proof_only=True, anchors=self.anchors), _CONFORMANCE, self.keys, self.web, now
        )
        checks.status(log, facts_ld(_document(asked)), given)
        return Report(now, (*report.steps, *log.steps), report.credentials)


def _even_if_empty(report: Report) -> Report:
    """A presentation may hold no credential (VCDM 2.0 §4.13): whoever looks at proofs alone is content."""
    nothing = CredentialReport(checks.proof_only(Log()).steps, None)
    return report if report.credentials else replace(report, credentials=(nothing,))


def _require_purpose(asked: VerifyRequest) -> None:
    """Raise for what the proof of such a document never says."""
    expected = _PURPOSES[asked.kind]
    if asked.purpose not in (None, expected):
        raise ProofVerificationError("proof.purpose", expected=str(asked.purpose)[:80], found=expected)
    if asked.kind == "credential" and asked.domain is not None:
        raise InvalidDomainError("proof.domain")
    if asked.kind == "credential" and asked.challenge is not None:
        raise InvalidChallengeError("proof.challenge")


def _whole_question(asked: VerifyRequest) -> Question | None:
    found = _question(asked)
    if found and not (found.audience and found.nonce):
        raise InputError("vc_api.question_halved")
    return found


def _question(asked: VerifyRequest) -> Question | None:
    if asked.challenge is None and asked.domain is None:
        return None
    return Question(asked.domain or "", asked.challenge or "")


def _is_unsigned(asked: VerifyRequest) -> bool:
    """That a proof is missing is no fault only where its sender asks not to look for one."""
    wanted = asked.checks is None or "proof" in asked.checks
    enveloped = TYPES[asked.kind] in many(asked.document.get("type"))
    return asked.kind == "presentation" and not (wanted or enveloped or "proof" in asked.document)


def _check_model(asked: VerifyRequest) -> None:
    """Raise MalformedValueError for a credential that is none, and for somebody else's word as one's own.

    Types may be URLs, unless one of them is then read: that of a status would be passed over.
    """
    type_urls = _STATUS not in (asked.checks or ())
    if asked.kind == "presentation":
        for credential in _unsecured(asked.document):
            _require_holders_word(asked.document, credential)
    elif TYPES["credential"] in many(asked.document.get("type")) and not _is_older(asked.document):
        check_enveloped(_document(asked), type_urls=type_urls)
    elif not _is_derived(asked.document):
        model.check_credential(_document(asked), at_issue=False, type_urls=type_urls)


def _is_derived(document: Json) -> bool:
    """What was not disclosed may be what the model asks for."""
    proofs = [proof for proof in many(document.get("proof")) if isinstance(proof, dict)]
    return any(isinstance(SUITES.get(str(p.get("cryptosuite"))), SelectiveCryptosuite) for p in proofs)


def _document(asked: VerifyRequest) -> Json:
    """Return the credential that was verified, without proof or envelope."""
    part = _part(asked.document)
    if isinstance(part, BadgePart):
        return badge_token.unverified(part.text)
    if isinstance(part, TokenPart | CosePart):
        return presentation.unverified(part).document
    if isinstance(part, JsonLdPart):
        return {name: value for name, value in part.document.items() if name != "proof"}
    raise InputError("vc_api.form")


def _part(document: Json) -> Part:
    return presentation.read(write(document).encode())[0]


def _is_older(document: Json) -> bool:
    """Whether a token of VCDM 1.1 is in the envelope, in which a document of 1.1 may be."""
    return isinstance(_part(document), BadgePart)


def _unsecured(document: Json) -> Iterator[Json]:
    for credential in many(document.get("verifiableCredential")):
        enveloped = isinstance(credential, dict) and TYPES["credential"] in many(credential.get("type"))
        if isinstance(credential, dict) and not enveloped and "proof" not in credential:
            yield credential


def _require_holders_word(document: Json, credential: Json) -> None:
    """VCDM 2.0 §4.13.3: who declares something about themselves is named as the holder."""
    holder, issuer = (
        value.get("id") if isinstance(value, dict) else value
        for value in (document.get("holder"), credential.get("issuer"))
    )
    if holder is None or holder != issuer:
        raise ProofVerificationError("vc_api.not_holders_word")
