"""A verifier's open questions: each nonce is asked once and answered once."""

import datetime as dt
from typing import Literal, Protocol

Answered = Literal["now", "before", "too_late", "unknown"]


class Requests(Protocol):
    def open(self, nonce: str, audience: str, expires: dt.datetime) -> None:
        """Write a question down, durably."""
        ...

    def consume(self, nonce: str, audience: str, now: dt.datetime) -> Answered:
        """Answer a question, in one atomic statement: of many at once, exactly one gets ``now``.

        ``before`` when it was answered already, ``too_late`` when its time is over, ``unknown`` when it
        was not asked here.
        """
        ...
