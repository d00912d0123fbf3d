"""Signing in and out of this service with a passphrase, and who one is then."""

from typing import Annotated, Final, Literal, TypedDict

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from boundary.serving.access import Caller, Public, SignedIn, allow, caller
from boundary.serving.answers import NO_STORE, json_answer
from boundary.serving.body import Body, documented, shaped
from boundary.serving.documents import answers, refusals
from boundary.strict_json import Json
from passeport.serve.gate import cookie_name, is_foreign, is_https
from passeport.serve.house import House
from passeport.serve.settings import Service
from problems import AccessError
from storage.accounts import Account


class _Flags(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


class Credentials(Body):
    login: Annotated[str, Field(max_length=60)]
    passphrase: Annotated[str, Field(max_length=200)]


_EXAMPLE: Final[Json] = {"account": "a-5d1c", "organisations": {"centre": ["administrator", "operator"]}}


def router(house: House) -> APIRouter:
    routes = APIRouter(prefix="/session", tags=["session"])

    @routes.post(
        "",
        dependencies=[allow(Public("the way in"))],
        openapi_extra=documented(Credentials, {"login": "camille", "passphrase": "quatre mots de passe"}),
        responses=answers("Signed in", _EXAMPLE) | refusals(401, 403),
    )
    def sign_in(request: Request, given: Annotated[Credentials, Depends(shaped(Credentials))]) -> Response:
        """Sign in with a local account. The session is in a cookie that no script can read."""
        if is_foreign(request, house.settings):  # or another site signs somebody in as somebody else
            raise AccessError("access.other_origin")
        account = house.people.sign_in(given.login, given.passphrase)
        roles = house.people.members.memberships(account.id)
        answer = json_answer(_told(Caller(account.id, dict(roles))), headers=NO_STORE)
        start(house, request, answer, account)
        return answer

    @routes.get(
        "", dependencies=[allow(SignedIn())], responses=answers("Who is asking", _EXAMPLE) | refusals(401)
    )
    def who(request: Request) -> Response:
        """Who is asking, under an opaque id, and what they may be where."""
        return json_answer(_told(caller(request)), headers=NO_STORE)

    @routes.delete("", status_code=204, dependencies=[allow(SignedIn())], responses=refusals(401, 403))
    def sign_out(request: Request) -> Response:
        """Sign out: the session ends, here and wherever its cookie was copied to."""
        secret = request.cookies.get(cookie_name(house.settings))
        if secret:
            house.people.sessions.end(secret)
        answer = Response(status_code=204, headers={"Clear-Site-Data": '"cookies"', **NO_STORE})
        answer.delete_cookie(cookie_name(house.settings), **_flags(house.settings))
        return answer

    return routes


def start(house: House, request: Request, answer: Response, account: Account) -> None:
    """Let ``answer`` carry a new session of ``account``."""
    name = cookie_name(house.settings)
    secret = house.people.open_session(account, request.cookies.get(name))
    answer.set_cookie(name, secret, **_flags(house.settings))


def _flags(settings: Service) -> _Flags:
    return {"path": "/", "secure": is_https(settings), "httponly": True, "samesite": "lax"}


def _told(who: Caller) -> Json:
    return {
        "account": who.id,
        "organisations": {name: [*sorted(roles)] for name, roles in sorted(who.roles.items())},
    }
