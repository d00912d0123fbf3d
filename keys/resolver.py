"""From the name of a verification method to the key that it stands for, and who controls it."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, Protocol

from keys.public import PublicKey
from problems import ProofVerificationError

Purpose = Literal["assertionMethod", "authentication"]
RevocationReason = Literal["compromised", "superseded", "ceased"]


@dataclass(frozen=True)
class Revocation:
    """Why and from when a key may no longer sign. ``at`` is in UTC."""

    reason: RevocationReason
    at: dt.datetime


@dataclass(frozen=True)
class VerificationKey:
    """A key that verified or may verify a signature; trust is judged on ``controller``.

    ``organisation`` is who an authority that the verifier trusts certified the key for, if one did.
    ``only_with`` are the keys without whose signatures one of this key counts for nothing: its owner
    announces them where nobody who strips a signature from a document can reach (ADR 13).
    """

    key: PublicKey
    verification_method: str
    controller: str
    revoked: Revocation | None = None
    only_with: tuple[PublicKey, ...] = ()
    organisation: str | None = None

    def alone(self) -> PublicKey:
        """Return the key, for a signature beside which no other can stand (JOSE, COSE).

        Raises ProofVerificationError when its owner announces that it signs only with others.
        """
        self.require(())
        return self.key

    def require(self, signed: Collection[PublicKey]) -> None:
        """Return when the keys that sign with this one are among ``signed``.

        Raises ProofVerificationError.
        """
        missing = [key for key in self.only_with if key not in signed]
        if missing:
            raise ProofVerificationError("proof.companion_missing", algorithm=missing[0].algorithm)


class Resolver(Protocol):
    def resolve(self, verification_method: str, purpose: Purpose) -> VerificationKey:
        """Return the key, if its controller lists it for ``purpose``.

        Raises MalformedValueError for a name that makes no sense, ProofVerificationError when the
        controller does not list the key for that purpose, RetrievalError (transient) when the
        controller's document cannot be had.
        """
        ...
