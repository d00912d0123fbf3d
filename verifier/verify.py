"""Verify: whatever was received in, a report out. Never raises on its input.

    read -> open each part:   signature -> issuer's key -> holder
         -> check each:       dates -> status -> schema -> issuer
         -> endorsements beside what they endorse

A part of which signature, key or holder fail ends there, and nothing that it says is repeated.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from boundary import limits
from boundary.sources import Source
from exchange import presentation
from exchange.presentation import BadgePart, JsonLdPart, OlderPart, Part, SdJwtPart, TwinPart
from keys.resolver import Resolver
from problems import LimitError, ParsingError
from proofs.suite import VerifyingSuite
from verifier import badge, checks, countersigned, jsonld, older, sdjwt, token, twin
from verifier.conditions import Conditions
from verifier.holder import Presented, Presenters
from verifier.opened import Opened
from verifier.policy import Policy
from verifier.report import Line, Log, Report
from verifier.token import Enveloped


@dataclass(frozen=True)
class Verifier:
    """What verification needs beside the input: the suites known, where keys and lists come from.

    Of ``suites`` only those are taken that the policy accepts. ``web`` gives published documents by URL,
    from pinned folders or through the guarded fetcher.
    """

    policy: Policy
    suites: Mapping[str, VerifyingSuite]
    keys: Resolver
    web: Source

    def verify(self, data: bytes, now: dt.datetime) -> Report:
        """Return the report on ``data``: a credential or presentation in any form that we know."""
        given = Conditions(self.policy, self._accepted(), self.keys, self.web, now)
        page = Log()
        parts = page.attempt("format", lambda: _read(data, self.policy))
        if parts is None:
            return Report(now, page.steps, ())
        page.passed("format", "format.recognized")
        lines = [line for part in parts for line in _open(part, page, given)]
        for log, opened in lines:
            if opened is not None:
                _check(log, opened, given)
        twin.beside(lines)
        return Report(now, page.steps, countersigned.reports(lines))

    def _accepted(self) -> Mapping[str, VerifyingSuite]:
        return {name: suite for name, suite in self.suites.items() if name in self.policy.suites}


def _read(data: bytes, policy: Policy) -> list[Part]:
    """Return the parts of ``data``, once it is clear that they hold neither nothing nor too much.

    Who asks about proofs only is content with a presentation that holds none.
    """
    parts = presentation.read(data)
    count = sum(map(presentation.count, parts))
    if count == 0 and not policy.proof_only:
        raise ParsingError("format.no_credential")
    if count > limits.CREDENTIALS_PER_PRESENTATION:
        raise LimitError("presentation.too_many", limit=limits.CREDENTIALS_PER_PRESENTATION)
    return parts


def _open(part: Part, page: Log, given: Conditions) -> list[Line]:
    if isinstance(part, SdJwtPart) or part.kind == "credential":
        return [_open_credential(part, None, given)]
    presented = _open_presentation(part, page, given)
    return [_open_credential(held, presented.by, given) for held in presented.parts] if presented else []


def _open_presentation(
    part: JsonLdPart | OlderPart | Enveloped, page: Log, given: Conditions
) -> Presented | None:
    if isinstance(part, OlderPart):
        return older.open_presentation(part, page, given)
    if isinstance(part, JsonLdPart):
        return jsonld.open_presentation(part.document, page, given)
    return token.open_presentation(part, page, given)


def _open_credential(part: Part, by: Presenters | None, given: Conditions) -> Line:
    """Open one credential, whichever way it is secured. ``by`` signed the presentation it came in."""
    if isinstance(part, SdJwtPart):
        return sdjwt.open_part(part, by, given)
    if isinstance(part, TwinPart):
        return twin.open_part(part, given)
    if isinstance(part, BadgePart):
        return badge.open_credential(part, by, given)
    if isinstance(part, JsonLdPart):
        return jsonld.open_credential(part.document, by, given)
    if isinstance(part, OlderPart):
        raise ParsingError("presentation.no_credential")
    return token.open_credential(part, by, given)


def _check(log: Log, opened: Opened, given: Conditions) -> None:
    if opened.twin:
        given = twin.conditions(given)
    checks.dates(log, opened.facts, given)
    checks.status(log, opened.facts, given)
    if opened.twin:
        twin.limits_of(log, opened.twin)
    else:
        checks.schema(log, opened)
    checks.foreign(log, opened)
    checks.issuer(log, opened)
