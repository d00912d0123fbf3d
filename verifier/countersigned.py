"""Put endorsements beside what they endorse, or say that they are attached to nothing.

An endorsement counts only if it verifies itself, if its issuer is known by more than a key, and if
digest, holder and a *shown* skill match (MODEL, "Digests for endorsement"). It never upgrades the line
of the credential's own issuer.
"""

from collections.abc import Sequence

from credentials import endorsement
from credentials.endorsement import Attached
from credentials.facts import Facts
from verifier.opened import Opened
from verifier.report import Countersigned, CredentialReport, Line, Log


def reports(lines: Sequence[Line]) -> tuple[CredentialReport, ...]:
    """Return one report per line, endorsements attached where they belong."""
    beside: list[list[Countersigned]] = [[] for _ in lines]
    for log, opened in lines:
        if opened and opened.facts.endorsement and _counts(log, opened.facts):
            _attach(log, opened, lines, beside)
    return tuple(
        CredentialReport(log.steps, opened, tuple(confirmed))
        for (log, opened), confirmed in zip(lines, beside, strict=True)
    )


def _counts(log: Log, facts: Facts) -> bool:
    """Write down why an endorsement is set aside, if it is; return whether it counts."""
    outcomes = {step.outcome for step in log.steps}
    identified = any(step.code == "issuer.domain" for step in log.steps)
    if "failed" in outcomes:
        log.not_applicable("endorsement", "endorsement.not_counted")
    elif "unknown" in outcomes:
        log.unknown("endorsement", "endorsement.not_checked")
    elif facts.self_declared:  # nobody countersigns for themselves
        log.not_applicable("endorsement", "endorsement.own_words", caution=True)
    elif not identified:  # anybody can make a key, the holder too
        log.not_applicable("endorsement", "endorsement.unknown_party", caution=True)
    else:
        return True
    return False


def _attach(log: Log, opened: Opened, lines: Sequence[Line], beside: list[list[Countersigned]]) -> None:
    count = 0
    for (_, target), confirmed in zip(lines, beside, strict=True):
        if target and target is not opened:
            found = endorsement.match(opened.facts, target.facts, target.digests)
            count += len(found)
            said = [_confirmation(opened.facts, attached) for attached in found]
            confirmed += [one for one in said if one not in confirmed]  # the same word twice is one
    if count:
        log.passed("endorsement", "endorsement.attached", count=count)
    else:
        log.not_applicable("endorsement", "endorsement.not_attached", caution=True)


def _confirmation(facts: Facts, attached: Attached) -> Countersigned:
    name = facts.issuer_name or facts.issuer_id
    return Countersigned(attached.endorsed, name, facts.issuer_id, attached.relationship)
