"""Wires publication over HTTP."""

from fastapi import APIRouter

from issuer.api import publication
from passeport.serve.house import House


def router(house: House) -> APIRouter:
    return publication.router(house.publication.at)


def askers(house: House) -> APIRouter:
    """A verifier that signs its requests publishes the DID document by which wallets know it; where
    everything is published anyway there is nothing to add."""
    settings = house.settings
    return router(house) if settings.asks_as and settings.role == "verifier" else APIRouter()
