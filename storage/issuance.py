"""What an issuer must remember: what it meant to sign, what it signed, and what has become of it.

An intent is written down before anything is signed, with the status index it will use. A crash then
costs nothing: whoever comes back with the same reference gets the same credential.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

StatusKind = Literal["bitstring", "token"]
StatusValue = Literal["valid", "revoked", "suspended"]


@dataclass(frozen=True)
class Draft:
    """What is about to be issued, before it has a place in a status list.

    ``reference`` is the issuer's own name for the award (idTechnique); with ``form`` it makes the
    issuance idempotent. ``content`` is the SHA-256 of the claims and, unless there are copies, of the
    holder's key. ``copy`` names one of several copies of one award, each bound to a key of its own.
    """

    reference: str
    form: str
    kind: StatusKind
    template: str
    content: bytes
    copy: str = ""


@dataclass(frozen=True)
class Intent:
    """A draft with its identity: credential id, status list and index, and day of issue."""

    draft: Draft
    credential_id: str
    status_list: int
    status_index: int
    issued_at: dt.datetime
    body: bytes | None = None
    """The secured credential, once it is signed."""


@dataclass(frozen=True)
class Completed:
    credential_id: str
    body: bytes


@dataclass(frozen=True)
class Listed:
    """One entry of a status list that is not simply valid."""

    index: int
    value: StatusValue


@dataclass(frozen=True)
class Catalogued:
    """What is known of one credential, without anything that it says. ``number`` is its place in the ledger,
    ``since`` when its status last changed."""

    number: int
    credential_id: str
    reference: str
    template: str
    form: str
    issued_at: dt.datetime
    status: StatusValue
    since: str = ""
    reason: str = ""


class Ledger(Protocol):
    """One issuer's memory. Each method is one transaction, durable when it returns."""

    def record(self, drafts: Sequence[Draft], now: dt.datetime) -> list[Intent]:
        """Return an intent per draft: the one already recorded for its reference, form and copy, or a new
        one with a random credential id and a random status index that nothing ever had.

        Raises ConflictError, and records nothing: ``issue.reference_taken`` when a reference was used for
        other content, ``issue.revocation_is_final`` for a new form or copy of what is revoked; LimitError
        ``issue.too_many_copies``. A new form or copy of what is suspended is suspended.
        """
        ...

    def check(self, drafts: Sequence[Draft]) -> None:
        """Raise what :meth:`record` would, and record nothing."""
        ...

    def complete(self, signed: Sequence[Completed]) -> list[bytes]:
        """Keep the secured bytes, and return those to hand over: when somebody was faster, theirs.

        Raises NotFoundError for what was not recorded.
        """
        ...

    def set_status(self, reference: str, value: StatusValue, reason: str, now: dt.datetime) -> int:
        """Set the status of every form and copy of ``reference``; return how many there are.

        Raises NotFoundError when there is none, ConflictError when a revocation would be undone.
        """
        ...

    def identify(self, reference: str) -> list[str]:
        """Return the ids of the credentials issued under ``reference``, which say nothing about anybody."""
        ...

    def reference_of(self, credential_id: str) -> str | None:
        """Return the reference under which the credential of this id was issued; None for none of ours."""
        ...

    def status(self, reference: str) -> StatusValue | None:
        """Return what has become of ``reference``; None when nothing was issued under it."""
        ...

    def lists(self) -> list[tuple[StatusKind, int]]:
        """Return the status lists that exist."""
        ...

    def listed(self, kind: StatusKind, number: int) -> Iterator[Listed]:
        """Yield the entries of one list that are revoked or suspended."""
        ...

    def issued(self) -> Iterator[Intent]:
        """Yield every complete issuance, oldest first."""
        ...

    def unfinished(self) -> int:
        """Return how many intents were recorded and not completed."""
        ...

    def catalogue(self, after: int, limit: int) -> list[Catalogued]:
        """Return what was issued, oldest first, from the number after ``after``."""
        ...

    def held_by(self, copy: str) -> list[Intent]:
        """Return the complete issuances of the copy of that name, newest first."""
        ...
