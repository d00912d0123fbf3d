"""What was issued, over HTTP: listed by reference, revoked, suspended, restored."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from boundary.serving.access import Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from issuer.api.services import PREFIX, Services
from issuer.operations.withdrawal import Found, Reason, Withdrawals
from storage.issuance import Catalogued, StatusValue

_OPERATORS: Final = Members("operator")
_READERS: Final = Members("operator", "approver", "auditor", "support")
_CREDENTIAL: Final[Json] = {
    "number": 12, "id": "urn:uuid:4f36…", "reference": "R-12", "template": "diploma", "form": "sd-jwt",
    "issued": "2026-11-21", "status": "valid", "since": None, "reason": None,
}  # fmt: skip
_SET: Final[Json] = {"reference": "R-12", "status": "revoked", "credentials": 2}
_BULK: Final[Json] = {"revoked": 0, "waiting": 120, "before": 3, "unknown": 0, "approval": None}
Reference = Annotated[str, Field(min_length=1, max_length=500)]


class Why(Body):
    reason: Reason


class Revocations(Body):
    """``confirm`` is how many references would be revoked, as a try with ``dry_run`` tells."""

    references: Annotated[list[Reference], Field(min_length=1, max_length=10_000)]
    reason: Reason
    dry_run: bool = True
    confirm: Annotated[int, Field(ge=0)] = 0


class Numbered(Body):
    """Which credentials: those after the number ``after``."""

    model_config = Body.model_config | {"strict": False}

    after: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def router(services: Services) -> APIRouter:
    routes = APIRouter(prefix=PREFIX, tags=["credentials"])
    _list(routes, services)
    words: tuple[tuple[str, StatusValue], ...] = (
        ("revoke", "revoked"), ("suspend", "suspended"), ("restore", "valid"),
    )  # fmt: skip
    for word, value in words:
        _set(routes, services, word, value)
    _revoke_many(routes, services)
    return routes


def _list(routes: APIRouter, services: Services) -> None:
    @routes.get(
        "/credentials",
        dependencies=[allow(_READERS)],
        responses=answers("Credentials, oldest first", {"credentials": [_CREDENTIAL]})
        | refusals(401, 403, 404),
    )
    def list_credentials(organisation: str, page: Annotated[Numbered, Query()]) -> Response:
        """What was issued and what has become of it, without any claim."""
        found = services.office(organisation).ledger.catalogue(page.after, page.limit)
        return json_answer({"credentials": [told(one) for one in found]}, headers=NO_STORE)


def _set(routes: APIRouter, services: Services, word: str, value: StatusValue) -> None:
    @routes.post(
        f"/credentials/{{reference:path}}/{word}",
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(Why, {"reason": "error"}),
        responses=answers("What it is now", _SET) | refusals(401, 403, 404, 409),
        name=f"{word}_credential",
        description=f"{word.capitalize()} every form and copy of an award; it shows within a minute.",
    )
    def set_status(
        organisation: str, reference: str, given: Annotated[Why, Depends(shaped(Why))]
    ) -> Response:
        withdrawals = Withdrawals(services.office(organisation), services.approvals)
        count = withdrawals.set(reference, value, given.reason, services.now())
        return json_answer({"reference": reference, "status": value, "credentials": count}, headers=NO_STORE)


def _revoke_many(routes: APIRouter, services: Services) -> None:
    @routes.post(
        "/revocations",
        dependencies=[allow(_OPERATORS)],
        openapi_extra=documented(
            Revocations, {"references": ["R-12"], "reason": "error", "dry_run": False, "confirm": 1}
        ),
        responses=answers("What was revoked, or would be", _BULK)
        | answers("Somebody else must approve first; then send the same again", _BULK, 202)
        | refusals(401, 403, 404, 409),
    )
    def revoke_many(
        organisation: str, request: Request, given: Annotated[Revocations, Depends(shaped(Revocations))]
    ) -> Response:
        """Revoke many awards, if exactly `confirm` of them would be. Above the number that the service
        allows at once, a second person approves the proposal `approval`, which is bound to the list."""
        withdrawals = Withdrawals(services.office(organisation), services.approvals)
        if given.dry_run:
            return json_answer(_told_bulk(withdrawals.examine(given.references), 0, ""), headers=NO_STORE)
        found, approval = withdrawals.revoke(
            given.references, given.reason, given.confirm, caller(request), services.now()
        )
        done = 0 if approval else len(found.waiting)
        return json_answer(_told_bulk(found, done, approval), 202 if approval else 200, NO_STORE)


def told(one: Catalogued) -> Json:
    return {
        "number": one.number,
        "id": one.credential_id,
        "reference": one.reference,
        "template": one.template,
        "form": one.form,
        "issued": one.issued_at.date().isoformat(),
        "status": one.status,
        "since": one.since or None,
        "reason": one.reason or None,
    }


def _told_bulk(found: Found, revoked: int, approval: str) -> Json:
    waiting = len(found.waiting) - revoked
    return {
        "revoked": revoked,
        "waiting": waiting,
        "before": found.before,
        "unknown": found.unknown,
        "approval": approval or None,
    }
