"""What the three roles share in one process: settings, the clock, the way out, and the stores."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property

from boundary.fetch import Fetcher, is_public
from boundary.sources import Chain, Mirror, Source
from passeport import certificates
from passeport.people import People
from passeport.serve.audited import Anchor
from passeport.serve.four_eyes import FourEyes
from passeport.serve.organisations import Organisations
from passeport.serve.published import Publication
from passeport.serve.settings import Service
from passeport.serve.strangers import Strangers
from proofs.certified import Anchors
from storage.approvals import ApprovalStore
from storage.audit import AuditLog
from storage.offers import OfferStore
from storage.once import OnceStore
from storage.sqlite.accounts import SqliteAccounts, SqliteSessions
from storage.sqlite.approvals import SqliteApprovals
from storage.sqlite.audit import SqliteAudit
from storage.sqlite.offers import SqliteOffers
from storage.sqlite.once import SqliteOnce
from storage.sqlite.organisations import SqliteMembers
from storage.sqlite.published import SqlitePublished

Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class House:
    """Opened when the application starts, closed when it ends."""

    settings: Service
    now: Clock = utc_now
    once: OnceStore = field(init=False)
    client: Fetcher = field(init=False)
    organisations: Organisations = field(init=False)
    people: People = field(init=False)
    audit: AuditLog = field(init=False)
    approvals: ApprovalStore = field(init=False)
    source: Source = field(init=False)
    """Published documents: what this service publishes, the mirror beside it, then the web."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    beside: list[Callable[[], AbstractContextManager[None]]] = field(default_factory=list)
    """What goes on beside the requests, from the start of the application to its end."""
    ending: list[Callable[[], None]] = field(default_factory=list)
    """What lets go of those who wait for something, as soon as the service is told to stop."""
    forgetting: list[Callable[[dt.datetime], int]] = field(default_factory=list)
    """What removes what is over, each called every minute (see :mod:`passeport.serve.tidy`)."""

    def __post_init__(self) -> None:
        once = SqliteOnce(self.settings.database("once"))
        self.closing.append(once.close)
        self.forgetting.append(once.forget)
        self.once = once
        self.audit, self.people = self._people()
        approvals = SqliteApprovals(self.settings.database("approvals"))
        self.closing.append(approvals.close)
        self.forgetting += [approvals.forget, Anchor(self.audit, self.settings)]
        self.approvals = approvals
        self.client = _client(self.settings)
        self.organisations = Organisations(self.settings, self.audit, lambda: self.now())
        self.closing.append(self.organisations.close)
        mirror = Mirror(self.settings.web)
        ours = (self.publication, mirror) if self.settings.role in ("issuer", "all") else (mirror,)
        self.source = Chain(*ours, self.client)

    @cached_property
    def anchors(self) -> Anchors:
        """The authorities that a verifier or wallet here trusts; our own one as well, in development."""
        chosen = self.settings.anchors
        trusted = tuple(certificates.anchors(chosen)) if chosen else ()
        ours = certificates.authority(self.settings.home, self.now()) if self.settings.development else None
        return (*trusted, ours.certificate) if ours else trusted

    @cached_property
    def strangers(self) -> Strangers | None:
        """The issuer for test-suites, in development."""
        if not self.settings.has_conformance:
            return None
        strangers = Strangers(self.settings)
        self.closing.append(strangers.close)
        return strangers

    @cached_property
    def publication(self) -> Publication:
        store = SqlitePublished(self.settings.database("published"))
        self.closing.append(store.close)
        more = self.strangers.lists(store) if self.strangers else ()
        return Publication(self.settings, self.organisations, store, lambda: self.now(), more)

    @cached_property
    def offers(self) -> OfferStore:
        offers = SqliteOffers(self.settings.database("offers"))
        self.closing.append(offers.close)
        self.forgetting.append(offers.forget)
        return offers

    @property
    def four_eyes(self) -> FourEyes:
        return FourEyes(self.approvals, self.people, lambda: self.now())

    def _people(self) -> tuple[AuditLog, People]:
        place = self.settings.database
        audit, members = SqliteAudit(place("audit")), SqliteMembers(place("organisations"))
        accounts, sessions = SqliteAccounts(place("accounts")), SqliteSessions(place("accounts"))
        self.closing += [store.close for store in (audit, members, accounts, sessions)]
        self.forgetting += [sessions.forget, accounts.forget]
        return audit, People(accounts, sessions, members, audit, lambda: self.now())

    def close(self) -> None:
        for close in reversed(self.closing):
            close()


def _client(settings: Service) -> Fetcher:
    """A service that is reached on this machine only may ask this machine; any other asks the public web."""
    if not settings.development:
        return Fetcher()
    return Fetcher(
        addresses=lambda address: address.is_loopback or is_public(address), ports=None, plain=True
    )
