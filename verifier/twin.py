"""Open the offline twin of a credential: a short form, read without network.

It is intact or not, and its issuer's, like any other. Who shows it is known differently: a paper is
anybody's who holds it, a screen is the holder's within a minute. And it says less, and knows less of what
has become of the credential: the report says so, whatever else it finds.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from credentials.digests import Digests
from credentials.twin import Twin, binds, facts_twin
from exchange import offline
from exchange.offline import Shown
from exchange.presentation import TwinPart
from keys.resolver import VerificationKey
from problems import Problem, ProofVerificationError
from verifier import checks
from verifier.conditions import Conditions
from verifier.opened import Opened
from verifier.report import Line, Log
from verifier.signature import Watching

_SUITE = "COSE"


def open_part(part: TwinPart, given: Conditions) -> Line:
    """Return the twin of ``part`` with the steps so far; None in its place when one failed."""
    log, watching = Log(), Watching(given.keys)
    try:
        shown, key = _verified(part.data, watching)
    except Problem as problem:
        log.fail(watching.step(problem), problem)
        return log, None
    log.passed("integrity", "integrity.intact", suite=_SUITE)
    if given.policy.proof_only:
        return checks.proof_only(log), None
    twin = shown.twin
    opened = Opened({}, facts_twin(twin), key, twin.issued_on, (), twin)
    if not checks.issuer_key(log, opened):
        return log, None
    return log, opened if _holder(log, shown, given) else None


def conditions(given: Conditions) -> Conditions:
    """Where there is no network lists grow old: their age is told to a person, who may go on with it."""
    return replace(given, policy=replace(given.policy, stale_lists="told"))


def beside(lines: Sequence[Line]) -> None:
    """Of a twin that is shown beside full credentials, write down whether it is that of one of them."""
    digests = tuple(digest for _, opened in lines if opened for digest in opened.digests)
    for log, opened in lines:
        if digests and opened and opened.twin:
            log.run("schema", partial(_require_own, opened.twin, digests), "twin.beside")


def limits_of(log: Log, twin: Twin) -> None:
    """Say what nobody can know of it here."""
    log.not_applicable("schema", "twin.short", caution=True, at=twin.issued_on.date().isoformat())


def _verified(data: bytes, keys: Watching) -> tuple[Shown, VerificationKey]:
    shown = offline.read(data)
    key = keys.resolve(shown.twin.key_name, "assertionMethod")
    shown.twin.verify(key.alone())
    return shown, key


def _holder(log: Log, shown: Shown, given: Conditions) -> bool:
    if given.policy.question:  # it was made for nobody in particular
        log.fail("holder", ProofVerificationError("twin.no_answer"))
        return False
    if shown.proof is None:
        log.not_applicable("holder", "twin.compare_identity", caution=True)
        return True
    return log.run("holder", lambda: offline.verify_holder(shown, given.now), "twin.shown_now")


def _require_own(twin: Twin, digests: Digests) -> None:
    if not binds(twin, digests):
        raise ProofVerificationError("twin.of_another")
