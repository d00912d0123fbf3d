"""What a verifier insists on, as data passed in: nothing of it is ever read from what was shown."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

ACCEPTED_SUITES: Final = frozenset({"eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023"})


@dataclass(frozen=True)
class Holder:
    """The question that a presentation must answer.

    ``audience`` and ``nonce`` are what this verifier asked for. Without a nonce a bearer presentation is
    accepted: it must carry an expiry, and the report says that the holder was not seen live.
    """

    audience: str | None = None
    nonce: str | None = None
    required: bool = False


@dataclass(frozen=True)
class Policy:
    """``proof_only`` looks at the proof and nothing else, with the contexts of the official vectors."""

    suites: Collection[str] = ACCEPTED_SUITES
    holder: Holder = field(default_factory=Holder)
    proof_only: bool = False
    skew: dt.timedelta = dt.timedelta(minutes=5)
    presentation_age: dt.timedelta = dt.timedelta(minutes=10)
