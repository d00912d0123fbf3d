"""Requests (OpenID4VP) over HTTP: looked at, answered or declined."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from boundary.serving.access import allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.language import language
from wallet import answer, asked, described, history
from wallet.api.offers import Link
from wallet.api.services import OPEN, Services


class Choice(Body):
    """The ids of the credentials to show: those of the consent, what it suggests if nothing is said."""

    credentials: tuple[str, ...] | None = None


def add(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/requests",
        status_code=201,
        dependencies=[allow(OPEN)],
        openapi_extra=documented(Link, {"link": "openid4vp://?client_id=…&request_uri=…"}),
    )
    def ask(given: Annotated[Link, Depends(shaped(Link))], request: Request) -> Response:
        """Look at a request (OpenID4VP): who asks, what would be shown, what stays hidden. Nothing leaves."""
        with services.vault(request) as vault:
            found = answer.fetch(given.link, services.client, services.trust())
            name = asked.remember(found, vault, services.now())
            shown = described.consent(history.propose(found, vault), language(request))
        return json_answer({"id": name, "consent": shown}, 201, NO_STORE)

    @routes.post(
        "/requests/{name}/answer",
        dependencies=[allow(OPEN)],
        openapi_extra=documented(Choice, {"credentials": ["0f9f1c526b0a4c378f3e3d0f3f6f7a10"]}),
    )
    def agree(name: str, given: Annotated[Choice, Depends(shaped(Choice))], request: Request) -> Response:
        """Show what was chosen. ``next`` is where the verifier leads the person on, for their browser."""
        with services.vault(request) as vault:
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

    @routes.delete("/requests/{name}", status_code=204, dependencies=[allow(OPEN)])
    def decline(name: str, request: Request) -> Response:
        """Decline; whoever asked does not learn why."""
        with services.vault(request) as vault:
            now = services.now()
            history.withhold(asked.recall(name, vault, now), vault, services.client, now)
            asked.forget(name, vault, now)
        return Response(status_code=204, headers=dict(NO_STORE))
