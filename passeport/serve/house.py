"""What the three roles share in one process: settings, the clock, the way out, and the stores."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from boundary.fetch import Fetcher, is_public
from boundary.sources import Chain, Mirror, Source
from passeport.serve.organisations import Organisations
from passeport.serve.settings import Service
from storage.offers import OfferStore
from storage.once import OnceStore
from storage.sqlite.offers import SqliteOffers
from storage.sqlite.once import SqliteOnce

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
    source: Source = field(init=False)
    """Published documents: the mirror of what this machine publishes, then the web."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    forgetting: list[Callable[[dt.datetime], int]] = field(default_factory=list)
    """What removes what is over, each called every minute (see :mod:`passeport.serve.tidy`)."""

    def __post_init__(self) -> None:
        once = SqliteOnce(self.settings.database("once"))
        self.closing.append(once.close)
        self.forgetting.append(once.forget)
        self.once = once
        self.client = _client(self.settings)
        self.organisations = Organisations(self.settings)
        self.closing.append(self.organisations.close)
        self.source = Chain(Mirror(self.settings.web), self.client)

    @cached_property
    def offers(self) -> OfferStore:
        offers = SqliteOffers(self.settings.database("offers"))
        self.closing.append(offers.close)
        self.forgetting.append(offers.forget)
        return offers

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
