"""One holder's wallet over HTTP: offers to accept, requests to answer, links to shares, credentials, history.

Everything but opening it needs the cookie of an open wallet. What is shown is kept in the vault until the
holder's word: what is accepted or answered is what was shown.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.serving.access import Bound, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import refusals
from boundary.serving.language import language
from boundary.strict_json import Json
from problems import AccessError
from wallet import described, history, hold
from wallet.api import links, offers, requests
from wallet.api.services import OPEN, Services
from wallet.api.sessions import COOKIE
from wallet.opened import open_held

__all__ = ["Services", "router"]

_REFUSED: Final = refusals(400, 401, 403, 404, 409, 413)


class Passphrase(Body):
    passphrase: Annotated[str, Field(max_length=1_000)]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/wallet", tags=["wallet"], responses=_REFUSED)
    _door(routes, services)
    offers.add(routes, services)
    requests.add(routes, services)
    links.add(routes, services)
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

    @routes.delete("/session", status_code=204, dependencies=[allow(OPEN)])
    def lock(request: Request) -> Response:
        """Close the wallet."""
        with services.vault(request):
            services.sessions.end(request.cookies[COOKIE], services.now())
        done = Response(status_code=204, headers=dict(NO_STORE))
        done.delete_cookie(COOKIE, path="/wallet")
        return done


def _shelf(routes: APIRouter, services: Services) -> None:
    @routes.get("/credentials", dependencies=[allow(OPEN)])
    def credentials(request: Request) -> Response:
        """What the wallet holds."""
        with services.vault(request) as vault:
            listed: list[Json] = [
                {"id": one.held.id, "form": one.held.media_type, "title": one.facts.title}
                for one in hold.shelf(vault)
            ]
        return json_answer({"credentials": [*listed]}, headers=NO_STORE)

    @routes.get("/credentials/{name}", dependencies=[allow(OPEN)])
    def credential(name: str, request: Request) -> Response:
        """One credential, item by item."""
        with services.vault(request) as vault:
            held = vault.get(name)
        opened = open_held(held)
        content: Json = {
            "id": held.id,
            "form": held.media_type,
            "title": opened.facts.title,
            "items": described.items(opened.facts, language(request)),
        }
        return json_answer(content, headers=NO_STORE)

    @routes.delete("/credentials/{name}", status_code=204, dependencies=[allow(OPEN)])
    def remove(name: str, request: Request) -> Response:
        """Erase a credential."""
        with services.vault(request) as vault:
            vault.remove(name)
        return Response(status_code=204, headers=dict(NO_STORE))

    @routes.get("/history", dependencies=[allow(OPEN)])
    def past(request: Request) -> Response:
        """What was shown, to whom and when."""
        with services.vault(request) as vault:
            listed = [described.presented(one) for one in history.presented(vault)]
        return json_answer({"history": [*listed]}, headers=NO_STORE)
