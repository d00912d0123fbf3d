"""Links to shares over HTTP: a wallet puts ciphertext here, whoever has the link takes it with a click.

Nothing is read or counted by GET: programs that look at links before people do (previews, mail filters)
neither see a share nor use it up.
"""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, Field

from boundary import limits
from boundary.serving.access import Bound, Public, allow, bearer
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.paced import paced
from boundary.strict_json import Json
from problems import AuthenticationError
from storage.links import LinkState, Terms
from verifier.links import LinkDesk

_OWNER: Final = Bound("the token of the link's owner")
_Responses: TypeAlias = dict[int | str, dict[str, Any]]
_NONE: Final[_Responses] = {404: {"description": "no such link, or not one of the asker's"}}
_NONE_OR_GONE: Final[_Responses] = {
    **_NONE,
    410: {"description": "it has expired, was cut by its owner, or was opened often enough"},
}


class NewLink(Body):
    """A share to keep. ``id`` is 128 random bits in base64url, ``ciphertext`` a JWE (``dir``, A256GCM).

    ``host`` is the host of this service as the wallet knows it: what is inside was made for a link there.
    """

    host: str = Field(max_length=260)
    id: str = Field(max_length=22)
    ciphertext: str = Field(max_length=limits.LINK_BYTES)
    expires: Annotated[AwareDatetime, Field(strict=False)]
    max_views: int | None = None


class View(Body):
    """Nothing: that it is asked for on purpose is all."""


class NewTerms(Body):
    """What to change; what is not said stays."""

    expires: Annotated[AwareDatetime | None, Field(strict=False)] = None
    max_views: int | None = None


_EXAMPLE: Final[Json] = {
    "host": "passeport.example",
    "id": "AAECAwQFBgcICQoLDA0ODw",
    "ciphertext": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
    "expires": "2026-12-21T08:00:00Z",
    "max_views": 5,
}


def router(desk: LinkDesk, now: Callable[[], dt.datetime]) -> APIRouter:
    routes = APIRouter(prefix="/links", tags=["links"])
    _for_all(routes, desk, now)
    _for_owners(routes, desk, now)
    return routes


def _for_all(routes: APIRouter, desk: LinkDesk, now: Callable[[], dt.datetime]) -> None:
    @routes.post(
        "",
        status_code=201,
        dependencies=[
            allow(Public("a wallet on a laptop has no account here; paced, and small")),
            paced(limits.LINKS_PER_MINUTE),
        ],
        openapi_extra=documented(NewLink, _EXAMPLE),
    )
    def make(given: Annotated[NewLink, Depends(shaped(NewLink))]) -> Response:
        """Keep a share. ``owner`` is shown this once: whoever has it may change or cut the link."""
        terms = Terms(given.expires, given.max_views)
        desk.require_host(given.host)
        owner = desk.make(given.id, given.ciphertext, terms, now())
        content: Json = {"id": given.id, "owner": owner, "expires": given.expires.isoformat()}
        return json_answer(content, 201, NO_STORE)

    @routes.post(
        "/{name}/view",
        dependencies=[
            allow(Bound("the unguessable name of the link, without whose key nothing can be read")),
            paced(limits.LINK_VIEWS_PER_MINUTE),
        ],
        openapi_extra=documented(View, {}),
        responses=_NONE_OR_GONE,
    )
    def view(name: str, given: Annotated[View, Depends(shaped(View))]) -> Response:  # noqa: ARG001
        """Take the ciphertext, which counts as one view."""
        return json_answer({"ciphertext": desk.view(name, now())}, headers=NO_STORE)


def _for_owners(routes: APIRouter, desk: LinkDesk, now: Callable[[], dt.datetime]) -> None:
    @routes.get("/{name}", dependencies=[allow(_OWNER)], responses=_NONE)
    def state(name: str, request: Request) -> Response:
        """Read how often a link was opened, and whether it is over; its owner's token is the bearer token."""
        return json_answer(_told(desk.state(name, _owner(request), now())), headers=NO_STORE)

    @routes.patch(
        "/{name}",
        dependencies=[allow(_OWNER)],
        openapi_extra=documented(NewTerms, {"max_views": 1}),
        responses=_NONE_OR_GONE,
    )
    def change(
        name: str, request: Request, given: Annotated[NewTerms, Depends(shaped(NewTerms))]
    ) -> Response:
        """Let it end sooner, or be opened more or less often."""
        owner = _owner(request)
        before = desk.state(name, owner, now()).terms
        said = given.model_fields_set
        terms = Terms(
            given.expires or before.expires, given.max_views if "max_views" in said else before.max_views
        )
        return json_answer(_told(desk.change(name, owner, terms, now())), headers=NO_STORE)

    @routes.delete("/{name}", status_code=204, dependencies=[allow(_OWNER)], responses=_NONE)
    def revoke(name: str, request: Request) -> Response:
        """Cut the link: what it led to is erased."""
        desk.revoke(name, _owner(request))
        return Response(status_code=204, headers=NO_STORE)


def _owner(request: Request) -> str:
    token = bearer(request)
    if token is None:
        raise AuthenticationError("link.owner")
    return token


def _told(state: LinkState) -> Json:
    return {
        "expires": state.terms.expires.isoformat(),
        "max_views": state.terms.max_views,
        "views": state.views,
        "ended": state.ending,
    }
