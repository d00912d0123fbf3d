"""Wires the wallet of one holder, on one machine: for development, and for trying things out.

A service that others reach has no such wallet: a hosted one needs accounts of its own.
"""

from collections.abc import Iterator

from fastapi import APIRouter

from exchange.openid4vp.client_id import Trust
from keys.dids.resolve import resolver
from passeport import wallet_provider
from passeport.online import Online
from passeport.serve.gate import is_foreign, is_https
from passeport.serve.house import House
from problems import NotFoundError
from storage.records import VaultStore
from storage.sqlite.vault import SqliteVault
from wallet.api import wallet
from wallet.api.sessions import Sessions
from wallet.api.wallet import Services


def router(house: House) -> APIRouter:
    if not house.settings.development:
        return APIRouter()
    at = house.settings.home / "wallet.db"
    url = f"{house.settings.public_url}/wallet"

    def opened() -> Iterator[VaultStore]:
        if not at.exists():
            raise NotFoundError("wallet.none")
        store = SqliteVault(at)
        try:
            yield store
        finally:
            store.close()

    provider = wallet_provider.find(house.settings.home)
    online = Online(house.client, house.source, tuple(house.anchors), lambda: house.now(), url, provider)
    services = Services(
        Sessions(house.once, opened),
        house.client,
        online.web,
        lambda: Trust(resolver(house.source), house.anchors, house.now()),
        online.verify,
        lambda request: is_foreign(request, house.settings),
        f"{url}/callback",
        is_https(house.settings),
        lambda: house.now(),
    )
    return wallet.router(services)
