"""Shares behind links, over HTTP: made at whichever service the holder names, listed, cut."""

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary import limits
from boundary.serving.access import allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.strict_json import Json
from wallet import share
from wallet.api.services import OPEN, Services
from wallet.present import Choice
from wallet.share import Shared
from wallet.vault import Vault


class Shown(Body):
    """One credential, and the ids of the items to show of it; ``*`` for all."""

    credential: Annotated[str, Field(max_length=64)]
    items: Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=100)] = ()


class NewShare(Body):
    """What to show, and at which service: its scheme and host."""

    show: Annotated[tuple[Shown, ...], Field(min_length=1, max_length=20)]
    service: Annotated[str, Field(max_length=300)]
    days: Annotated[int, Field(ge=1, le=92)] = 30
    views: Annotated[int | None, Field(ge=1, le=limits.LINK_VIEWS)] = None


_EXAMPLE: Final[Json] = {
    "show": [{"credential": "0f9f1c526b0a4c378f3e3d0f3f6f7a10", "items": ["family_name", "mention"]}],
    "service": "https://passeport.example",
    "days": 30,
}


def add(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/links", status_code=201, dependencies=[allow(OPEN)], openapi_extra=documented(NewShare, _EXAMPLE)
    )
    def make(given: Annotated[NewShare, Depends(shaped(NewShare))], request: Request) -> Response:
        """Put what is chosen behind a new link, encrypted. ``url`` opens it for whoever has it."""
        with services.vault(request) as vault:
            made = share.share(
                _choices(given, vault),
                vault,
                given.service,
                lambda _: services.client,
                services.now(),
                lifetime=dt.timedelta(days=given.days),
                max_views=given.views,
            )
        return json_answer(_told(made), 201, NO_STORE)

    @routes.get("/links", dependencies=[allow(OPEN)])
    def listed(request: Request) -> Response:
        """The links that were made and not cut."""
        with services.vault(request) as vault:
            found = [_told(one) for one in share.links(vault)]
        return json_answer({"links": [*found]}, headers=NO_STORE)

    @routes.delete("/links/{name}", status_code=204, dependencies=[allow(OPEN)])
    def cut(name: str, request: Request) -> Response:
        """Cut a link: nobody opens it any more."""
        with services.vault(request) as vault:
            share.unlink(vault, name, lambda _: services.client)
        return Response(status_code=204, headers=dict(NO_STORE))


def _choices(given: NewShare, vault: Vault) -> list[Choice]:
    return [Choice(vault.get(one.credential), one.items) for one in given.show]


def _told(made: Shared) -> Json:
    return {
        "id": made.id,
        "url": made.link.url,
        "titles": [*made.titles],
        "expires": made.expires.isoformat(),
        "views": made.max_views,
    }
