"""Wires the W3C VC-API: issuers, holders and verifiers, and the instances for other people's test-suites."""

from fastapi import APIRouter

from boundary.serving.access import Public, SignedIn
from boundary.strict_json import Json
from issuer.api import vc_api as issuing
from keys.dids.resolve import resolver
from passeport.machine import report_json
from passeport.serve.house import House
from verifier.api import dids
from verifier.api import vc_api as verifying
from verifier.report import Report
from verifier.vc_api import VcApi
from wallet.api import vc_api as holding

_PROOF_ONLY = "/verifiers/proof-only"
_TESTS = Public("for test-suites, in development only")


def issuers(house: House) -> APIRouter:
    """The conformance instances come first: their names are nobody else's."""
    routes = APIRouter()
    if house.strangers:
        made, ledger = house.strangers.issuer, house.strangers.ledger
        routes.include_router(issuing.conformance_router(made, ledger, lambda: house.now()))

    def office(name: str) -> issuing.Office:
        organisation = house.organisations.get(name)
        return organisation, organisation.ledger

    routes.include_router(issuing.router(office, lambda: house.now()))
    return routes


def holders(house: House) -> APIRouter:
    routes = APIRouter()
    routes.include_router(holding.router(SignedIn()))
    if house.settings.has_conformance:
        routes.include_router(holding.conformance_router(_TESTS, _PROOF_ONLY))
    return routes


def verifiers(house: House) -> APIRouter:
    keys = resolver(house.source)
    routes = APIRouter()
    desk = VcApi(keys, house.source, anchors=house.anchors)
    routes.include_router(verifying.router(desk, SignedIn(), _told, lambda: house.now()))
    if house.settings.has_proof_only:
        access = _TESTS if house.settings.development else SignedIn()
        desk = VcApi(keys, house.source, proof_only=True, anchors=house.anchors)
        routes.include_router(verifying.router(desk, access, _told, lambda: house.now(), _PROOF_ONLY))
    routes.include_router(dids.router(house.source))
    return routes


def _told(report: Report) -> Json:
    return report_json(report, "en")
