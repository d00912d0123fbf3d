"""A holder's wallet on this machine: its vault opened, and what it takes in verified first."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from boundary.sources import Source
from boundary.strict_json import write
from contexts import PRODUCT
from credentials.twin import Twin
from exchange import presentation
from exchange.presentation import JsonLdPart
from keys.dids.resolve import resolver
from keys.signer import Secrets
from problems import InputError, NotFoundError
from proofs import SUITES, data_integrity
from proofs.cose import envelope as cose
from proofs.legacy import known_suites
from storage.sqlite.vault import SqliteVault
from verifier import baked
from verifier.extract import extract
from verifier.policy import Policy
from verifier.report import Report
from verifier.verify import Verifier
from wallet import hold, twins
from wallet.contents import Held
from wallet.opened import open_json_ld
from wallet.vault import Vault


def create(path: Path, secrets: Secrets) -> str:
    """Make an empty vault at ``path``; return its recovery code, shown this once."""
    store = SqliteVault(path)
    try:
        return Vault.create(store, secrets("wallet_passphrase"))[1]
    finally:
        store.close()


@contextmanager
def opened(path: Path, secrets: Secrets) -> Iterator[Vault]:
    """Open the vault at ``path`` for the length of the block; raise NotFoundError when there is none."""
    if not path.exists():
        raise NotFoundError("wallet.none")
    store = SqliteVault(path)
    try:
        yield Vault.open(store, secrets("wallet_passphrase"))
    finally:
        store.close()


def verifier(web: Source, policy: Policy | None = None) -> Verifier:
    """Return the verifier of the product's contexts and suites."""
    return Verifier(policy or Policy(), known_suites(PRODUCT), resolver(web), web)


def take(body: bytes, vault: Vault, verifier: Verifier, now: dt.datetime) -> Held:
    """Verify a credential and keep it. Raises what :func:`wallet.hold.take` and :func:`sound` raise."""
    body = _delivered(body)
    if not cose.is_message(body):  # a text, and whoever copied it may have added a line
        body = body.strip()
    return hold.take(body, vault, now, lambda data, _media: sound(verifier.verify(whole(data), now)))


def _delivered(body: bytes) -> bytes:
    """Return the credential of a badge that comes baked into a picture; anything else as it is."""
    if not (baked.is_svg(body) or body.startswith(baked.PNG)):
        return body
    contents = [document.content for document in extract(body).documents]
    return contents[0] if len(contents) == 1 and isinstance(contents[0], bytes) else body


def take_twin(body: bytes, vault: Vault, verifier: Verifier) -> Held:
    """Verify a twin and keep it with its credential. Raises what :func:`wallet.twins.take_twin` raises."""

    def signed_by_its_issuer(taken: Twin) -> None:
        key = verifier.keys.resolve(taken.key_name, "assertionMethod")
        if key.controller != taken.issuer or key.revoked:
            raise InputError("wallet.not_verified", step="issuer_key", cause="issuer_key.withdrawn")
        taken.verify(key.alone())

    return twins.take_twin(body, vault, signed_by_its_issuer)


def whole(body: bytes) -> bytes:
    """Return what a verifier can check of a credential as its issuer delivers it.

    A credential that discloses selectively comes with its base proof, which is the holder's alone: what
    is checked is a derivation of it that shows everything.
    """
    part = presentation.read(body)[0]
    if not isinstance(part, JsonLdPart) or part.kind == "presentation":
        return body
    opened = open_json_ld(part.document)
    if opened.whole:
        return body
    return write(data_integrity.derive(part.document, SUITES, opened.pointers)).encode()


def sound(report: Report) -> None:
    """Refuse to keep what did not verify: a step other than the dates failed, or the key is unknown.

    A status list that cannot be had does not matter here: the wallet asks again when it shows.
    """
    steps = [*report.steps, *(step for credential in report.credentials for step in credential.steps)]
    for step in steps:
        if step.outcome == "failed" and step.name != "dates":
            raise InputError("wallet.not_verified", step=step.name, cause=step.code)
        if step.outcome == "unknown" and step.name != "status":
            raise InputError("wallet.issuer_unreachable", cause=step.code)
