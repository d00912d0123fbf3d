"""The counters at which wallets are served, one for each organisation."""

from fastapi import APIRouter

from issuer.api import openid4vci
from issuer.counter import Counter
from passeport.serve.house import House
from storage.sqlite.grants import SqliteGrants


def router(house: House) -> APIRouter:
    grants = SqliteGrants(house.settings.database("grants"))
    house.closing.append(grants.close)

    def counter(name: str) -> Counter:
        organisation = house.organisations.get(name)
        url = f"{house.settings.public_url}/issuers/{organisation.id}"
        return Counter(
            organisation.id, url, organisation, organisation.ledger, house.offers, grants, house.once
        )

    return openid4vci.router(counter, lambda: house.now())
