"""The VC-API of issuers: credentials that are built elsewhere are signed, and later withdrawn."""

import datetime as dt
from collections.abc import Callable
from typing import Final, TypeAlias

from fastapi import APIRouter, Response

from boundary.serving.access import Members, Public, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import JsonBody
from boundary.strict_json import Json
from exchange import vc_api
from issuer import conformance
from issuer.conformance import Conformance
from issuer.counter import Desks
from issuer.vc_api import instance, issue_one, set_status
from keys.signer import Algorithm
from storage.issuance import Ledger

Clock: TypeAlias = Callable[[], dt.datetime]
Office: TypeAlias = tuple[Desks, Ledger]
Offices: TypeAlias = Callable[[str], Office]
"""From the name of an organisation to its desks and its ledger; raises NotFoundError."""
Ledgers: TypeAlias = Callable[[Algorithm], Ledger]

_OPERATORS: Final = Members("operator")
_SUITES: Final = Public("signs for nobody; in development only")


def router(offices: Offices, now: Clock) -> APIRouter:
    routes = APIRouter(prefix="/issuers/{organisation}/{name}", tags=["vc-api"])

    @routes.post(
        "/credentials/issue", status_code=201, dependencies=[allow(_OPERATORS)], openapi_extra=_ISSUE
    )
    def issue_credential(organisation: str, name: str, body: JsonBody) -> Response:
        """Sign a credential; `name` is the way of securing, and the kind of key where there are several."""
        chosen, asked = instance(name), vc_api.read_issue(body)
        desks, ledger = offices(organisation)
        credential = issue_one(chosen, asked, desks.desk(chosen.algorithm), ledger, now())
        return _made(credential)

    @routes.post("/credentials/status", dependencies=[allow(_OPERATORS)], openapi_extra=_STATUS)
    def update_status(organisation: str, name: str, body: JsonBody) -> Response:
        """Revoke or suspend a credential, by its id or by the name that it was issued under."""
        instance(name)
        asked = vc_api.read_status(body)
        set_status(offices(organisation)[1], asked, now())
        return json_answer({}, headers=NO_STORE)

    return routes


def conformance_router(made: Conformance, ledgers: Ledgers, now: Clock) -> APIRouter:
    """Return the instances for other people's test-suites; see docs/conformance.md."""
    routes = APIRouter(prefix="/issuers", tags=["conformance"])

    @routes.get(f"/{conformance.NAME}", dependencies=[allow(_SUITES)])
    def list_instances() -> Response:
        """The instances, as the configuration of a test-suite names them."""
        return json_answer(conformance.catalogue(made))

    @routes.post(
        f"/{conformance.NAME}/{{name}}/credentials/issue",
        status_code=201,
        dependencies=[allow(_SUITES)],
        openapi_extra=_ISSUE,
    )
    def issue_credential(name: str, body: JsonBody) -> Response:
        """Sign whatever the data model allows."""
        return _made(made.issue(instance(name), vc_api.read_issue(body), now()))

    @routes.post(
        f"/{conformance.WITH_STATUS}/{{name}}/credentials/issue",
        status_code=201,
        dependencies=[allow(_SUITES)],
        openapi_extra=_ISSUE,
    )
    def issue_with_status(name: str, body: JsonBody) -> Response:
        """The same, with a place in a status list."""
        chosen = instance(name)
        asked = vc_api.read_issue(body)
        return _made(made.issue_with_status(chosen, asked, ledgers(chosen.algorithm), now()))

    @routes.post(
        f"/{conformance.WITH_STATUS}/{{name}}/credentials/status",
        dependencies=[allow(_SUITES)],
        openapi_extra=_STATUS,
    )
    def update_status(name: str, body: JsonBody) -> Response:
        set_status(ledgers(instance(name).algorithm), vc_api.read_status(body), now())
        return json_answer({}, headers=NO_STORE)

    return routes


def _made(credential: Json) -> Response:
    return json_answer(vc_api.secured(credential), 201, NO_STORE)


def _body(required: list[str], properties: dict[str, object], example: Json) -> dict[str, object]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


_ISSUE: Final = _body(
    ["credential"],
    {"credential": {"type": "object"}, "options": {"type": "object"}},
    {
        "credential": {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "credentialSubject": {"id": "did:example:camille"},
        }
    },
)
_STATUS: Final = _body(
    ["credentialId", "credentialStatus"],
    {
        "credentialId": {"type": "string"},
        "credentialStatus": {"type": "object"},
        "status": {"type": "boolean", "default": True},
    },
    {
        "credentialId": "urn:uuid:2c2b1b5c-5d0e-4b6a-9d0e-6a1d8f1c2b3a",
        "credentialStatus": {"type": vc_api.STATUS_ENTRY, "statusPurpose": "revocation"},
        "status": True,
    },
)
