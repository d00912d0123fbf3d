"""Who may do what in an organisation: its members, by the opaque ids of their accounts, and its keys for
programs, of which only the SHA-256 is kept.

An organisation is named as its folder is (:mod:`passeport.issuers`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from boundary.roles import Role

KEY_PREFIX: Final = "psk_"
SHOWN: Final = len(KEY_PREFIX) + 8
"""How much of a key may be shown, so that its owner recognises it: 48 of its 256 bits."""


@dataclass(frozen=True)
class Member:
    account: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class ApiKey:
    """``shown`` is how the key begins; ``made_by`` the account that answers for it; ``used`` the last day
    that it was used."""

    id: str
    organisation: str
    shown: str
    roles: frozenset[Role]
    made_by: str
    expires: dt.datetime
    revoked: bool = False
    used: dt.date | None = None


class MemberStore(Protocol):
    """Each method is one transaction, durable when it returns."""

    def memberships(self, account: str) -> Mapping[str, frozenset[Role]]:
        """Return what the account is, in each organisation where it is something."""
        ...

    def members(self, organisation: str) -> Iterator[Member]: ...

    def set_roles(self, organisation: str, account: str, roles: frozenset[Role]) -> None:
        """Let the account be ``roles`` and nothing else; without any it is no member.

        Raises ConflictError ``access.last_administrator`` rather than leave an organisation without one.
        """
        ...

    def add_key(self, key: ApiKey, secret: str, now: dt.datetime) -> None: ...

    def keys(self, organisation: str) -> Iterator[ApiKey]:
        """Yield them all, newest first, also those that are over."""
        ...

    def use_key(self, secret: str, now: dt.datetime) -> ApiKey | None:
        """Return the key that this is; None when it is none, expired or revoked."""
        ...

    def revoke_key(self, organisation: str, key_id: str) -> bool:
        """False when the organisation has no such key that is not revoked already."""
        ...
