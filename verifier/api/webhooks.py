"""An organisation's webhooks over HTTP: register an address, see what was told there, take it away."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary import limits
from boundary.serving.access import Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from storage.audit import Event
from storage.webhooks import Delivery, Webhook
from verifier.webhooks import WebhookDesk

_ADMINISTRATORS: Final = Members("administrator")
_READERS: Final = Members("administrator", "operator", "auditor")
_WEBHOOK: Final[Json] = {
    "id": "w-0c2f", "url": "https://recruteur.example/passeport", "created": "2026-11-21T09:30:12+00:00",
    "madeBy": "a-5d1c", "disabled": False,
}  # fmt: skip
_DELIVERY: Final[Json] = {
    "id": "msg_3pQ", "state": "delivered", "attempts": 2, "answer": 204, "problem": None,
    "due": "2026-11-21T09:31:00+00:00", "expires": "2026-11-21T09:45:12+00:00",
}  # fmt: skip
_SHOWN: Final = 100


class NewWebhook(Body):
    """An https address of the organisation's; on this machine only where the service itself is."""

    url: Annotated[str, Field(max_length=limits.URL_CHARS)]


@dataclass(frozen=True)
class Services:
    """``known`` raises NotFoundError for what is no organisation. Inside ``written`` is done what an event
    says, if it can be written down before."""

    desk: WebhookDesk
    now: Callable[[], dt.datetime]
    written: Callable[[Event], AbstractContextManager[None]]


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix="/organisations/{organisation}/webhooks", tags=["webhooks"])
    _reading(routes, services.desk)
    desk = services.desk

    @routes.post(
        "",
        status_code=201,
        dependencies=[allow(_ADMINISTRATORS)],
        openapi_extra=documented(NewWebhook, {"url": "https://recruteur.example/passeport"}),
        responses=answers(
            "The webhook; its secret is shown this once", {**_WEBHOOK, "secret": "whsec_…"}, 201
        )
        | refusals(401, 403, 404, 413),
    )
    def register(
        organisation: str, request: Request, given: Annotated[NewWebhook, Depends(shaped(NewWebhook))]
    ) -> Response:
        """Register an address that a request may name in `webhook`. Messages are signed as Standard Webhooks
        has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and say that a request was answered,
        not what. For another secret, register the address again and remove the first."""
        author = caller(request).answers
        made = Webhook(desk.new_id(), organisation, given.url, author, services.now())
        with services.written(Event(author, "webhook.add", made.id, organisation)):
            secret = desk.register(made)
        return json_answer({**_told(made), "secret": secret}, 201, NO_STORE)

    @routes.delete(
        "/{webhook}",
        status_code=204,
        dependencies=[allow(_ADMINISTRATORS)],
        responses=refusals(401, 403, 404),
    )
    def remove(organisation: str, webhook: str, request: Request) -> Response:
        """Tell nothing there any more, not even what waits to be told."""
        found = desk.of(organisation, webhook)
        with services.written(Event(caller(request).answers, "webhook.remove", found.id, organisation)):
            desk.remove(organisation, found.id)
        return Response(status_code=204)

    return routes


def _reading(routes: APIRouter, desk: WebhookDesk) -> None:
    @routes.get(
        "",
        dependencies=[allow(_READERS)],
        responses=answers("The webhooks", {"webhooks": [_WEBHOOK]}) | refusals(401, 403, 404),
    )
    def list_webhooks(organisation: str) -> Response:
        """The webhooks of the organisation. One that answered 410 is disabled."""
        found = desk.store.of(organisation)
        return json_answer({"webhooks": [_told(one) for one in found]}, headers=NO_STORE)

    @routes.get(
        "/{webhook}/deliveries",
        dependencies=[allow(_READERS)],
        responses=answers("What was told, newest first", {"deliveries": [_DELIVERY]})
        | refusals(401, 403, 404),
    )
    def list_deliveries(organisation: str, webhook: str) -> Response:
        """What was or is to be told there, for as long as the results themselves are kept."""
        found = desk.store.deliveries(desk.of(organisation, webhook).id, _SHOWN)
        return json_answer({"deliveries": [_delivery(one) for one in found]}, headers=NO_STORE)


def _told(webhook: Webhook) -> Json:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "created": webhook.created.isoformat(timespec="seconds"),
        "madeBy": webhook.author,
        "disabled": webhook.disabled,
    }


def _delivery(delivery: Delivery) -> Json:
    return {
        "id": delivery.id,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "problem": delivery.code or None,
        "due": delivery.due.isoformat(timespec="seconds"),
        "expires": delivery.expires.isoformat(timespec="seconds"),
    }
