"""The result of a request as it comes (server-sent events): its state, then the very answer to a poll, once.

    id: open                       id: answered
    event: state                   event: state
    data: {"state":"open"}         data: {"state":"answered","presentations":{…}}

What a poll would refuse when the answer is there comes as an event ``problem``, and nothing after it. A
stream that ends early is taken up again with ``Last-Event-ID``; 204 says that there is nothing more to come
(WHATWG HTML §9.2.3).
"""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from boundary.serving.access import Bound, allow
from boundary.serving.answers import NO_STORE
from boundary.serving.documents import Responses, refusals
from boundary.serving.events import KEEP_ALIVE, MEDIA_TYPE, Event, Stream, Streams
from boundary.serving.language import language
from boundary.strict_json import Json
from problems import Problem
from problems.sentences import Lang
from verifier.api.openid4vp import handle_of
from verifier.requests import RequestDesk

_OPEN: Final = "open"
_OVER: Final = ("answered", "declined")
_STREAM: Final[Responses] = {
    200: {"description": "The stream", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    204: {"description": "Who asks has been told already"},
}


@dataclass(frozen=True)
class _Reader:
    """Who reads the result of one request, by its handle, in ``lang``."""

    desk: RequestDesk
    now: Callable[[], dt.datetime]
    handle: str
    code: str | None
    lang: Lang

    async def state(self) -> str:
        return await run_in_threadpool(self.desk.state, self.handle, self.now())

    async def result(self) -> Json:
        return await run_in_threadpool(self.desk.result, self.handle, self.code, self.now())

    async def last(self) -> bytes:
        try:
            return _event(await self.result())
        except Problem as problem:
            return Event("problem", {**problem.details(self.lang)}).written()


def router(desk: RequestDesk, streams: Streams, now: Callable[[], dt.datetime]) -> APIRouter:
    routes = APIRouter(prefix="/verifier", tags=["verifier"])

    @routes.get(
        "/results/events",
        dependencies=[allow(Bound("the handle of the request"))],
        response_class=StreamingResponse,
        responses=_STREAM | refusals(401, 403, 404),
    )
    async def events(
        request: Request,
        response_code: str | None = None,
        known: Annotated[str, Header(alias="Last-Event-ID", max_length=20)] = "",
    ) -> Response:
        """Be told when the answer is there; the handle is the bearer token. The last event says what
        `GET /verifier/results` says, and asks for the same `response_code` on the same device."""
        reader = _Reader(desk, now, handle_of(request), response_code, language(request))
        state = await reader.state()
        if known in _OVER:
            return Response(status_code=204, headers=NO_STORE)
        streams.require_room(reader.handle)
        told = _later(reader, streams, known) if state == _OPEN else _one(_event(await reader.result()))
        return Stream(streams, reader.handle, told)

    return routes


async def _one(part: bytes) -> AsyncIterator[bytes]:
    yield part


async def _later(reader: _Reader, streams: Streams, known: str) -> AsyncIterator[bytes]:
    yield _event({"state": _OPEN}) if known != _OPEN else KEEP_ALIVE
    async for happened in streams.until(reader.handle):
        yield await reader.last() if happened else KEEP_ALIVE


def _event(told: Json) -> bytes:
    return Event("state", told, str(told["state"])).written()
