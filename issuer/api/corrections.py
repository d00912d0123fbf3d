"""What holders ask for, and what is put in the place of what was wrong; and everything, to take away."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, JsonValue

from boundary.serving.access import Bound, Members, allow
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import Responses, answers, refusals
from boundary.strict_json import Json
from issuer.api.offers import told_sent
from issuer.api.services import PREFIX, Page, Services
from issuer.offer import Sent
from issuer.operations.corrections import Corrections
from issuer.operations.export import Export
from issuer.operations.reissue import Reason, Reissues, next_reference
from issuer.operations.withdrawal import Withdrawals
from problems import ConflictError
from storage.corrections import Correction
from storage.offers import Policy

_OPERATORS: Final = Members("operator")
_HOLDER: Final = Bound("the signature of the key that a certificate is bound to, over a nonce of the issuer")
_SENT: Final[Json] = {
    "id": "0b9f…", "reference": "R-12~2", "link": "openid-credential-offer://?…", "code": "012345",
    "expires": "2026-12-21T09:30:12+00:00",
}  # fmt: skip
_CORRECTION: Final[Json] = {
    "id": "c-81f0", "reference": "R-12", "text": "Mon prénom est mal écrit.", "state": "open",
    "asked": "2026-11-21T09:30:12+00:00", "answer": None, "new": None,
}  # fmt: skip
_CLAIMS: Final[Json] = {
    "family_name": "EXEMPLE-DÉMONSTRATION", "given_name": "Camille Fictive", "birthdate": "2000-02-29",
    "name": "BTS Finition (exemple)", "certification": "RNCP35809", "awarded": "2026-07-03",
}  # fmt: skip


_LINES: Final[Responses] = {
    200: {
        "description": "One JSON document per line",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


class NewAward(Body):
    """The claims of the new award. ``reference`` is one that follows the old one's if it is not given."""

    template: Annotated[str, Field(max_length=60)]
    claims: dict[str, JsonValue]
    reason: Reason = "CORRECTION"
    policy: Policy = "code"
    reference: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class Asked(Body):
    """``request`` is the JWT of :mod:`exchange.correction`."""

    request: Annotated[str, Field(max_length=16_000)]


class Reply(Body):
    """``text`` is for the holder; ``award`` what replaces the certificate, if the request is accepted."""

    outcome: Literal["accepted", "refused"]
    text: Annotated[str, Field(max_length=2_000)] = ""
    award: NewAward | None = None


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["corrections"])
    _reissue(routes, services)
    _ask(routes, services)
    _answer(routes, services)
    _export(routes, services)
    return routes


def _reissue(routes: APIRouter, services: Services) -> None:
    @routes.post(
        f"{PREFIX}/credentials/{{reference:path}}/reissue",
        status_code=201,
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(NewAward, {"template": "diploma", "claims": _CLAIMS}),
        responses=answers("The offer of the new award; the old one is revoked", _SENT, 201)
        | refusals(401, 403, 404, 409),
    )
    def reissue(
        organisation: str,
        reference: str,
        request: Request,
        given: Annotated[NewAward, Depends(shaped(NewAward))],
    ) -> Response:
        """Put a new award in the place of an old one, which is revoked. Asked again, it comes to the same."""
        office = services.office(organisation)
        with services.doing(request, organisation, "credentials.reissue"):
            sent = _reissued(services, organisation, reference, given)
        return json_answer(told_sent(sent, office), 201, NO_STORE)


def _reissued(services: Services, organisation: str, old: str, given: NewAward) -> Sent:
    office = services.office(organisation)
    row = services.row(given.template, given.reference or next_reference(old), given.claims)
    reissues = Reissues(office, Withdrawals(office, services.approvals), services.links)
    return reissues.make(old, row, given.reason, given.policy, services.now())


def _ask(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/issuers/{organisation}/corrections",
        status_code=201,
        dependencies=[allow(_HOLDER)],
        openapi_extra=documented(Asked, {"request": "eyJ0eXAiOiJwYXNzcG9ydC1jb3JyZWN0aW9uK2p3dCJ9…"}),
        responses=answers("The request was taken", {"id": "c-81f0", "state": "open"}, 201)
        | refusals(401, 404, 409),
    )
    def ask(organisation: str, given: Annotated[Asked, Depends(shaped(Asked))]) -> Response:
        """Ask for a certificate to be corrected, with the key that it is bound to."""
        made = _corrections(services, organisation).ask(given.request, services.now())
        return json_answer({"id": made.id, "state": made.state}, 201, NO_STORE)

    @routes.get(
        f"{PREFIX}/corrections",
        dependencies=[allow(_OPERATORS)],
        responses=answers("Requests, newest first", {"corrections": [_CORRECTION]}) | refusals(401, 403, 404),
    )
    def list_corrections(organisation: str, page: Annotated[Page, Query()]) -> Response:
        """What holders ask for; the texts are removed thirty days after the answer."""
        found = services.corrections.of(organisation, page.after, page.limit)
        return json_answer({"corrections": [_told(one) for one in found]}, headers=NO_STORE)


def _answer(routes: APIRouter, services: Services) -> None:
    @routes.post(
        f"{PREFIX}/corrections/{{correction}}/answer",
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(Reply, {"outcome": "refused", "text": "Le registre dit la même chose."}),
        responses=answers("The answered request, with the new offer", {**_CORRECTION, "offer": _SENT})
        | refusals(401, 403, 404, 409, 413),
    )
    def answer(
        organisation: str,
        correction: str,
        request: Request,
        given: Annotated[Reply, Depends(shaped(Reply))],
    ) -> Response:
        """Refuse a request, with a reason, or accept it, with the award that replaces the certificate."""
        office, desk = services.office(organisation), _corrections(services, organisation)
        found, sent = desk.find(correction), None
        if found.state != "open":
            raise ConflictError("correction.answered")
        with services.doing(request, organisation, "correction.answer", found.id):
            if given.outcome == "accepted" and given.award:
                sent = _reissued(services, organisation, found.reference, given.award)
            new = sent.offer.reference if sent else ""
            done = desk.answer(correction, given.outcome, given.text, new, services.now())
        offered = told_sent(sent, office) if sent else None
        return json_answer({**_told(done), "offer": offered}, headers=NO_STORE)


def _export(routes: APIRouter, services: Services) -> None:
    @routes.get(
        f"{PREFIX}/export",
        dependencies=[allow(Members("administrator"))],
        responses=_LINES | refusals(401, 403, 404),
    )
    def export(organisation: str, request: Request) -> Response:
        """Everything that the organisation has here: credentials, status lists, replacements, log."""
        office = services.office(organisation)
        with services.doing(request, organisation, "organisation.export", organisation):
            lines = Export(office, services.links, services.audit).lines()
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{office.organisation}.ndjson"'}
        return StreamingResponse(lines, 200, headers, "application/x-ndjson")


def _corrections(services: Services, organisation: str) -> Corrections:
    return Corrections(services.office(organisation), services.corrections, services.once)


def _told(one: Correction) -> Json:
    return {
        "id": one.id,
        "reference": one.reference,
        "text": one.text,
        "state": one.state,
        "asked": one.asked.isoformat(timespec="seconds"),
        "answer": one.answer,
        "new": one.new or None,
    }
