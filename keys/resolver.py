"""From the name of a verification method to the key that it stands for, and who controls it."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, Protocol

from keys.public import PublicKey

Purpose = Literal["assertionMethod", "authentication"]
RevocationReason = Literal["compromised", "superseded", "ceased"]


@dataclass(frozen=True)
class Revocation:
    """Why and from when a key may no longer sign. ``at`` is in UTC."""

    reason: RevocationReason
    at: dt.datetime


@dataclass(frozen=True)
class VerificationKey:
    """A key that verified or may verify a signature; trust is judged on ``controller``."""

    key: PublicKey
    verification_method: str
    controller: str
    revoked: Revocation | None = None


class Resolver(Protocol):
    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        """Return the key, if its controller lists it for ``purpose``.

        Raises MalformedValueError for a name that makes no sense, ProofVerificationError when the
        controller does not list the key for that purpose, RetrievalError (transient) when the
        controller's document cannot be had.
        """
        ...
