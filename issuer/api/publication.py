"""Public documents over HTTP, at the paths that identifiers demand, for the host that was asked."""

from collections.abc import Callable
from typing import Final, TypeAlias

from fastapi import APIRouter, Request, Response

from boundary.serving.access import Public, allow
from boundary.serving.public import public_answer
from issuer.publication import Resource
from issuer.publish import CWT_SUFFIX
from problems import NotFoundError

Find: TypeAlias = Callable[[str, str], Resource | None]
"""From host and path to what is published there."""

_PUBLISHED: Final = Public("published for everybody to read")
_SHORT: Final = 30
"""Seconds: with what the service itself remembers, a revocation is seen within a minute."""
_LONG: Final = 3_600
_CWT: Final = "application/statuslist+cwt"
_KEYS: Final = (
    "/.well-known/did.json",
    "/{place:path}/did.json",
    "/.well-known/jwt-vc-issuer",
    "/.well-known/jwt-vc-issuer/{place:path}",
)
_NAMES: Final = ("/passeport/{place:path}",)
_BITSTRINGS: Final = (
    "/status/bitstring/{number}/{purpose}",
    "/{place:path}/status/bitstring/{number}/{purpose}",
)
_TOKENS: Final = ("/status/token/{number}", "/{place:path}/status/token/{number}")


def router(find: Find) -> APIRouter:
    routes = APIRouter(tags=["publication"], dependencies=[])

    def document(request: Request) -> Response:
        return _answer(find, request, request.url.path, _SHORT)

    def lasting(request: Request) -> Response:
        return _answer(find, request, request.url.path, _LONG)

    def token_list(request: Request) -> Response:
        """Two forms at one address (Token Status List §8.1), told apart by what the asker accepts."""
        path = request.url.path
        if _CWT in request.headers.get("accept", "") and not path.endswith(CWT_SUFFIX):
            path += CWT_SUFFIX
        return _answer(find, request, path, _SHORT, "Accept")

    for paths, endpoint in (
        (_KEYS + _BITSTRINGS, document), (_TOKENS, token_list), (_NAMES, lasting)
    ):  # fmt: skip
        for path in paths:
            routes.add_api_route(
                path,
                endpoint,
                methods=["GET", "HEAD"],
                dependencies=[allow(_PUBLISHED)],
                include_in_schema=False,
                response_class=Response,
            )
    return routes


def _answer(find: Find, request: Request, path: str, seconds: int, vary: str = "") -> Response:
    found = find(request.headers.get("host", ""), path)
    if found is None:
        raise NotFoundError("http.not_found")
    return public_answer(found.body, found.media_type, request, seconds, vary)
