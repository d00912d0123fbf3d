"""The counter at which one organisation serves wallets: where it is, what it may use, what it offers."""

import datetime as dt
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from boundary import base64url
from boundary.strict_json import Json
from exchange.oauth.metadata import AuthorizationServer
from exchange.openid4vci import encryption, metadata
from exchange.openid4vci.metadata import IssuerMetadata
from issuer import configurations
from issuer.attested import Providers
from issuer.desk import Desk
from keys.jwe import DecryptionKey
from keys.signer import Algorithm
from storage.grants import GrantStore
from storage.issuance import Ledger
from storage.offers import OfferStore
from storage.once import OnceStore

BATCH_SIZE: Final = 10
Random = Callable[[int], bytes]


class Desks(Protocol):
    """The desks of one organisation, one for each kind of key that it signs with now."""

    @property
    def name(self) -> str:
        """What people call the organisation."""
        ...

    def algorithms(self) -> Collection[Algorithm]: ...

    def desk(self, algorithm: Algorithm) -> Desk:
        """Raises UnavailableError when the key cannot be opened."""
        ...

    def reading_keys(self) -> Mapping[str, DecryptionKey]:
        """Return the keys that read what wallets encrypt, by ``kid``. Raises UnavailableError."""
        ...


class Wallets(Protocol):
    """The wallets that may send people here to sign in, and where people are sent back to."""

    def allows(self, client_id: str, redirect_uri: str) -> bool:
        """Whether this wallet is known, or any is welcome, and the address is its own, to the letter."""
        ...


@dataclass(frozen=True)
class Counter:
    """``url`` is the credential issuer identifier, and the name of its authorization server too."""

    organisation: str
    url: str
    desks: Desks
    ledger: Ledger
    offers: OfferStore
    grants: GrantStore
    once: OnceStore
    wallets: Wallets
    providers: Providers
    random: Random = field(default=os.urandom, repr=False)

    def secret(self) -> str:
        """Return a new secret of 256 bits."""
        return base64url.encode(self.random(32))

    def at(self, endpoint: str) -> str:
        return f"{self.url}/{endpoint}"

    def metadata(self) -> IssuerMetadata:
        display: tuple[Json, ...] = ({"name": self.desks.name, "locale": "fr"},)
        reading = self.desks.reading_keys()
        return IssuerMetadata(
            self.url,
            self.at("credential"),
            configurations.available(self.desks.algorithms(), self.providers.demand),
            self.at("nonce"),
            self.at("deferred"),
            self.at("notification"),
            batch_size=BATCH_SIZE,
            display=display,
            encryption=encryption.offered(list(reading.values())) if reading else None,
        )

    def signed(self, document: Json, now: dt.datetime) -> str:
        """Return the metadata as a token, signed by the first key that wallets know."""
        return metadata.sign(document, self.desks.desk(next(iter(self.desks.algorithms()))).signer, now)

    def server(self) -> AuthorizationServer:
        return AuthorizationServer(
            self.url,
            self.at("token"),
            self.at("authorize"),
            self.at("par"),
            authentication=self.providers.methods,
            scopes=tuple(configurations.available(self.desks.algorithms())),
        )


def seconds(count: float) -> dt.timedelta:
    return dt.timedelta(seconds=count)
