"""Publish: the status lists that the ledger knows, signed, each with the address it goes to."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, write
from credentials.forms import WHOLE
from credentials.status import bitstring, token, token_cwt
from credentials.status.check import revoked_in
from credentials.status_references import StatusReference
from issuer.desk import Desk
from issuer.order import stamp
from problems import Problem
from proofs import SUITES, data_integrity
from proofs.cose import sign1
from proofs.suite import ProofOptions
from storage.issuance import Ledger, StatusKind

LIFETIME: Final = dt.timedelta(days=7)
FRESH: Final = dt.timedelta(days=2)
"""``ttl``: lists are published daily, and a day on which that failed is forgiven."""
CWT_SUFFIX: Final = ".cwt"


@dataclass(frozen=True)
class Published:
    url: str
    body: bytes


Before = Callable[[str], bytes | None]
"""Gives what stands at an address now, if anything does."""


def publish(
    desk: Desk, ledger: Ledger, now: dt.datetime, before: Before = lambda _: None
) -> Iterator[Published]:
    """Yield every status list as it stands at ``now``; it holds for :data:`LIFETIME`.

    What the lists published ``before`` say is revoked stays revoked, even if the ledger was restored from
    a copy that had not heard of it; lists that are not the desk's own, or damaged, say nothing.
    """
    for kind, number in ledger.lists():
        yield from publish_list(desk, ledger, kind, number, now, before)


def publish_list(
    desk: Desk,
    ledger: Ledger,
    kind: StatusKind,
    number: int,
    now: dt.datetime,
    before: Before = lambda _: None,
) -> Iterator[Published]:
    """Yield one of the lists of :func:`publish`, at each of its addresses."""
    moment = now.astimezone(dt.UTC).replace(microsecond=0)
    lists = _token_lists if kind == "token" else _bitstring_lists
    yield from lists(desk, ledger, number, moment, _Told(desk, before, moment))


@dataclass(frozen=True)
class _Told:
    """The revocations that were published."""

    desk: Desk
    before: Before
    now: dt.datetime

    def __call__(self, kind: StatusKind, number: int) -> frozenset[int]:
        url = self.desk.list_url(kind, number)
        body = self.before(url)
        if body is None or self.desk.keys is None:
            return frozenset()
        reference = StatusReference(kind, url, 0, "revocation")
        try:
            return revoked_in(
                reference, body, issuer=self.desk.did, keys=self.desk.keys, suites=SUITES, now=self.now
            )
        except Problem:
            return frozenset()


def _token_lists(
    desk: Desk, ledger: Ledger, number: int, now: dt.datetime, told: _Told
) -> Iterator[Published]:
    """One list in two forms at one address (draft-20 §8.1), told apart by what the asker accepts.

    Files have one form each: the CWT stands beside the JWT, for a web server that negotiates.
    """
    url = desk.list_url("token", number)
    states = {entry.index: entry.value for entry in ledger.listed("token", number)}
    states |= dict.fromkeys(told("token", number), "revoked")
    payload = token.list_payload(url, states, issued_at=now, expires_at=now + LIFETIME, ttl=FRESH)
    signer = desk.for_tokens
    yield Published(url, token.sign_list(payload, signer).encode())
    if signer.algorithm in sign1.ALGORITHMS.values():
        yield Published(url + CWT_SUFFIX, token_cwt.sign_list(payload, signer))


def _bitstring_lists(
    desk: Desk, ledger: Ledger, number: int, now: dt.datetime, told: _Told
) -> Iterator[Published]:
    """A bitstring list speaks of one purpose, so each number has two, over the same indexes."""
    states = {entry.index: entry.value for entry in ledger.listed("bitstring", number)}
    states |= dict.fromkeys(told("bitstring", number), "revoked")
    purposes: tuple[tuple[bitstring.Purpose, str], ...] = (
        ("revocation", "revoked"),
        ("suspension", "suspended"),
    )
    for purpose, value in purposes:
        url = desk.list_url("bitstring", number, purpose)
        document = bitstring.list_credential(
            url,
            desk.did,
            purpose,
            [index for index, state in states.items() if state == value],
            valid_from=now,
            valid_until=now + LIFETIME,
        )
        yield Published(url, _signed(document, desk, now))


def _signed(document: Json, desk: Desk, now: dt.datetime) -> bytes:
    options = ProofOptions(created=stamp(now))
    for signer in desk.for_lists:
        document = data_integrity.add_proof(document, SUITES[WHOLE[signer.algorithm]], options, signer)
    return write(document).encode()
