"""Offers over HTTP: for one person, sent again, taken back, listed without what they say of people."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, JsonValue

from boundary.serving.access import Members, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from issuer.api.services import PREFIX, Page, Services
from issuer.offer import Offering, Sent
from issuer.operations.office import Office
from issuer.order import Award
from problems import NotFoundError
from storage.offers import Offer, Policy

_OPERATORS: Final = Members("operator")
_READERS: Final = Members("operator", "approver", "auditor", "support")
_OFFER: Final[Json] = {
    "id": "0b9f…", "reference": "R-12", "template": "diploma", "policy": "code", "state": "offered",
    "expires": "2026-12-21T09:30:12+00:00", "held": False, "claimedAt": None,
}  # fmt: skip
_SENT: Final[Json] = {
    "id": "0b9f…", "reference": "R-12", "link": "openid-credential-offer://?…", "code": "012345",
    "expires": "2026-12-21T09:30:12+00:00",
}  # fmt: skip
Text = Annotated[str, Field(min_length=1, max_length=200)]


class NewOffer(Body):
    """A row of claims for a template, and who may claim it."""

    template: Annotated[str, Field(max_length=60)]
    reference: Text
    claims: dict[str, JsonValue]
    policy: Policy = "code"
    held: bool = False


_ROW: Final[Json] = {
    "template": "diploma", "reference": "R-12", "policy": "code",
    "claims": {
        "family_name": "EXEMPLE-DÉMONSTRATION", "given_name": "Camille Fictive", "birthdate": "2000-02-29",
        "name": "BTS Finition (exemple)", "certification": "RNCP35809", "awarded": "2026-07-03",
    },
}  # fmt: skip


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix=f"{PREFIX}/offers", tags=["offers"])
    _list(routes, services)
    _make(routes, services)
    _change(routes, services)
    return routes


def _list(routes: APIRouter, services: Services) -> None:
    @routes.get(
        "",
        dependencies=[allow(_READERS)],
        responses=answers("Offers, newest first", {"offers": [_OFFER]}) | refusals(401, 403, 404),
    )
    def list_offers(organisation: str, page: Annotated[Page, Query()]) -> Response:
        """The offers of the organisation and what became of them, without any claim."""
        offers = services.office(organisation).offers
        found = offers.page(organisation, services.now(), page.after, page.limit)
        return json_answer({"offers": [_told(offer) for offer in found]}, headers=NO_STORE)


def _make(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "",
        status_code=201,
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(NewOffer, _ROW),
        responses=answers("What must reach the person; it cannot be had again", _SENT, 201)
        | refusals(401, 403, 404, 409),
    )
    def offer(
        organisation: str, request: Request, given: Annotated[NewOffer, Depends(shaped(NewOffer))]
    ) -> Response:
        """Offer one award to one person: a link, and a code that must reach them another way."""
        office, now = services.office(organisation), services.now()
        row = services.row(given.template, given.reference, given.claims)
        award, desk = Award(row.reference, row.template, row.claims), office.open_desk()
        with services.doing(request, organisation, "offer.create"):
            sent = Offering(office.offers).make(organisation, award, given.policy, desk, now, held=given.held)
        return json_answer(told_sent(sent, office), 201, NO_STORE)


def _change(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/{offer}/resend",
        dependencies=[allow(_OPERATORS)],
        responses=answers("The new link; the old one is dead", _SENT) | refusals(401, 403, 404, 409),
    )
    def resend(organisation: str, offer: str, request: Request) -> Response:
        """Make a new link and code; what was sent before opens nothing any more."""
        office, found = _found(services, organisation, offer)
        with services.doing(request, organisation, "offer.resend", found.id):
            sent = Offering(office.offers).resend(found.id, services.now())
        return json_answer(told_sent(sent, office), headers=NO_STORE)

    @routes.delete(
        "/{offer}",
        status_code=204,
        dependencies=[allow(_OPERATORS)],
        responses=refusals(401, 403, 404, 409),
    )
    def cancel(organisation: str, offer: str, request: Request) -> Response:
        """Take an offer back before it is claimed; afterwards what was issued can be revoked."""
        office, found = _found(services, organisation, offer)
        with services.doing(request, organisation, "offer.cancel", found.id):
            Offering(office.offers).cancel(found.id, services.now())
        return Response(status_code=204)


def _found(services: Services, organisation: str, offer_id: str) -> tuple[Office, Offer]:
    """An offer of another organisation is not there."""
    office = services.office(organisation)
    found = office.offers.find(offer_id, services.now())
    if found is None or found.organisation != organisation:
        raise NotFoundError("offer.unknown")
    return office, found


def told_sent(sent: Sent, office: Office) -> Json:
    return {
        "id": sent.offer.id,
        "reference": sent.offer.reference,
        "link": office.link(sent),
        "code": sent.tx_code,
        "expires": sent.offer.expires.isoformat(timespec="seconds"),
    }


def _told(offer: Offer) -> Json:
    return {
        "id": offer.id,
        "reference": offer.reference,
        "template": offer.template,
        "policy": offer.policy,
        "state": offer.state,
        "expires": offer.expires.isoformat(timespec="seconds"),
        "held": offer.held,
        "claimedAt": offer.claimed_at.isoformat(timespec="seconds") if offer.claimed_at else None,
    }
