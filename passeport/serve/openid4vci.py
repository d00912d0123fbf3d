"""The counters at which wallets are served, one for each organisation."""

import re
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter

from boundary.serving.joined import joined
from exchange.openid4vci.key_attestation import Demand
from issuer.api import authorize, openid4vci
from issuer.attested import Providers
from issuer.counter import Counter
from keys.x509.chain import read_pem
from passeport.serve.house import House
from passeport.serve.settings import Service
from storage.sqlite.grants import SqliteGrants

_OWN_SCHEME: Final = re.compile(
    r"(?!(?:https?|javascript|data|file|blob|vbscript|about):)[a-z][a-z0-9+.-]*:[!-~]+"
)
_WEB: Final = re.compile(r"https://[!-~]+")
_HERE: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?(?:/[!-~]*)?")


@dataclass(frozen=True)
class KnownWallets:
    """Those of the settings, our own, and, where any wallet is welcome, whoever has a sensible address."""

    settings: Service

    def allows(self, client_id: str, redirect_uri: str) -> bool:
        listed = {**self.settings.wallets, self._ours: (f"{self._ours}/callback",)}
        if client_id in listed:
            return redirect_uri in listed[client_id]
        return self._any and len(client_id) <= 500 and _is_sensible(redirect_uri)

    @property
    def _ours(self) -> str:
        return f"{self.settings.public_url}/wallet"

    @property
    def _any(self) -> bool:
        chosen = self.settings.any_wallet
        return self.settings.development if chosen is None else chosen


def _is_sensible(redirect_uri: str) -> bool:
    """RFC 8252 §7: an https address, an app's own scheme, or this machine; no fragment (RFC 6749 §3.1.2)."""
    patterns = (_WEB, _HERE, _OWN_SCHEME)
    return (
        len(redirect_uri) <= 2_000
        and "#" not in redirect_uri
        and any(pattern.fullmatch(redirect_uri) for pattern in patterns)
    )


def _providers(house: House) -> Providers:
    path = house.settings.wallet_providers
    anchors = read_pem(path.read_bytes()).certificates if path else ()
    demand = Demand(house.settings.key_storage) if house.settings.attested_keys else None
    return Providers(anchors, house.source, house.settings.attested_only, demand)


def router(house: House) -> APIRouter:
    grants = SqliteGrants(house.settings.database("grants"))
    house.closing.append(grants.close)
    house.forgetting.append(grants.forget)
    wallets, providers = KnownWallets(house.settings), _providers(house)

    def counter(name: str) -> Counter:
        organisation = house.organisations.get(name)
        url = f"{house.settings.public_url}/issuers/{organisation.id}"
        return Counter(
            organisation.id,
            url,
            organisation,
            organisation.ledger,
            house.offers,
            grants,
            house.once,
            wallets,
            providers,
        )

    return joined(
        openid4vci.router(counter, lambda: house.now()), authorize.router(counter, lambda: house.now())
    )
