"""What may be used once: nonces, codes, offers, request objects, answers.

One mechanism for all of them, so that it is right once: the secret itself is never kept, only its SHA-256,
and it is consumed in one atomic statement, so that of many users at once exactly one succeeds.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from boundary.strict_json import Json

Purpose: TypeAlias = str
"""What a secret is for, such as ``vci.nonce``: one for another purpose is unknown."""

State: TypeAlias = Literal["ready", "used", "expired", "spent", "unknown"]


@dataclass(frozen=True)
class Found:
    """``content`` is what was put beside the secret, if it is still to be had.

    ``used`` before, ``expired`` before it was used, ``spent`` after too many wrong tries.
    """

    state: State
    content: Json | None = None


class OnceStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def put(
        self, purpose: Purpose, secret: str, content: Json, expires: dt.datetime, *, tries: int = 0
    ) -> bool:
        """Write a secret down, and say whether it is new: one that others choose (a DPoP ``jti``) may not
        be. ``tries`` is how many guesses :meth:`attempt` allows at what goes with it.
        """
        ...

    def look(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        """Return what is known of the secret, without using it."""
        ...

    def take(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        """Use the secret: ``ready`` to exactly one of all who ever ask, and the reason to the others.

        The content is given to the one who took it; to a later one for what is ``used``, so that what came
        of the first use can be withdrawn (RFC 6749 §4.1.2).
        """
        ...

    def attempt(self, purpose: Purpose, secret: str, now: dt.datetime) -> Found:
        """Count a guess at what goes with the secret (a transaction code) *before* it is compared.

        ``ready`` with the content when the guess is allowed; ``spent`` when there were too many. Counting
        first means that guesses made at the same time are not one more than allowed.
        """
        ...

    def forget(self, now: dt.datetime) -> int:
        """Remove what expired before ``now``; return how many there were."""
        ...
