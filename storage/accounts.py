"""Who may sign in, and who has: accounts under opaque ids, and sessions.

An account is opened with a passphrase (on a laptop) or by a provider of OpenID Connect, which knows it by
``subject``; never by an e-mail address, which changes hands. Of a session only the SHA-256 of its secret
is kept.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Account:
    """``login`` is what its owner types, ``kept`` what is kept of the passphrase
    (:mod:`keys.passphrase`)."""

    id: str
    login: str | None = None
    kept: str | None = field(default=None, repr=False)
    issuer: str | None = None
    subject: str | None = None
    disabled: bool = False


class AccountStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def any(self) -> bool:
        """Say whether there is an account at all."""
        ...

    def add(self, account: Account, now: dt.datetime) -> None:
        """Keep a new account; raise ConflictError ``account.exists`` when its login, or its subject at
        its provider, has one already."""
        ...

    def find(self, account_id: str) -> Account | None: ...

    def of_subject(self, issuer: str, subject: str) -> Account | None: ...

    def all(self) -> Iterator[Account]:
        """Yield the accounts, oldest first."""
        ...

    def guess(self, login: str, now: dt.datetime) -> Account | None:
        """Count a try at the passphrase of ``login`` *before* it is compared, and return its account.

        None when there is none, or it is disabled. Raises RateError ``account.wait`` after too many tries
        in a row, whether there is an account or not: to wait tells nobody that there is one.
        """
        ...

    def guessed(self, login: str) -> None:
        """Count from the beginning: the passphrase was right."""
        ...

    def forget(self, now: dt.datetime) -> int:
        """Forget tries of long ago; return how many logins they were at."""
        ...

    def disable(self, account_id: str) -> bool:
        """Let it sign in no more, and end its sessions; false when there is none."""
        ...


class SessionStore(Protocol):
    """Each method is one transaction."""

    def open(self, secret: str, account_id: str, now: dt.datetime) -> None:
        """Keep a new session, which counts as used now."""
        ...

    def account(self, secret: str, now: dt.datetime) -> Account | None:
        """Return whose session it is, and count it as used; None when it ended, was not used for too
        long, or its account is disabled."""
        ...

    def end(self, secret: str) -> None: ...

    def forget(self, now: dt.datetime) -> int:
        """Remove the sessions that ended; return how many."""
        ...
