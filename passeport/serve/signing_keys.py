"""The keys that sign for an organisation, changed by a key officer with another person's agreement."""

from contextlib import AbstractContextManager
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from boundary.serving.access import Caller, Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from keys.resolver import RevocationReason
from passeport.issuers import Issuer
from passeport.people import written
from passeport.serve.house import House
from problems import NotFoundError, UnavailableError
from storage.audit import Event

_OFFICERS: Final = Members("key_officer")


class Rotation(Body):
    """Says nothing: which key stands in the address."""


class Revocation(Body):
    reason: RevocationReason


def content(action: str, organisation: str, key: str, **more: str) -> Json:
    """Return what is approved: its :func:`passeport.serve.four_eyes.digest` goes into the proposal."""
    return {"action": action, "organisation": organisation, "key": key, **more}


def router(house: House) -> APIRouter:
    routes = APIRouter(prefix="/organisations/{organisation}/keys/{key}", tags=["organisations"])

    @routes.post(
        "/rotate",
        dependencies=[allow(_OFFICERS)],
        openapi_extra=documented(Rotation, {}),
        responses=answers("The new key", {"old": "key-1", "new": "key-2"}) | refusals(401, 403, 404, 409),
    )
    def rotate(
        organisation: str,
        key: str,
        request: Request,
        given: Annotated[Rotation, Depends(shaped(Rotation))],  # noqa: ARG001
    ) -> Response:
        """Replace an active key; what it signed stays valid.

        Takes an approval of `{"action": "keys.rotate", "key": …, "organisation": …}`.
        """
        issuer, passphrase = _found(house, organisation, key), _passphrase(house)
        with _agreed(house, caller(request), "keys.rotate", organisation, key):
            new = issuer.keyring.rotate(key, passphrase, now=house.now())
        issuer.publish_keys(house.settings.web)
        return json_answer({"old": key, "new": new.id}, headers=NO_STORE)

    @routes.post(
        "/revoke",
        dependencies=[allow(_OFFICERS)],
        openapi_extra=documented(Revocation, {"reason": "compromised"}),
        responses=answers("The revoked key", {"key": "key-1"}) | refusals(401, 403, 404, 409),
    )
    def revoke(
        organisation: str,
        key: str,
        request: Request,
        given: Annotated[Revocation, Depends(shaped(Revocation))],
    ) -> Response:
        """Revoke a key, with its reason: verifiers decide by it what its signatures are worth.

        Takes an approval of `{"action": "keys.revoke", "key": …, "organisation": …, "reason": …}`.
        """
        issuer = _found(house, organisation, key)
        with _agreed(house, caller(request), "keys.revoke", organisation, key, reason=given.reason):
            issuer.keyring.revoke(key, given.reason, now=house.now())
        issuer.publish_keys(house.settings.web)
        return json_answer({"key": key}, headers=NO_STORE)

    return routes


def _found(house: House, organisation: str, key: str) -> Issuer:
    issuer = house.organisations.get(organisation).issuer
    if all(record.id != key for record in issuer.keyring.records()):
        raise NotFoundError("access.not_found")
    return issuer


def _passphrase(house: House) -> str:
    if house.settings.passphrase is None:
        raise UnavailableError("service.no_passphrase")
    return house.settings.passphrase.get_secret_value()


def _agreed(
    house: House, by: Caller, action: str, organisation: str, key: str, **more: str
) -> AbstractContextManager[None]:
    house.four_eyes.require_approved(by, organisation, action, content(action, organisation, key, **more))
    return written(house.audit, Event(by.answers, action, key, organisation), house.now)
