"""Keep links to shares for their holders: what is inside, nobody here can read."""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass

from boundary import base64url, limits
from exchange import share_link
from keys import jwe
from problems import GoneError, InputError, NotFoundError, UnavailableError
from storage.links import Links, LinkState, Terms

_TOKEN_BYTES = 32
_ENDED = {"expired": "link.expired", "revoked": "link.revoked", "exhausted": "link.exhausted"}


@dataclass(frozen=True)
class LinkDesk:
    """To who does not know a name, or does not own it, the link is not there; why, nobody is told.

    ``origin`` is the scheme and host of the links (``https://passeport.example``).
    """

    links: Links
    origin: str
    random: Callable[[int], bytes] = os.urandom

    def audience(self, name: str) -> str:
        """Return for whom a presentation in the link is made. Raises InputError ``link.name``."""
        return share_link.audience(self.origin, share_link.require_name(name))

    def require_host(self, host: str) -> None:
        """Refuse a share made for a link elsewhere: nobody could verify it here."""
        expected = self.origin.partition("://")[2]
        if host != expected:
            raise InputError("link.host", expected=expected)

    def make(self, name: str, ciphertext: str, terms: Terms, now: dt.datetime) -> str:
        """Keep a share; return the token of its owner, shown this once.

        Raises InputError ``link.name``, ``link.lifetime``, ``link.views``; what
        :func:`keys.jwe.require_sealed` raises; ConflictError; UnavailableError ``link.full``.
        """
        share_link.require_name(name)
        _require(terms, now)
        jwe.require_sealed(ciphertext)
        owner = base64url.encode(self.random(_TOKEN_BYTES))
        if not self.links.add(name, owner, ciphertext, terms, most=limits.LINKS_KEPT):
            raise UnavailableError("link.full")
        return owner

    def view(self, name: str, now: dt.datetime) -> str:
        """Count a view and return the ciphertext; raise GoneError, NotFoundError ``link.unknown``."""
        found = self.links.view(name, now)
        if found is None:
            raise NotFoundError("link.unknown")
        if found in _ENDED:
            raise GoneError(_ENDED[found])
        return found

    def state(self, name: str, owner: str, now: dt.datetime) -> LinkState:
        found = self.links.state(name, owner, now)
        if found is None:
            raise NotFoundError("link.unknown")
        return found

    def change(self, name: str, owner: str, terms: Terms, now: dt.datetime) -> LinkState:
        """Set other terms; raise GoneError for a link that is over, whose ciphertext is no more."""
        state = self.state(name, owner, now)
        _require(terms, now)
        if state.ending:
            raise GoneError(_ENDED[state.ending])
        self.links.change(name, owner, terms, now)
        return self.state(name, owner, now)

    def revoke(self, name: str, owner: str) -> None:
        if not self.links.revoke(name, owner):
            raise NotFoundError("link.unknown")


def _require(terms: Terms, now: dt.datetime) -> None:
    if not now < terms.expires <= now + dt.timedelta(seconds=limits.LINK_SECONDS):
        raise InputError("link.lifetime", days=limits.LINK_SECONDS // 86_400)
    if terms.max_views is not None and not 0 < terms.max_views <= limits.LINK_VIEWS:
        raise InputError("link.views", most=limits.LINK_VIEWS)
