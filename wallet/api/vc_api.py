"""The VC-API of who holds: what shows a chosen part of a credential. Nothing is kept."""

from typing import Final

from fastapi import APIRouter, Response

from boundary.serving.access import Access, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import JsonBody
from boundary.strict_json import Json
from contexts import CONFORMANCE, Contexts
from exchange import vc_api
from proofs import SUITES, data_integrity, suites


def router(access: Access, contexts: Contexts | None = None, at: str = "") -> APIRouter:
    """Return the route under ``at``, for whoever ``access`` lets in; the product's contexts if None."""
    known = SUITES if contexts is None else suites(contexts)
    routes = APIRouter(prefix=at, tags=["vc-api"])

    @routes.post("/credentials/derive", status_code=201, dependencies=[allow(access)], openapi_extra=_DERIVE)
    def derive_credential(body: JsonBody) -> Response:
        """Reduce a credential to what is always shown and to what the pointers select."""
        asked = vc_api.read_derive(body)
        derived = data_integrity.derive(asked.credential, known, asked.reveal)
        return json_answer(vc_api.secured(derived), 201, NO_STORE)

    return routes


def conformance_router(access: Access, at: str) -> APIRouter:
    return router(access, CONFORMANCE, at)


_EXAMPLE: Final[Json] = {
    "verifiableCredential": {"type": ["VerifiableCredential"]},
    "options": {"selectivePointers": ["/credentialSubject/name"]},
}
_DERIVE: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["verifiableCredential"],
                    "properties": {
                        "verifiableCredential": {"type": "object"},
                        "options": {"type": "object"},
                    },
                },
                "example": _EXAMPLE,
            }
        },
    }
}
