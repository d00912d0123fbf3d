"""One holder's wallet over HTTP: offers to accept, requests to answer, credentials, history.

Everything but opening it needs the cookie of an open wallet. What is shown is kept in the vault until the
holder's word: what is accepted or answered is what was shown.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.fetch import Client
from boundary.serving.access import Bound, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import refusals
from boundary.serving.language import language
from boundary.strict_json import Json
from exchange.openid4vp.client_id import Trust
from problems import AccessError, InputError
from wallet import answer, asked, described, history, hold, receive
from wallet.api.sessions import COOKIE, Sessions
from wallet.hold import Verify
from wallet.opened import open_held
from wallet.receive import Errand, Web
from wallet.receive import errand as errands
from wallet.vault import Vault

_OPEN: Final = Bound("the cookie of an open wallet")
_REFUSED: Final = refusals(400, 401, 403, 404, 409, 413)


@dataclass(frozen=True)
class Services:
    """``foreign`` says whether a page of another site sent a request; ``back`` is where sign-ins return."""

    sessions: Sessions
    client: Client
    web: Web
    trust: Callable[[], Trust]
    verify: Verify
    foreign: Callable[[Request], bool]
    back: str
    secure: bool
    now: Callable[[], dt.datetime]


class Passphrase(Body):
    passphrase: Annotated[str, Field(max_length=1_000)]


class Link(Body):
    link: Annotated[str, Field(max_length=8_000)]


class Accepted(Body):
    """Which of what is offered, all of it if nothing is said, in how many copies, with which code."""

    configurations: tuple[str, ...] | None = None
    copies: Annotated[int, Field(ge=1, le=50)] = 1
    tx_code: Annotated[str | None, Field(max_length=100)] = None


class Choice(Body):
    """The ids of the credentials to show: those of the consent, what it suggests if nothing is said."""

    credentials: tuple[str, ...] | None = None


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/wallet", tags=["wallet"], responses=_REFUSED)
    _door(routes, services)
    _offers(routes, services)
    _requests(routes, services)
    _shelf(routes, services)
    return routes


def _door(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/session",
        status_code=204,
        dependencies=[allow(Bound("the passphrase of the wallet"))],
        openapi_extra=documented(Passphrase, {"passphrase": "quatre mots au hasard"}),
    )
    def unlock(given: Annotated[Passphrase, Depends(shaped(Passphrase))], request: Request) -> Response:
        """Open the wallet; it closes by itself after a quarter of an hour without use."""
        if services.foreign(request):
            raise AccessError("access.other_origin")
        secret = services.sessions.begin(given.passphrase, services.now())
        done = Response(status_code=204, headers=dict(NO_STORE))
        done.set_cookie(COOKIE, secret, path="/wallet", secure=services.secure, httponly=True, samesite="lax")
        return done

    @routes.delete("/session", status_code=204, dependencies=[allow(_OPEN)])
    def lock(request: Request) -> Response:
        """Close the wallet."""
        with _vault(request, services):
            services.sessions.end(request.cookies[COOKIE], services.now())
        done = Response(status_code=204, headers=dict(NO_STORE))
        done.delete_cookie(COOKIE, path="/wallet")
        return done


def _offers(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/offers",
        status_code=201,
        dependencies=[allow(_OPEN)],
        openapi_extra=documented(Link, {"link": "openid-credential-offer://?credential_offer_uri=…"}),
    )
    def look(given: Annotated[Link, Depends(shaped(Link))], request: Request) -> Response:
        """Look at an offer (OpenID4VCI); nothing of it is accepted."""
        with _vault(request, services) as vault:
            offered = receive.look(given.link, services.web)
            errand = receive.start(offered)
            receive.remember(errand, vault, services.now())
            shown = described.offered(offered, language(request))
        return json_answer({"id": errand.id, "offered": shown}, 201, NO_STORE)

    @routes.get("/offers", dependencies=[allow(_OPEN)])
    def on_their_way(request: Request) -> Response:
        """What was looked at, accepted, or is to be delivered later."""
        with _vault(request, services) as vault:
            listed = [_state(one, request) for one in receive.errands(vault)]
        return json_answer({"offers": [*listed]}, headers=NO_STORE)

    @routes.post(
        "/offers/{name}/accept",
        dependencies=[allow(_OPEN)],
        openapi_extra=documented(Accepted, {"configurations": ["diploma.sd-jwt"], "copies": 1}),
    )
    def accept(
        name: str, given: Annotated[Accepted, Depends(shaped(Accepted))], request: Request
    ) -> Response:
        """Accept an offer: what arrives is shown, and kept only when its holder says so."""
        with _vault(request, services) as vault:
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

    @routes.get("/callback", dependencies=[allow(_OPEN)])
    def signed_in(request: Request) -> Response:
        """Where the issuer's page leads back to (RFC 6749 §4.1.2, RFC 9207)."""
        state = request.query_params.get("state")
        with _vault(request, services, looks=True) as vault:
            waiting = [one for one in receive.errands(vault) if one.signing_in]
            found = next((one for one in waiting if one.signing_in and one.signing_in.state == state), None)
            if found is None:
                raise InputError("receive.not_signing_in")
            errand = receive.signed_in(found, request.url.query, services.web)
            return json_answer(_collected(errand, vault, services, request), headers=NO_STORE)

    @routes.post("/offers/{name}/collect", dependencies=[allow(_OPEN)])
    def collect(name: str, request: Request) -> Response:
        """Ask again for what was to be delivered later."""
        with _vault(request, services) as vault:
            errand = errands.named(vault, name)
            return json_answer(_collected(errand, vault, services, request), headers=NO_STORE)

    @routes.post("/offers/{name}/keep", dependencies=[allow(_OPEN)])
    def keep(name: str, request: Request) -> Response:
        """Keep what arrived."""
        with _vault(request, services) as vault:
            errand = errands.named(vault, name)
            held = receive.keep(errand, vault, services.verify, services.web)
            return json_answer({"kept": [one.id for one in held]}, headers=NO_STORE)

    @routes.delete("/offers/{name}", status_code=204, dependencies=[allow(_OPEN)])
    def refuse(name: str, request: Request) -> Response:
        """Refuse an offer, or what arrived."""
        with _vault(request, services) as vault:
            receive.refuse(errands.named(vault, name), vault, services.web)
        return Response(status_code=204, headers=dict(NO_STORE))


