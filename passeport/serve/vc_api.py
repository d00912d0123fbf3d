"""Wires the W3C VC-API: issuers, holders and verifiers, and the instances for other people's test-suites."""

import os
from functools import cache
from pathlib import Path

from fastapi import APIRouter

from boundary import files
from boundary.serving.access import Public, SignedIn
from boundary.strict_json import Json
from issuer.api import vc_api as issuing
from issuer.conformance import Conformance
from keys.dids.resolve import resolver
from keys.signer import Algorithm
from passeport.machine import report_json
from passeport.serve.house import House
from storage.sqlite.issuance import SqliteLedger
from verifier.api import dids
from verifier.api import vc_api as verifying
from verifier.report import Report
from verifier.vc_api import VcApi
from wallet.api import vc_api as holding

_PROOF_ONLY = "/verifiers/proof-only"
_SECRET_BYTES = 32
_TESTS = Public("for test-suites, in development only")


def issuers(house: House) -> APIRouter:
    """The conformance instances come first: their names are nobody else's."""
    routes = APIRouter()
    if house.settings.has_conformance:
        routes.include_router(
            issuing.conformance_router(conformance(house), _ledgers(house), lambda: house.now())
        )

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
    routes.include_router(verifying.router(VcApi(keys, house.source), SignedIn(), _told, lambda: house.now()))
    if house.settings.has_proof_only:
        access = _TESTS if house.settings.development else SignedIn()
        desk = VcApi(keys, house.source, proof_only=True)
        routes.include_router(verifying.router(desk, access, _told, lambda: house.now(), _PROOF_ONLY))
    routes.include_router(dids.router(house.source))
    return routes


def conformance(house: House) -> Conformance:
    """Return the issuer for test-suites; all worker processes have the secret that was there first."""
    path = house.settings.database("conformance").with_suffix(".key")
    if not path.exists():
        files.write_first(path, os.urandom(_SECRET_BYTES))
    return Conformance(files.read(path, limit=_SECRET_BYTES), house.settings.public_url)


def _ledgers(house: House) -> issuing.Ledgers:
    @cache
    def ledger(algorithm: Algorithm) -> SqliteLedger:
        opened = SqliteLedger(_ledger_file(house, algorithm))
        house.closing.append(opened.close)
        return opened

    return ledger


def _ledger_file(house: House, algorithm: Algorithm) -> Path:
    return house.settings.database(f"conformance-{algorithm.lower()}")


def _told(report: Report) -> Json:
    return report_json(report, "en")
