"""What a verifier insists on, as data passed in: nothing of it is ever read from what was shown."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from exchange.presentation import BEARER
from proofs.certified import Anchors

ACCEPTED_SUITES: Final = frozenset(
    {
        "eddsa-rdfc-2022", "ecdsa-rdfc-2019", "eddsa-jcs-2022", "ecdsa-jcs-2019", "ecdsa-sd-2023",
        "bbs-2023", "mldsa44-rdfc-2024", "mldsa44-jcs-2024",
        "Ed25519Signature2020",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What this verifier asked for, and what a presentation must therefore be bound to.

    Who looks at the proof only may leave one of them empty: whatever the proof says there is then taken.
    """

    audience: str
    nonce: str


@dataclass(frozen=True)
class Policy:
    """``question`` None accepts what was made for any reader: a bearer presentation, which must carry an
    expiry, or a credential that nobody presents. ``proof_only`` looks at the proof and nothing else, with
    the contexts that the official vectors use. ``stale_lists`` says what to make of a status list that
    holds, though its issuer asks for a fresh copy by now (``ttl``): ``unknown``, or ``told`` to a person
    with its age. ``anchors`` are the authorities whose certificates name issuers of SD-JWT VCs.
    ``bearer_audience`` is for whom a bearer presentation must be made: one that came in a link
    (:mod:`exchange.share_link`) for that link, and for no other.
    """

    question: Question | None = None
    suites: Collection[str] = ACCEPTED_SUITES
    proof_only: bool = False
    skew: dt.timedelta = dt.timedelta(minutes=5)
    answer_age: dt.timedelta = dt.timedelta(minutes=10)
    bearer_age: dt.timedelta = dt.timedelta(days=92)
    stale_lists: Literal["unknown", "told"] = "unknown"
    anchors: Anchors = ()
    bearer_audience: str = BEARER
