"""Hold a wallet's answer against what was asked (OpenID4VP 1.0 §8.6): nothing missing, nothing else."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from boundary import strict_json
from boundary.shape import many
from boundary.strict_json import Json
from exchange import dcql, presentation
from exchange.dcql import Candidate, CredentialQuery
from exchange.openid4vp import candidates, transaction
from exchange.openid4vp.request import AuthorizationRequest
from exchange.openid4vp.response import VpToken
from exchange.presentation import Part, SdJwtPart, TokenPart
from problems import Problem, ProtocolError
from proofs import jws, sd_jwt
from verifier.opened import Opened
from verifier.policy import Question
from verifier.report import Report

Judge: TypeAlias = Callable[[bytes, Question | None, dt.datetime], Report]
"""From a presentation, and what it must be bound to, to the report on it. Never raises on its input."""
Checked: TypeAlias = Mapping[str, Sequence[Report]]


def check(asked: AuthorizationRequest, given: VpToken, judge: Judge, now: dt.datetime) -> Checked:
    """Return the reports on what was given for each credential query.

    Raises ProtocolError ``invalid_request``: ``vp.unknown_query`` for what was not asked,
    ``vp.not_proved`` for what nobody signed or the holder did not bind to this request,
    ``vp.query_not_satisfied`` for what does not answer the query or is missing. What a report says beyond
    that (withdrawn, expired) is for whoever asked.
    """
    unknown = [name for name in given if asked.query.by_id(name) is None]
    if unknown:
        raise ProtocolError("vp.unknown_query", error="invalid_request")
    if not dcql.satisfied(asked.query, given.keys()):
        raise ProtocolError("vp.query_not_satisfied", error="invalid_request")
    checked = {
        one.id: [_checked(one, shown, asked, judge, now) for shown in _counted(one, given[one.id])]
        for one in asked.query.credentials
        if one.id in given
    }
    _check_transactions(asked, given)
    return checked


def _counted(one: CredentialQuery, shown: Sequence[str | Json]) -> Sequence[str | Json]:
    if len(shown) > 1 and not one.multiple:
        raise ProtocolError("vp.query_not_satisfied", error="invalid_request")
    return shown


def _checked(
    one: CredentialQuery, shown: str | Json, asked: AuthorizationRequest, judge: Judge, now: dt.datetime
) -> Report:
    data = (shown if isinstance(shown, str) else strict_json.write(shown)).encode()
    question = Question(asked.client_id, asked.nonce) if one.holder_binding else None
    report = judge(data, question, now)
    part = _part(data)
    opened = [credential.opened for credential in report.credentials]
    found = [_candidate(part, credential) for credential in opened if credential is not None]
    if not found or len(found) != len(opened) or any(step.outcome == "failed" for step in report.steps):
        raise ProtocolError("vp.not_proved", error="invalid_request")
    if len(found) != 1 or not dcql.matches(one, found):
        raise ProtocolError("vp.query_not_satisfied", error="invalid_request")
    return report


def _part(data: bytes) -> Part:
    """§8.1: each element of a ``vp_token`` is one presentation."""
    try:
        [part] = presentation.read(data)
    except (Problem, ValueError):
        raise ProtocolError("vp.answer", error="invalid_request") from None
    return part


def _candidate(part: Part, opened: Opened) -> Candidate:
    bound = opened.facts.holder_key is not None
    if isinstance(part, SdJwtPart):
        return candidates.of_sd_jwt("", opened.document, bound=bound)
    form = candidates.JWT if isinstance(part, TokenPart) else candidates.JSON_LD
    return candidates.of_credential("", opened.document, bound=bound, form=form)


def _check_transactions(asked: AuthorizationRequest, given: VpToken) -> None:
    """App. B.3.3.1: each transaction is signed, as a hash, with one of the credentials that it names; and
    nothing is signed that was not asked of that credential."""
    wanted = [transaction.read(one, asked.query) for one in asked.transaction_data]
    signed = {name: [_signed_hashes(one) for one in shown] for name, shown in given.items()}
    for one in wanted:
        if not any(_each(one.digest, signed.get(name, [])) for name in one.queries):
            raise ProtocolError("vp.transaction_data_hash", error=transaction.ERROR)
    for name, hashes in signed.items():
        known = {one.digest for one in wanted if name in one.queries}
        if any(not set(found) <= known for found in hashes):
            raise ProtocolError("vp.transaction_data_hash", error=transaction.ERROR)


def _each(digest: str, hashes: Sequence[Sequence[str]]) -> bool:
    return bool(hashes) and all(digest in found for found in hashes)


def _signed_hashes(shown: str | Json) -> list[str]:
    """Return what a Key Binding JWT says was approved; nothing for whatever has none."""
    try:
        binding = sd_jwt.parse(shown).key_binding if isinstance(shown, str) else None
    except Problem:  # a token of another kind
        return []
    claims = jws.claims(jws.parse(binding)) if binding else {}
    if claims.get("transaction_data_hashes_alg", transaction.ALGORITHM) != transaction.ALGORITHM:
        raise ProtocolError("vp.transaction_data_hash", error=transaction.ERROR)
    return [str(one) for one in many(claims.get("transaction_data_hashes"))]
