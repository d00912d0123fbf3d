"""Wires the W3C VC-API: issuers, holders and verifiers, and the instances for other people's test-suites."""

from fastapi import APIRouter

from boundary.serving.access import Public, SignedIn
from boundary.serving.joined import joined
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

    def office(name: str) -> issuing.Office:
        organisation = house.organisations.get(name)
        return organisation, organisation.ledger

    routes = issuing.router(office, lambda: house.now())
    if house.strangers is None:
        return routes
    made, ledger = house.strangers.issuer, house.strangers.ledger
    return joined(issuing.conformance_router(made, ledger, lambda: house.now()), routes)


def holders(house: House) -> APIRouter:
    routes = holding.router(SignedIn())
    if not house.settings.has_conformance:
        return routes
    return joined(routes, holding.conformance_router(_TESTS, _PROOF_ONLY))


def verifiers(house: House) -> APIRouter:
    keys = resolver(house.source)
    desk = VcApi(keys, house.source, anchors=house.anchors)
    routes = joined(verifying.router(desk, SignedIn(), _told, lambda: house.now()), dids.router(house.source))
    if not house.settings.has_proof_only:
        return routes
    access = _TESTS if house.settings.development else SignedIn()
    desk = VcApi(keys, house.source, proof_only=True, anchors=house.anchors)
    return joined(routes, verifying.router(desk, access, _told, lambda: house.now(), _PROOF_ONLY))


def _told(report: Report) -> Json:
    return report_json(report, "en")