def _requests(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/requests",
        status_code=201,
        dependencies=[allow(_OPEN)],
        openapi_extra=documented(Link, {"link": "openid4vp://?client_id=…&request_uri=…"}),
    )
    def ask(given: Annotated[Link, Depends(shaped(Link))], request: Request) -> Response:
        """Look at a request (OpenID4VP): who asks, what would be shown, what stays hidden. Nothing leaves."""
        with _vault(request, services) as vault:
            found = answer.fetch(given.link, services.client, services.trust())
            name = asked.remember(found, vault, services.now())
            shown = described.consent(history.propose(found, vault), language(request))
        return json_answer({"id": name, "consent": shown}, 201, NO_STORE)

    @routes.post(
        "/requests/{name}/answer",
        dependencies=[allow(_OPEN)],
        openapi_extra=documented(Choice, {"credentials": ["0f9f1c526b0a4c378f3e3d0f3f6f7a10"]}),
    )
    def agree(name: str, given: Annotated[Choice, Depends(shaped(Choice))], request: Request) -> Response:
        """Show what was chosen. ``next`` is where the verifier leads the person on, for their browser."""
        with _vault(request, services) as vault:
            now = services.now()
            consent = history.propose(asked.recall(name, vault, now), vault)
            every = [one for found in consent.proposals.values() for one in found]
            wanted = given.credentials
            chosen = (
                consent.suggested() if wanted is None else [one for one in every if one.held.id in wanted]
            )
            where = history.give(consent, chosen, vault, services.client, now)
            asked.forget(name, vault, now)
        return json_answer({"next": where}, headers=NO_STORE)

    @routes.delete("/requests/{name}", status_code=204, dependencies=[allow(_OPEN)])
    def decline(name: str, request: Request) -> Response:
        """Decline; whoever asked does not learn why."""
        with _vault(request, services) as vault:
            now = services.now()
            history.withhold(asked.recall(name, vault, now), vault, services.client, now)
            asked.forget(name, vault, now)
        return Response(status_code=204, headers=dict(NO_STORE))


def _shelf(routes: APIRouter, services: Services) -> None:
    @routes.get("/credentials", dependencies=[allow(_OPEN)])
    def credentials(request: Request) -> Response:
        """What the wallet holds."""
        with _vault(request, services) as vault:
            listed: list[Json] = [
                {"id": one.held.id, "form": one.held.media_type, "title": one.facts.title}
                for one in hold.shelf(vault)
            ]
        return json_answer({"credentials": [*listed]}, headers=NO_STORE)

    @routes.get("/credentials/{name}", dependencies=[allow(_OPEN)])
    def credential(name: str, request: Request) -> Response:
        """One credential, item by item."""
        with _vault(request, services) as vault:
            held = vault.get(name)
        opened = open_held(held)
        content: Json = {
            "id": held.id,
            "form": held.media_type,
            "title": opened.facts.title,
            "items": described.items(opened.facts, language(request)),
        }
        return json_answer(content, headers=NO_STORE)

    @routes.delete("/credentials/{name}", status_code=204, dependencies=[allow(_OPEN)])
    def remove(name: str, request: Request) -> Response:
        """Erase a credential."""
        with _vault(request, services) as vault:
            vault.remove(name)
        return Response(status_code=204, headers=dict(NO_STORE))

    @routes.get("/history", dependencies=[allow(_OPEN)])
    def past(request: Request) -> Response:
        """What was shown, to whom and when."""
        with _vault(request, services) as vault:
            listed = [described.presented(one) for one in history.presented(vault)]
        return json_answer({"history": [*listed]}, headers=NO_STORE)


@contextmanager
def _vault(request: Request, services: Services, *, looks: bool = False) -> Iterator[Vault]:
    """Yield the open vault of whoever carries its cookie; other sites' pages cannot use it."""
    if not looks and services.foreign(request):
        raise AccessError("access.other_origin")
    with services.sessions.vault(request.cookies.get(COOKIE), services.now()) as vault:
        yield vault


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
