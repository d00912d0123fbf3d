"""OpenID4VP 1.0 over HTTP: a recruiter asks and reads results, a wallet fetches the request and answers."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.serving.access import Bound, SignedIn, allow, bearer, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, FormBody, documented, read_form, shaped
from boundary.serving.refusals import speaks_oauth
from boundary.strict_json import Json
from exchange import dcql
from exchange.dcql import Query, build
from exchange.dcql.build import query_for
from exchange.openid4vp.request import TYP, Mode
from problems import AuthenticationError, InputError
from verifier.requests import Plan, RequestDesk
from verifier.webhooks import WebhookDesk

_OBJECT: Final = f"application/{TYP}"
_NAME: Final = Bound("the unguessable name of the request")


class Wanted(Body):
    """One type of certificate, such as ``diploma``, with the items to show of it, such as ``mention``."""

    type: str = Field(max_length=100)
    items: tuple[str, ...] = Field(default=(), max_length=50)
    required: bool = True


class NewRequest(Body):
    """What to ask a wallet for: plain fields, or a DCQL query (OpenID4VP 1.0 §6); one of the two. ``webhook``
    is the id of one of the asker's organisation, to be told there when it is answered."""

    ask: tuple[Wanted, ...] = Field(default=(), max_length=10)
    dcql_query: dict[str, object] | None = None
    response_mode: Mode = "direct_post"
    return_to: str | None = Field(default=None, max_length=2_000, pattern="^https?://")
    transaction_data: tuple[str, ...] = ()
    webhook: str | None = Field(default=None, max_length=100)


_EXAMPLE: Final[Json] = {"ask": [{"type": "diploma", "items": ["family_name", "mention"]}]}


def router(desk: RequestDesk, hooks: WebhookDesk, now: Callable[[], dt.datetime]) -> APIRouter:
    routes = APIRouter(prefix="/verifier", tags=["verifier"])

    @routes.post(
        "/requests",
        status_code=201,
        dependencies=[allow(SignedIn())],
        openapi_extra=documented(NewRequest, _EXAMPLE),
    )
    def ask(request: Request, given: Annotated[NewRequest, Depends(shaped(NewRequest))]) -> Response:
        """Open a request. Show ``link`` as a QR code or a button; keep ``handle`` to read the result. ``id``
        is how a webhook names it."""
        hook = hooks.named(given.webhook, caller(request)).id if given.webhook else None
        plan = Plan(_query(given), given.response_mode, given.return_to, given.transaction_data, hook)
        opened = desk.open(plan, now())
        content: Json = {
            "id": opened.id,
            "link": opened.link,
            "handle": opened.handle,
            "expires": opened.expires.isoformat(),
        }
        return json_answer(content, 201, NO_STORE)

    @routes.get("/results", dependencies=[allow(Bound("the handle of the request"))])
    def result(request: Request, response_code: str | None = None) -> Response:
        """Read how things stand; the handle is the bearer token."""
        return json_answer(desk.result(handle_of(request), response_code, now()), headers=NO_STORE)

    @routes.get("/requests/{name}/object", dependencies=[allow(_NAME), Depends(speaks_oauth)])
    def fetch(name: str) -> Response:
        """The signed request object (§5.10)."""
        return Response(desk.object(name, None, now()), media_type=_OBJECT, headers=NO_STORE)

    @routes.post("/requests/{name}/object", dependencies=[allow(_NAME), Depends(speaks_oauth)])
    async def fetch_by_post(name: str, request: Request) -> Response:
        """The signed request object, for this one wallet: its ``wallet_nonce`` comes back in it (§5.10.1)."""
        form = await read_form(request) if await request.body() else {}
        signed = desk.object(name, form.get("wallet_nonce"), now())
        return Response(signed, media_type=_OBJECT, headers=NO_STORE)

    @routes.post("/requests/{name}/answer", dependencies=[allow(_NAME), Depends(speaks_oauth)])
    def answer(name: str, form: FormBody) -> Response:
        """The wallet's answer (§8.2)."""
        return json_answer(desk.take(name, form, now()), headers=NO_STORE)

    return routes


def _query(given: NewRequest) -> Query:
    if bool(given.ask) == (given.dcql_query is not None):
        raise InputError("vp.ask")
    if given.dcql_query is not None:
        return dcql.read(given.dcql_query)  # type: ignore[arg-type]  # JSON, strictly read
    return query_for([build.Wanted(one.type, one.items, one.required) for one in given.ask])


def handle_of(request: Request) -> str:
    """Raises AuthenticationError."""
    handle = bearer(request)
    if handle is None:
        raise AuthenticationError("vp.handle")
    return handle
