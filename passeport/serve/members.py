"""The people of an organisation, and its keys for programs."""

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.roles import Role
from boundary.serving.access import Members, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from passeport.people import People
from passeport.serve.house import House
from storage.organisations import ApiKey, Member

_READERS: Final = Members("administrator", "auditor")
_ADMINISTRATORS: Final = Members("administrator")
_MEMBER: Final[Json] = {"account": "a-5d1c", "roles": ["operator"]}
_KEY: Final[Json] = {
    "id": "k-77aa", "begins": "psk_Zk3v9QwA", "roles": ["operator"], "madeBy": "a-5d1c",
    "expires": "2027-01-01", "revoked": False, "lastUsed": None,
}  # fmt: skip


class Roles(Body):
    roles: Annotated[list[Role], Field(max_length=10)]


class NewKey(Body):
    roles: Annotated[list[Role], Field(min_length=1, max_length=10)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


def router(house: House) -> APIRouter:
    routes = APIRouter(prefix="/organisations/{organisation}", tags=["organisations"])
    _members(routes, house.people)
    _keys(routes, house.people)
    return routes


def _members(routes: APIRouter, people: People) -> None:
    @routes.get(
        "/members",
        dependencies=[allow(_READERS)],
        responses=answers("The members", {"members": [_MEMBER]}) | refusals(401, 403, 404),
    )
    def list_members(organisation: str) -> Response:
        """The members, by the opaque ids of their accounts."""
        found = people.members.members(organisation)
        return json_answer({"members": [_member(member) for member in found]}, headers=NO_STORE)

    @routes.put(
        "/members/{account}",
        dependencies=[allow(_ADMINISTRATORS)],
        openapi_extra=documented(Roles, {"roles": ["operator", "auditor"]}),
        responses=answers("What they are now", _MEMBER) | refusals(401, 403, 404, 409),
    )
    def set_roles(
        organisation: str, account: str, request: Request, given: Annotated[Roles, Depends(shaped(Roles))]
    ) -> Response:
        """Let an account be these roles and no others; it counts from its next request on."""
        roles = frozenset(given.roles)
        people.set_roles(caller(request).answers, organisation, account, roles)
        return json_answer(_member(Member(account, roles)), headers=NO_STORE)

    @routes.delete(
        "/members/{account}",
        status_code=204,
        dependencies=[allow(_ADMINISTRATORS)],
        responses=refusals(401, 403, 404, 409),
    )
    def remove_member(organisation: str, account: str, request: Request) -> Response:
        """Let an account be nothing here any more."""
        people.set_roles(caller(request).answers, organisation, account, frozenset())
        return Response(status_code=204)


def _keys(routes: APIRouter, people: People) -> None:
    @routes.get(
        "/api-keys",
        dependencies=[allow(_READERS)],
        responses=answers("The keys", {"keys": [_KEY]}) | refusals(401, 403, 404),
    )
    def list_keys(organisation: str) -> Response:
        """The keys for programs, by how they begin."""
        return json_answer(
            {"keys": [_key(key) for key in people.members.keys(organisation)]}, headers=NO_STORE
        )

    @routes.post(
        "/api-keys",
        status_code=201,
        dependencies=[allow(_ADMINISTRATORS)],
        openapi_extra=documented(NewKey, {"roles": ["operator"], "days": 90}),
        responses=answers("The key, shown this once", {**_KEY, "key": "psk_…"}, 201)
        | refusals(401, 403, 404),
    )
    def make_key(
        organisation: str, request: Request, given: Annotated[NewKey, Depends(shaped(NewKey))]
    ) -> Response:
        """Make a key for a program. It is sent as `Authorization: Bearer psk_…`, never in an address."""
        life = dt.timedelta(days=given.days)
        key, secret = people.make_key(caller(request).answers, organisation, frozenset(given.roles), life)
        return json_answer({**_key(key), "key": secret}, 201, NO_STORE)

    @routes.delete(
        "/api-keys/{key}",
        status_code=204,
        dependencies=[allow(_ADMINISTRATORS)],
        responses=refusals(401, 403, 404),
    )
    def revoke_key(organisation: str, key: str, request: Request) -> Response:
        """Revoke a key; it counts from its next request on."""
        people.revoke_key(caller(request).answers, organisation, key)
        return Response(status_code=204)


def _member(member: Member) -> Json:
    return {"account": member.account, "roles": [*sorted(member.roles)]}


def _key(key: ApiKey) -> Json:
    return {
        "id": key.id,
        "begins": key.shown,
        "roles": [*sorted(key.roles)],
        "madeBy": key.made_by,
        "expires": key.expires.date().isoformat(),
        "revoked": key.revoked,
        "lastUsed": key.used.isoformat() if key.used else None,
    }
