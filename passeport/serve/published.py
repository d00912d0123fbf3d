"""What this service publishes: which organisation, which host, which address."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Final

from boundary import limits
from boundary.sources import Mirror
from credentials import published as product
from issuer.desk import Desk
from issuer.lists import Lists, media_type
from issuer.lists import base_of as lists_base_of
from issuer.publication import Names, Resource, base_of
from keys.keyring import Keyring
from keys.record import KeyRecord
from passeport.serve.organisations import Organisation, Organisations
from passeport.serve.settings import Service
from problems import LimitError, Problem, RetrievalError, UnavailableError
from storage.published import PublishedStore

_HOME: Final = "/passeport/"


@dataclass
class Publication:
    """Everything that this service publishes, by address; as a :class:`boundary.sources.Source` as well.

    ``more`` are lists of no organisation: those of the issuer for test-suites.
    """

    settings: Service
    organisations: Organisations
    store: PublishedStore
    now: Callable[[], dt.datetime]
    more: Sequence[Lists] = ()
    _lists: dict[str, Lists] = field(default_factory=dict, repr=False)
    _owners: dict[str, str] = field(default_factory=dict, repr=False)
    """Who publishes at an address, and below it."""
    _known: set[str] = field(default_factory=set, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def get(self, url: str, *, limit: int = limits.FETCH_BYTES) -> bytes:
        """Raises RetrievalError for what is not published here."""
        try:
            found = self.find(url)
        except UnavailableError:
            found = None
        if found is None:
            raise RetrievalError("source.not_pinned", host=url[:80])
        if len(found.body) > limit:
            raise LimitError("fetch.too_large", host=url[:80], limit=limit)
        return found.body

    def at(self, host: str, path: str) -> Resource | None:
        """Return what is published at ``path`` for who asked ``host``, by itself or behind a proxy."""
        if path.startswith(_HOME):
            return self._named(path.removeprefix(_HOME))
        addresses = dict.fromkeys((f"https://{host.lower()}{path}", f"{self.settings.public_url}{path}"))
        return next(filter(None, map(self.find, addresses)), None)

    def find(self, url: str) -> Resource | None:
        """Return the document at ``url``. Raises UnavailableError for a list that cannot be signed now."""
        base = lists_base_of(url)
        if base:
            lists = self._lists_at(base)
            body = lists.get(url, self.now()) if lists else None
            return Resource(body, media_type(url)) if body is not None else None
        organisation = self._organisation_at(url)
        return self._names(organisation).get(url) if organisation else None

    def _named(self, rest: str) -> Resource | None:
        found = product.documents().get(f"{product.HOME}/{rest}")
        return Resource(found[1], found[0]) if found else None

    def _names(self, organisation: Organisation) -> Names:
        ring = organisation.issuer.keyring
        address = f"{self.settings.public_url}/issuers/{organisation.id}"
        return Names(ring.owner, ring.document, partial(_records, ring), (address,))

    def _lists_at(self, base: str) -> Lists | None:
        """Return whoever's lists have addresses that begin with ``base``."""
        if base not in self._lists:
            organisation = self._organisation_at(base)
            if organisation is None:
                return next((lists for lists in self.more if lists.base == base), None)
            lists = Lists(base, organisation.ledger, _desk_of(organisation), self.store, self._mirrored)
            with self._lock:
                self._lists.setdefault(base, lists)
        return self._lists[base]

    def _organisation_at(self, address: str) -> Organisation | None:
        """Return who publishes there. Among thousands nobody is looked for twice: an identifier, once given,
        stays its owner's."""
        if address not in self._owners:
            for name in set(self.organisations.names()).difference(self._known):
                self._learn(self.organisations.get(name))
        owner = self._owners.get(address)
        return self.organisations.get(owner) if owner else None

    def _learn(self, organisation: Organisation) -> None:
        status = f"{base_of(organisation.issuer.profile.did)}/status"
        for address in (status, *self._names(organisation).addresses()):
            self._owners.setdefault(address, organisation.id)
        self._known.add(organisation.id)

    def _mirrored(self, url: str) -> bytes | None:
        """What the command line published before there was a service."""
        try:
            return Mirror(self.settings.web).get(url)
        except (Problem, OSError):
            return None


def _records(ring: Keyring) -> tuple[KeyRecord, ...]:
    return tuple(ring.records())


def _desk_of(organisation: Organisation) -> Callable[[], Desk]:
    def desk() -> Desk:
        """Whichever key signs now signs lists too; its desk knows another where it cannot."""
        for algorithm in organisation.algorithms():
            return organisation.desk(algorithm)
        raise UnavailableError("publication.no_key")

    return desk
