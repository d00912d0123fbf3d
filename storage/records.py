"""What a wallet's store keeps: sealed records that say nothing, and the ways to open them.

A store never sees a title, a name, an issuer or a type: a record is a name drawn from a keyed hash and
bytes that only the vault's key opens. All it knows is how many there are, how long, and in which order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

WayKind = Literal["passphrase", "recovery_code", "passkey"]


@dataclass(frozen=True)
class Way:
    """One way to open a vault: its data key, sealed under a secret. ``seal`` is JSON (keys.sealing)."""

    id: str
    kind: WayKind
    seal: str


@dataclass(frozen=True)
class SealedRecord:
    id: str
    sealed: bytes


class VaultStore(Protocol):
    """One holder's vault. Each method is one transaction, durable when it returns."""

    def establish(self, ways: Sequence[Way]) -> None:
        """Keep the first ways to open the vault; raise ConflictError ``wallet.exists`` if it has some."""
        ...

    def ways(self) -> list[Way]:
        """Return the ways to open the vault; none when there is no vault yet."""
        ...

    def replace_ways(self, kind: WayKind, way: Way) -> None:
        """Put ``way`` in the place of all of its kind, and leave no trace of those."""
        ...

    def add(self, records: Sequence[SealedRecord]) -> int:
        """Keep the records whose id is not there yet; return how many those are."""
        ...

    def replace(self, record: SealedRecord) -> None:
        """Put ``record`` in the place of the one with its id, which keeps its rank."""
        ...

    def records(self) -> list[SealedRecord]:
        """Return every record, oldest first."""
        ...

    def remove(self, record_id: str) -> bool:
        """Erase a record, leaving no trace of it; return whether it was there."""
        ...
