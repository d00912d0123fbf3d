"""Proposals over HTTP: whoever may do a thing proposes it, an approver answers."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.serving.access import Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from passeport.serve.house import House
from storage.approvals import Proposal

_AUTHORS: Final = Members("operator", "key_officer", "template_author")
_READERS: Final = Members("approver", "operator", "key_officer", "template_author", "auditor")
_DIGEST: Final = "6f1b4f3a0e9d2c5b8a7f6e5d4c3b2a190807f6e5d4c3b2a1908f7e6d5c4b3a29"
_PROPOSAL: Final[Json] = {
    "id": "p-51d0", "action": "credentials.revoke", "content": _DIGEST, "facts": {"count": 120},
    "author": "a-5d1c", "state": "proposed", "decidedBy": None, "expires": "2026-11-28T09:30:12+00:00",
}  # fmt: skip

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
_Fact = Annotated[str, Field(max_length=100)] | int
_Facts = Annotated[dict[Annotated[str, Field(max_length=40)], _Fact], Field(max_length=20)]


class NewProposal(Body):
    """``content`` is the SHA-256 of the canonical JSON of what would be done; ``facts`` say it in numbers
    and opaque ids."""

    action: Annotated[str, Field(pattern="^[a-z_]{1,30}\\.[a-z_]{1,30}$")]
    content: Digest
    facts: _Facts = Field(default_factory=dict)


class Answer(Body):
    """``content`` is what the approver looked at."""

    content: Digest


def router(house: House) -> APIRouter:
    routes = APIRouter(prefix="/organisations/{organisation}/approvals", tags=["approvals"])

    @routes.get(
        "",
        dependencies=[allow(_READERS)],
        responses=answers("The proposals", {"proposals": [_PROPOSAL]}) | refusals(401, 403, 404),
    )
    def list_proposals(organisation: str) -> Response:
        """What was proposed here, newest first."""
        found = house.approvals.of(organisation, house.now())
        return json_answer({"proposals": [_told(one) for one in found]}, headers=NO_STORE)

    @routes.post(
        "",
        status_code=201,
        dependencies=[allow(_AUTHORS)],
        openapi_extra=documented(
            NewProposal, {"action": "credentials.revoke", "content": _DIGEST, "facts": {"count": 120}}
        ),
        responses=answers("The proposal", _PROPOSAL, 201) | refusals(401, 403, 404),
    )
    def propose(
        organisation: str, request: Request, given: Annotated[NewProposal, Depends(shaped(NewProposal))]
    ) -> Response:
        """Propose to do something that takes another person's agreement."""
        made = house.four_eyes.propose(
            caller(request), organisation, given.action, given.content, {**given.facts}
        )
        return json_answer(_told(made), 201, NO_STORE)

    _answering(house, routes, "approve")
    _answering(house, routes, "reject")
    return routes


def _answering(house: House, routes: APIRouter, word: str) -> None:
    @routes.post(
        f"/{{proposal}}/{word}",
        dependencies=[allow(Members("approver"))],
        openapi_extra=documented(Answer, {"content": _DIGEST}),
        responses=answers("The proposal", _PROPOSAL) | refusals(401, 403, 404, 409),
        name=word,
        description="Answer a proposal of somebody else, to exactly the content that was looked at.",
    )
    def answer(
        organisation: str, proposal: str, request: Request, given: Annotated[Answer, Depends(shaped(Answer))]
    ) -> Response:
        decided = house.four_eyes.decide(
            caller(request), organisation, proposal, given.content, approve=word == "approve"
        )
        return json_answer(_told(decided), headers=NO_STORE)


def _told(proposal: Proposal) -> Json:
    return {
        "id": proposal.id,
        "action": proposal.action,
        "content": proposal.content,
        "facts": proposal.facts,
        "author": proposal.author,
        "state": proposal.state,
        "decidedBy": proposal.decided_by or None,
        "expires": proposal.expires.isoformat(timespec="seconds"),
    }
