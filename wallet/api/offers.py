"""Offers (OpenID4VCI) over HTTP: looked at, accepted, collected, kept or refused."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.serving.access import allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.language import language
from boundary.strict_json import Json
from problems import InputError
from wallet import described, receive
from wallet.api.services import OPEN, Services
from wallet.receive import Errand
from wallet.receive import errand as errands
from wallet.vault import Vault


class Link(Body):
    link: Annotated[str, Field(max_length=8_000)]


class Accepted(Body):
    """Which of what is offered, all of it if nothing is said, in how many copies, with which code."""

    configurations: tuple[str, ...] | None = None
    copies: Annotated[int, Field(ge=1, le=50)] = 1
    tx_code: Annotated[str | None, Field(max_length=100)] = None


def add(routes: APIRouter, services: Services) -> None:
    _look(routes, services)
    _accept(routes, services)
    _sign_in(routes, services)
    _keep(routes, services)


def _look(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/offers",
        status_code=201,
        dependencies=[allow(OPEN)],
        openapi_extra=documented(Link, {"link": "openid-credential-offer://?credential_offer_uri=…"}),
    )
    def look(given: Annotated[Link, Depends(shaped(Link))], request: Request) -> Response:
        """Look at an offer (OpenID4VCI); nothing of it is accepted."""
        with services.vault(request) as vault:
            offered = receive.look(given.link, services.web)
            errand = receive.start(offered)
            receive.remember(errand, vault, services.now())
            shown = described.offered(offered, language(request))
        return json_answer({"id": errand.id, "offered": shown}, 201, NO_STORE)

    @routes.get("/offers", dependencies=[allow(OPEN)])
    def on_their_way(request: Request) -> Response:
        """What was looked at, accepted, or is to be delivered later."""
        with services.vault(request) as vault:
            listed = [_state(one, request) for one in receive.errands(vault)]
        return json_answer({"offers": [*listed]}, headers=NO_STORE)


def _accept(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/offers/{name}/accept",
        dependencies=[allow(OPEN)],
        openapi_extra=documented(Accepted, {"configurations": ["diploma.sd-jwt"], "copies": 1}),
    )
    def accept(
        name: str, given: Annotated[Accepted, Depends(shaped(Accepted))], request: Request
    ) -> Response:
        """Accept an offer: what arrives is shown, and kept only when its holder says so."""
        with services.vault(request) as vault:
            found = errands.named(vault, name)
            if found.access is not None:
                raise InputError("receive.accepted_already")
            errand = errands.again(found, given.configurations, given.copies)
            if found.offered.by_sign_in:
                errand, url = receive.sign_in(errand, services.back, services.web)
                receive.remember(errand, vault, services.now())
                return json_answer({"id": errand.id, "state": "sign_in", "url": url}, headers=NO_STORE)
            errand = receive.redeem(errand, given.tx_code, services.web)
            return json_answer(_collected(errand, vault, services, request), headers=NO_STORE)


def _sign_in(routes: APIRouter, services: Services) -> None:
    @routes.get("/callback", dependencies=[allow(OPEN)])
    def signed_in(request: Request) -> Response:
        """Where the issuer's page leads back to (RFC 6749 §4.1.2, RFC 9207)."""
        state = request.query_params.get("state")
        with services.vault(request, looks=True) as vault:
            waiting = [one for one in receive.errands(vault) if one.signing_in]
            found = next((one for one in waiting if one.signing_in and one.signing_in.state == state), None)
            if found is None:
                raise InputError("receive.not_signing_in")
            errand = receive.signed_in(found, request.url.query, services.web)
            return json_answer(_collected(errand, vault, services, request), headers=NO_STORE)


def _keep(routes: APIRouter, services: Services) -> None:
    @routes.post("/offers/{name}/collect", dependencies=[allow(OPEN)])
    def collect(name: str, request: Request) -> Response:
        """Ask again for what was to be delivered later."""
        with services.vault(request) as vault:
            errand = errands.named(vault, name)
            return json_answer(_collected(errand, vault, services, request), headers=NO_STORE)

    @routes.post("/offers/{name}/keep", dependencies=[allow(OPEN)])
    def keep(name: str, request: Request) -> Response:
        """Keep what arrived."""
        with services.vault(request) as vault:
            errand = errands.named(vault, name)
            held = receive.keep(errand, vault, services.verify, services.web)
            return json_answer({"kept": [one.id for one in held]}, headers=NO_STORE)

    @routes.delete("/offers/{name}", status_code=204, dependencies=[allow(OPEN)])
    def refuse(name: str, request: Request) -> Response:
        """Refuse an offer, or what arrived."""
        with services.vault(request) as vault:
            receive.refuse(errands.named(vault, name), vault, services.web)
        return Response(status_code=204, headers=dict(NO_STORE))


def _collected(errand: Errand, vault: Vault, services: Services, request: Request) -> Json:
    """Collect what can be had; tokens and what came stay in the vault meanwhile."""
    receive.remember(errand, vault, services.now())
    errand = receive.collect(errand, vault, services.web)
    receive.remember(errand, vault, services.now())
    found = receive.arrived(errand, vault, services.verify, services.web)
    lang = language(request)
    return {
        "id": errand.id,
        "state": "arrived" if found else "waiting",
        "arrived": [described.arrival(one, lang) for one in found],
    }


def _state(one: Errand, request: Request) -> Json:
    state = (
        "arrived" if one.arrived else "waiting" if one.waiting else "accepted" if one.access else "offered"
    )
    return {"id": one.id, "state": state, "offered": described.offered(one.offered, language(request))}
