"""What is known of a key that signs for an owner: its name, its public half, and where it stands in life.

    pending ──▶ active ──▶ retired ──▶ revoked
        └──────────┴───────────────────────▲

A pending key is published before it signs, so that verifiers meet it in time. A retired key no longer
signs, but what it signed still verifies. A revoked key never signs again, and the reason tells
verifiers what to think of what it signed (design rule 2).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from keys.public import PublicKey
from keys.resolver import Purpose, Revocation, RevocationReason
from problems import ConflictError

KeyState = Literal["pending", "active", "retired", "revoked"]

_NEXT: Final[Mapping[KeyState, frozenset[KeyState]]] = {
    "pending": frozenset({"active", "revoked"}),
    "active": frozenset({"retired", "revoked"}),
    "retired": frozenset({"revoked"}),
    "revoked": frozenset(),
}


@dataclass(frozen=True)
class KeyRecord:
    """``id`` is the fragment of its verification method; ``since`` is when its state began, in UTC."""

    id: str
    key: PublicKey
    state: KeyState
    since: dt.datetime
    purposes: tuple[Purpose, ...] = ("assertionMethod",)
    revocation: Revocation | None = None
    companion: str | None = None
    """The id of the key that signs whatever this one signs, and the other way round."""

    def moved(self, state: KeyState, now: dt.datetime) -> "KeyRecord":
        """Return the record in its next state; raise ConflictError where the drawing has no arrow."""
        if state not in _NEXT[self.state]:
            raise ConflictError("key.transition", key=self.id, state=self.state, wanted=state)
        return replace(self, state=state, since=now)

    def revoked(self, reason: RevocationReason, now: dt.datetime) -> "KeyRecord":
        return replace(self.moved("revoked", now), revocation=Revocation(reason, now))
