"""What an organisation is: its names, numbers, identifiers, and which keys sign for it; and its log."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from boundary.roles import ROLES
from boundary.serving.access import Members, SignedIn, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json, JsonValue
from credentials import sirene
from issuer.intake.claims import TEMPLATES
from keys import multikey
from keys.record import KeyRecord
from passeport import issuers
from passeport.issuers import Issuer
from passeport.people import written
from passeport.serve.house import House
from storage.audit import Entry, Event

_ANY_ROLE: Final = Members(*ROLES)
_PROFILE: Final[Json] = {
    "id": "centre", "name": "Centre (fictif)", "did": "did:web:certificateur.example",
    "siren": "000000018", "siret": "00000001800002", "url": "https://certificateur.example/",
    "templates": ["certification", "diploma"],
    "keys": [{
        "id": "key-1", "algorithm": "P-256", "state": "active", "purposes": ["assertionMethod"],
        "since": "2026-11-21", "publicKeyMultibase": "zDn…",
    }],
}  # fmt: skip
_ENTRY: Final[Json] = {
    "number": 12, "at": "2026-11-21T09:30:12.345+00:00", "who": "a-5d1c", "what": "api_key.create",
    "on": "k-77aa", "outcome": "done", "count": 1, "hash": "9f…",
}  # fmt: skip


class NewProfile(Body):
    """What the organisation may change of itself; its identifier is in everything that it ever signed."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    siret: Annotated[str, Field(max_length=14)] | None = None
    url: Annotated[str, Field(max_length=500, pattern="^https://[!-~]+$")] | None = None


class Page(Body):
    """Which entries: those after the number ``after``, at most ``limit``."""

    model_config = Body.model_config | {"strict": False}

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def router(house: House) -> APIRouter:
    routes = APIRouter(prefix="/organisations", tags=["organisations"])
    _profiles(routes, house)
    _log(routes, house)
    return routes


def _profiles(routes: APIRouter, house: House) -> None:
    @routes.get(
        "",
        dependencies=[allow(SignedIn())],
        responses=answers(
            "Where one is a member", {"organisations": [{"id": "centre", "roles": ["operator"]}]}
        )
        | refusals(401),
    )
    def list_organisations(request: Request) -> Response:
        """The organisations of which the caller is a member."""
        mine: list[JsonValue] = [
            {"id": name, "roles": [*sorted(roles)]} for name, roles in sorted(caller(request).roles.items())
        ]
        return json_answer({"organisations": mine}, headers=NO_STORE)

    @routes.get(
        "/{organisation}",
        dependencies=[allow(_ANY_ROLE)],
        responses=answers("The organisation", _PROFILE) | refusals(401, 403, 404),
    )
    def show(organisation: str) -> Response:
        """What an organisation is, and which keys sign for it."""
        return json_answer(_profile(house.organisations.get(organisation).issuer), headers=NO_STORE)

    @routes.put(
        "/{organisation}/profile",
        dependencies=[allow(Members("administrator"))],
        openapi_extra=documented(NewProfile, {"name": "Centre (fictif)", "siret": "00000001800002"}),
        responses=answers("The organisation", _PROFILE) | refusals(401, 403, 404),
    )
    def change(
        organisation: str, request: Request, given: Annotated[NewProfile, Depends(shaped(NewProfile))]
    ) -> Response:
        """Change its names and numbers; what was issued before keeps the old ones."""
        issuer = house.organisations.get(organisation).issuer
        event = Event(caller(request).answers, "organisation.profile", organisation, organisation)
        with written(house.audit, event, house.now):
            changed = issuers.change(issuer, given.name, given.siret, given.url)
        return json_answer(_profile(changed), headers=NO_STORE)


def _log(routes: APIRouter, house: House) -> None:
    @routes.get(
        "/{organisation}/audit",
        dependencies=[allow(Members("auditor", "administrator"))],
        responses=answers("Entries of the log", {"entries": [_ENTRY]}) | refusals(401, 403, 404),
    )
    def audit(organisation: str, page: Annotated[Page, Query()]) -> Response:
        """What was done here, oldest first, under opaque ids."""
        found = house.audit.entries(page.after, page.limit, organisation)
        return json_answer({"entries": [_entry(entry) for entry in found]}, headers=NO_STORE)


def _profile(issuer: Issuer) -> Json:
    who = issuer.profile
    return {
        "id": issuer.folder.name,
        "name": who.organisation,
        "did": who.did,
        "siren": sirene.siren(who.siret) if who.siret else None,
        "siret": who.siret,
        "url": who.url,
        "templates": [*TEMPLATES],
        "keys": [_key(record) for record in issuer.keyring.records()],
    }


def _key(record: KeyRecord) -> Json:
    return {
        "id": record.id,
        "algorithm": record.key.algorithm,
        "state": record.state,
        "purposes": [*sorted(record.purposes)],
        "since": record.since.date().isoformat(),
        "publicKeyMultibase": multikey.encode(record.key),
    }


def _entry(entry: Entry) -> Json:
    said = entry.event
    return {
        "number": entry.number,
        "at": entry.at,
        "who": said.who,
        "what": said.what,
        "on": said.on,
        "outcome": said.outcome,
        "count": said.count,
        "hash": entry.hash.hex(),
    }
