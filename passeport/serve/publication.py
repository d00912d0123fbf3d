"""Wires publication over HTTP."""

from fastapi import APIRouter

from issuer.api import publication
from passeport.serve.house import House


def router(house: House) -> APIRouter:
    return publication.router(house.publication.at)
