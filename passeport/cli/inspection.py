"""One run of ``passeport verify``: what it goes by, what it read on the way, and the receipt for it."""

import datetime as dt
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from boundary import strict_json
from boundary.sources import Remembered
from contexts import CONFORMANCE, PRODUCT
from keys.dids.resolve import resolver
from keys.signer import Signer
from passeport import issuers, receipts
from passeport.cli import disk
from passeport.cli.session import Session, now, secret, web
from passeport.issuers import Issuer
from problems import InputError
from proofs.legacy import known_suites
from storage.sqlite.once import SqliteOnce
from verifier import ask as asking
from verifier import receipt
from verifier.evidence import Witness
from verifier.policy import Policy, Question
from verifier.receipt import CheckedFile, Circumstances
from verifier.report import Report
from verifier.verify import Verifier

_YEARS = range(1970, 2200)


@dataclass(frozen=True)
class Inspection:
    """``at`` is the time that is asked about; keys and lists are asked for once, and noted."""

    policy: Policy
    at: dt.datetime
    witness: Witness
    here: Session

    def verify(self, body: bytes) -> Report:
        """Verify one document; the answer to a question counts once."""
        contexts = CONFORMANCE if self.policy.proof_only else PRODUCT
        keys = resolver(self.witness)
        report = Verifier(self.policy, known_suites(contexts), keys, self.witness).verify(body, self.at)
        if self.policy.question is None:
            return report
        with closing(SqliteOnce(self.here.settings.once)) as once:
            return asking.count(report, once, self.policy.question)


def inspection(
    policy: Policy, at: str | None, pinned: list[Path] | None, *, online: bool, here: Session
) -> Inspection:
    """Raises InputError for a time that is none."""
    source = web(pinned, online=online, settings=here.settings)
    return Inspection(policy, now() if at is None else _moment(at), Witness(Remembered(source)), here)


def question(audience: str | None, nonce: str | None) -> Question | None:
    if audience is None and nonce is None:
        return None
    if not (audience and nonce):
        raise InputError("cli.question_halved")
    return Question(audience, nonce)


@dataclass(frozen=True)
class Notary:
    """Writes the receipt of a run to ``path``, for an organisation whose key was opened before it began."""

    path: Path
    organisation: Issuer
    signer: Signer

    def write(self, files: list[CheckedFile], done: Inspection) -> None:
        given = Circumstances(
            self.organisation.profile.did,
            self.organisation.profile.organisation,
            receipts.SOFTWARE,
            done.policy,
            done.at,
            now(),
            tuple(done.witness.seen),
        )
        disk.write(self.path, strict_json.write(receipt.write(files, given, self.signer)).encode())


def notary(path: Path | None, name: str | None, here: Session) -> Notary | None:
    """Return who signs the receipt, None when none is wanted. Raises InputError for half a wish."""
    if path is None and name is None:
        return None
    if path is None or name is None:
        raise InputError("cli.receipt_halved")
    organisation = issuers.open_issuer(here.settings, name)
    return Notary(path, organisation, receipts.signer(organisation, secret))


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError("cli.time", value=text[:40]) from None
    if moment.year not in _YEARS:
        raise InputError("cli.time", value=text[:40])
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
