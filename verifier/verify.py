"""Verify: whatever was received in, a report out. Never raises on its input.

    read -> per part: signature -> key -> dates -> status -> holder -> schema -> issuer -> endorsements

A part whose signature does not hold ends there, and nothing that it says is repeated.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from boundary.sources import Source
from exchange import presentation
from exchange.presentation import Part, SdJwtPart
from keys.resolver import Resolver
from proofs.suite import Cryptosuite
from verifier import checks, countersigned, jsonld, sdjwt
from verifier.opened import Opened
from verifier.policy import Policy
from verifier.report import CredentialReport, Log, Report


@dataclass(frozen=True)
class Verifier:
    """What verification needs beside the input: the accepted suites, where keys and lists come from.

    ``suites`` are those that the policy accepts; ``web`` gives published documents by URL, from pinned
    folders or through the guarded fetcher.
    """

    policy: Policy
    suites: Mapping[str, Cryptosuite]
    keys: Resolver
    web: Source

    def verify(self, data: bytes, now: dt.datetime) -> Report:
        """Return the report on ``data``: a credential or presentation in any form that we know."""
        log = Log()
        parts = log.run("format", lambda: presentation.read(data), "format.recognized")
        if parts is None:
            return Report(now, log.steps, ())
        opened: list[tuple[Log, Opened | None]] = []
        for part in parts:
            opened += self._open(part, log, now)
        for part_log, document in opened:
            if document and not self.policy.proof_only:
                self._check(part_log, document, now)
        return Report(now, log.steps, self._reports(opened))

    def _open(self, part: Part, page: Log, now: dt.datetime) -> list[tuple[Log, Opened | None]]:
        if isinstance(part, SdJwtPart):
            return [sdjwt.open_part(part, self.policy, self.keys, now)]
        if part.kind == "credential":
            return [jsonld.open_credential(part.document, None, self.policy, self.suites, self.keys, now)]
        return jsonld.open_presentation(part.document, page, self.policy, self.suites, self.keys, now)

    def _check(self, log: Log, opened: Opened, now: dt.datetime) -> None:
        checks.issuer_key(log, opened)
        checks.dates(log, opened.facts, now, self.policy.skew)
        checks.status(log, opened.facts, self.web, self.keys, self.suites, now)
        checks.schema(log, opened)
        checks.issuer(log, opened.facts)

    def _reports(self, opened: list[tuple[Log, Opened | None]]) -> tuple[CredentialReport, ...]:
        if self.policy.proof_only:
            return tuple(CredentialReport(log.steps, document) for log, document in opened)
        return countersigned.reports(opened)
