"""Put endorsements beside what they endorse, or say that they are attached to nothing.

An endorsement counts only if it verifies itself, and if digest, holder and a *shown* skill match
(MODEL, "Digests for endorsement"). It never upgrades the line of the credential's own issuer.
"""

from credentials import endorsement
from credentials.endorsement import Attached
from verifier.opened import Opened
from verifier.report import Countersigned, CredentialReport, Log

Parts = list[tuple[Log, Opened | None]]


def reports(parts: Parts) -> tuple[CredentialReport, ...]:
    """Return one report per part, endorsements attached where they belong."""
    confirmed: dict[int, list[Countersigned]] = {index: [] for index in range(len(parts))}
    for log, opened in parts:
        if opened and opened.facts.endorsement:
            _attach(log, opened, parts, confirmed)
    return tuple(
        CredentialReport(log.steps, opened, tuple(confirmed[index]))
        for index, (log, opened) in enumerate(parts)
    )


def _attach(log: Log, opened: Opened, parts: Parts, confirmed: dict[int, list[Countersigned]]) -> None:
    sound = all(step.outcome in ("passed", "not_applicable") for step in log.steps)
    if not sound or opened.facts.self_declared:  # nobody countersigns for themselves
        log.not_applicable("endorsement", "endorsement.not_counted")
        return
    count = 0
    for index, (_, target) in enumerate(parts):
        if target and target is not opened:
            found = endorsement.match(opened.facts, target.facts, target.digests)
            confirmed[index] += [_confirmation(opened, skill) for skill in found]
            count += len(found)
    if count:
        log.passed("endorsement", "endorsement.attached", count=count)
    else:
        log.not_applicable("endorsement", "endorsement.not_attached", caution=True)


def _confirmation(opened: Opened, attached: Attached) -> Countersigned:
    facts = opened.facts
    return Countersigned(
        attached.endorsed, facts.issuer_name or facts.issuer_id, facts.issuer_id, attached.relationship
    )
