"""A receipt: what a verifier keeps to show that they verified, without keeping what was shown to them.

It holds digests, the outcome of each check, the time, the policy and what the verdict relied on; no name,
no claim, no identifier of a person. It is JSON that can be read without a tool, and beside it a token (JWS,
RFC 7515) that names the SHA-256 of its canonical form (RFC 8785), so that any library verifies it.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import rfc8785

from boundary import date_time_stamp, limits, strict_json
from boundary.shape import a_list, a_text, an_object
from boundary.strict_json import Json, JsonValue
from keys.resolver import Resolver
from keys.signer import Signer
from problems import (
    MalformedValueError,
    NotFoundError,
    ParsingError,
    Problem,
    ProofVerificationError,
)
from proofs import jws
from verifier.evidence import Evidence
from verifier.policy import Policy
from verifier.report import CredentialReport, Report, Step
from verifier.several import Outcome

FORMAT: Final = "passeport-receipt/1"
TYP: Final = "passeport-receipt"
"""What keeps a receipt from passing for a credential, and the reverse (RFC 8725 §3.11)."""


@dataclass(frozen=True)
class CheckedFile:
    """A file that was verified: SHA-256 of its bytes, and what became of each document in it."""

    sha256: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Circumstances:
    """Who verified, when, and how: ``as_of`` is the time that was asked about."""

    verifier: str
    name: str
    software: str
    policy: Policy
    as_of: dt.datetime
    signed_at: dt.datetime
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Receipt:
    """A receipt whose signature held. ``content`` is what was signed."""

    content: Json
    verifier: str
    name: str
    signed_at: dt.datetime

    def files(self, sha256: str | None = None) -> list[Json]:
        """Return what it says of every file, or of the one with this digest, wherever that stood.

        Raises NotFoundError when it is about others.
        """
        every = [an_object(item, "files") for item in a_list(self.content.get("files"), "files")]
        found = [one for one in every if sha256 in (None, one.get("sha256"))]
        if not found:
            raise NotFoundError("receipt.other_file")
        return found


def write(files: Iterable[CheckedFile], given: Circumstances, signer: Signer) -> Json:
    """Return the signed receipt."""
    content: Json = {
        "format": FORMAT,
        "verifier": {"id": given.verifier, "name": given.name},
        "software": given.software,
        "signedAt": date_time_stamp.write(given.signed_at),
        "asOf": date_time_stamp.write(given.as_of),
        "policy": _policy(given.policy),
        "evidence": [{"host": one.host, "sha256": one.sha256} for one in sorted(given.evidence)],
        "files": [_file(one) for one in files],
    }
    header: Json = {"typ": TYP, "kid": signer.verification_method}
    return {"receipt": content, "signature": jws.sign(header, {"sha256": _digest(content)}, signer)}


def read(data: bytes, keys: Resolver) -> Receipt:
    """Return the receipt if whom it names signed it.

    Raises ParsingError, MalformedValueError for what is no receipt, ProofVerificationError for one that was
    changed or signed by another, RetrievalError (transient) when the verifier's key cannot be had.
    """
    document = strict_json.read_object(data, limit=limits.RECEIPT_BYTES)
    if document.keys() != {"receipt", "signature"}:
        raise ParsingError("receipt.unrecognized")
    content = an_object(document["receipt"], "receipt")
    if content.get("format") != FORMAT:
        raise ParsingError("receipt.unrecognized")
    receipt = _stated(content)
    _verify(receipt, a_text(document["signature"], "signature"), keys)
    return receipt


def _stated(content: Json) -> Receipt:
    verifier = an_object(content.get("verifier"), "verifier")
    signed_at = date_time_stamp.read(a_text(content.get("signedAt"), "signedAt"), "signedAt")
    name = a_text(verifier.get("name"), "verifier.name")
    return Receipt(content, a_text(verifier.get("id"), "verifier.id"), name, signed_at)


def _verify(receipt: Receipt, signature: str, keys: Resolver) -> None:
    """The key is that of whom the receipt names, and was not withdrawn when it says it was signed."""
    token = jws.parse(signature)
    key = keys.resolve(jws.key_id(token), "assertionMethod")
    jws.verify(token, key.alone(), typ={TYP})
    if jws.claims(token) != {"sha256": _digest(receipt.content)}:
        raise ProofVerificationError("receipt.changed")
    if key.controller != receipt.verifier:
        raise ProofVerificationError("receipt.other_party")
    revoked = key.revoked
    if revoked and (revoked.reason == "compromised" or receipt.signed_at >= revoked.at):
        raise ProofVerificationError("receipt.key_withdrawn", at=revoked.at.date().isoformat())


def _digest(content: Json) -> str:
    try:
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    except rfc8785.CanonicalizationError:
        raise MalformedValueError("receipt.no_canonical_form") from None


def _policy(policy: Policy) -> Json:
    asked = policy.question
    return {
        "question": {"audience": asked.audience, "nonce": asked.nonce} if asked else None,
        "proofOnly": policy.proof_only,
        "suites": [*sorted(policy.suites)],
        "clockSkewSeconds": int(policy.skew.total_seconds()),
        "answerAgeSeconds": int(policy.answer_age.total_seconds()),
        "bearerAgeSeconds": int(policy.bearer_age.total_seconds()),
        "staleLists": policy.stale_lists,
    }


def _file(file: CheckedFile) -> Json:
    return {"sha256": file.sha256, "documents": [_document(outcome) for outcome in file.outcomes]}


def _document(outcome: Outcome) -> Json:
    result, page = outcome.result, outcome.document.page
    if isinstance(result, Problem):
        return {"page": page, "verified": False, "code": result.code}
    return {"page": page, **_report(result)}


def _report(report: Report) -> Json:
    return {
        "verified": report.verified,
        "verdict": report.verdict,
        "steps": [_step(step) for step in report.steps],
        "credentials": [_credential(line) for line in report.credentials],
    }


def _credential(line: CredentialReport) -> Json:
    steps: list[JsonValue] = [_step(step) for step in line.steps]
    return {"verified": line.verified, "verdict": line.verdict, "steps": steps}


def _step(step: Step) -> Json:
    """Facts stay behind, for they may name somebody; of a status list the time that it speaks of is told."""
    row: Json = {"step": step.name, "outcome": step.outcome, "code": step.code, "caution": step.caution}
    if step.name == "status" and (as_of := step.facts.get("as_of")):
        row["asOf"] = as_of
    return row
