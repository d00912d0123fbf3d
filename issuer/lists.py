"""The status lists of one issuer as whoever asks now must get them.

A list is signed again when the ledger's status changed, and once a day; otherwise everybody gets the same
bytes, whichever process answers. What changed is seen after :attr:`Lists.remembered` at the latest.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from issuer.desk import Desk
from issuer.publish import CWT_SUFFIX, Before, publish_list
from problems import UnavailableError
from storage.issuance import Ledger, StatusKind
from storage.published import Kept, PublishedStore

REMEMBERED: Final = dt.timedelta(seconds=10)
SIGNED_AGAIN: Final = dt.timedelta(days=1)
_LIST: Final = re.compile(
    r"(?P<base>.+)/(?:bitstring/(?P<bitstring>[0-9]{1,9})/(?:revocation|suspension)|token/(?P<token>[0-9]{1,9})(?:\.cwt)?)"
)
_KEYLESS: Final = ("service.no_passphrase", "publication.no_key")
"""Why a service cannot sign that was never meant to."""


@dataclass(frozen=True)
class Lists:
    """``base`` is the address under which the issuer's credentials say that its lists are.

    ``desk`` opens the key, when something is to be signed; ``before`` gives what stood at an address before
    this service published there. For ``remembered`` the ledger is not asked again.
    """

    base: str
    ledger: Ledger
    desk: Callable[[], Desk]
    store: PublishedStore
    before: Before = lambda _: None
    remembered: dt.timedelta = REMEMBERED
    _seen: dict[str, tuple[dt.datetime, bytes]] = field(default_factory=dict, repr=False)

    def get(self, url: str, now: dt.datetime) -> bytes | None:
        """Return the list at ``url`` as it stands; None when there is none.

        Raises UnavailableError when it must be signed, the key cannot be had, and nobody else published it: a
        list of ours that no longer says what the ledger does is not handed out.
        """
        seen = self._seen.get(url)
        if seen and seen[0] <= now < seen[0] + self.remembered:
            return seen[1]
        place = self._place(url)
        if place is None:
            return None
        body = self._current(url, *place, now)
        self._seen[url] = (now, body)
        return body

    def _place(self, url: str) -> tuple[StatusKind, int] | None:
        found = _LIST.fullmatch(url)
        if found is None or found["base"] != self.base:
            return None
        kind: StatusKind = "token" if found["token"] else "bitstring"
        place = kind, int(found[kind])
        return place if place in self.ledger.lists() else None

    def _current(self, url: str, kind: StatusKind, number: int, now: dt.datetime) -> bytes:
        state, since = self._state(kind, number), now - SIGNED_AGAIN
        kept = self.store.find(url)
        if kept and kept.state == state and kept.at > since:
            return kept.body
        try:
            desk = self.desk()
        except UnavailableError as problem:
            if problem.code not in _KEYLESS:
                raise  # what cannot be signed right now is not answered with what was true before
            return self._published_elsewhere(url)
        bodies = {
            made.url: self.store.keep(Kept(made.url, state, now, made.body), since).body
            for made in publish_list(desk, self.ledger, kind, number, now, self._before)
        }
        if url not in bodies:
            raise UnavailableError("publication.no_such_form")
        return bodies[url]

    def _published_elsewhere(self, url: str) -> bytes:
        """Who revokes with the command line, and keeps the key from the service, publishes there as well."""
        body = self.before(url)
        if body is None:
            raise UnavailableError("publication.cannot_sign")
        return body

    def _state(self, kind: StatusKind, number: int) -> bytes:
        entries = sorted((entry.index, entry.value) for entry in self.ledger.listed(kind, number))
        return hashlib.sha256(repr(entries).encode()).digest()

    def _before(self, url: str) -> bytes | None:
        kept = self.store.find(url)
        return kept.body if kept else self.before(url)


def base_of(url: str) -> str | None:
    """Return the address under which a list at ``url`` would be; None when it is none of a list."""
    found = _LIST.fullmatch(url)
    return found["base"] if found else None


def media_type(url: str) -> str:
    """Return what a list at ``url`` is; that of a JSON-LD one says JSON, for clients that look for it."""
    if url.endswith(CWT_SUFFIX):
        return "application/statuslist+cwt"
    return "application/statuslist+jwt" if "/token/" in url else "application/ld+json"
