"""Publish: the status lists that the ledger knows, signed, each with the address it goes to."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from boundary.strict_json import Json, write
from credentials.forms import WHOLE
from credentials.status import bitstring, token, token_cwt
from issuer.desk import Desk
from issuer.order import stamp
from proofs import SUITES, data_integrity
from proofs.cose import sign1
from proofs.suite import ProofOptions
from storage.issuance import Ledger

LIFETIME: Final = dt.timedelta(days=7)
FRESH: Final = dt.timedelta(days=2)
"""``ttl``: lists are published daily, and a day on which that failed is forgiven."""
CWT_SUFFIX: Final = ".cwt"


@dataclass(frozen=True)
class Published:
    url: str
    body: bytes


def publish(desk: Desk, ledger: Ledger, now: dt.datetime) -> Iterator[Published]:
    """Yield every status list as it stands at ``now``; it holds for :data:`LIFETIME`."""
    moment = now.astimezone(dt.UTC).replace(microsecond=0)
    for kind, number in ledger.lists():
        if kind == "token":
            yield from _token_lists(desk, ledger, number, moment)
        else:
            yield from _bitstring_lists(desk, ledger, number, moment)


def _token_lists(desk: Desk, ledger: Ledger, number: int, now: dt.datetime) -> Iterator[Published]:
    """One list in two forms at one address (draft-20 §8.1), told apart by what the asker accepts.

    Files have one form each: the CWT stands beside the JWT, for a web server that negotiates.
    """
    url = desk.list_url("token", number)
    states = {entry.index: entry.value for entry in ledger.listed("token", number)}
    payload = token.list_payload(url, states, issued_at=now, expires_at=now + LIFETIME, ttl=FRESH)
    signer = desk.for_tokens
    yield Published(url, token.sign_list(payload, signer).encode())
    if signer.algorithm in sign1.ALGORITHMS.values():
        yield Published(url + CWT_SUFFIX, token_cwt.sign_list(payload, signer))


def _bitstring_lists(desk: Desk, ledger: Ledger, number: int, now: dt.datetime) -> Iterator[Published]:
    """A bitstring list speaks of one purpose, so each number has two, over the same indexes."""
    listed = list(ledger.listed("bitstring", number))
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
            [entry.index for entry in listed if entry.value == value],
            valid_from=now,
            valid_until=now + LIFETIME,
        )
        yield Published(url, _signed(document, desk, now))


def _signed(document: Json, desk: Desk, now: dt.datetime) -> bytes:
    options = ProofOptions(created=stamp(now))
    for signer in desk.for_lists:
        document = data_integrity.add_proof(document, SUITES[WHOLE[signer.algorithm]], options, signer)
    return write(document).encode()
