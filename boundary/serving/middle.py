"""What every request passes before its route: it is counted, paced, and its answer dressed.

Plain ASGI, so that nothing is buffered and a stream stays a stream.
"""

import time
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from boundary import limits
from boundary.serving import events
from boundary.serving.refusals import problem_answer
from boundary.serving.tally import Tally, network
from problems import LimitError, Problem, RateError, UnavailableError

_LOG: Final = structlog.get_logger("http")
_REQUESTS: Final = Counter("passeport_http_requests", "Requests answered", ("method", "route", "status"))
_SECONDS: Final = Histogram("passeport_http_seconds", "Time to answer", ("method", "route"))
_AT_ONCE: Final = Gauge("passeport_http_at_once", "Requests being answered", multiprocess_mode="livesum")
_UNPACED: Final = ("/health", "/ready", "/metrics")
_EVENTS: Final = (b"content-type", f"{events.MEDIA_TYPE}; charset=utf-8".encode())

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=()"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
)


class Watch:
    """Counts and logs each answer by its route's pattern: never a path, which may hold a secret or a name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with _AT_ONCE.track_inprogress():
            try:
                await self._app(scope, receive, watching)
            finally:
                _report(scope, status, time.perf_counter() - started)


def _report(scope: Scope, status: int, seconds: float) -> None:
    route = _pattern(scope)
    _REQUESTS.labels(scope["method"][:10], route, status).inc()
    _SECONDS.labels(scope["method"][:10], route).observe(seconds)
    _LOG.info(
        "answered", method=scope["method"][:10], route=route, status=status, ms=round(seconds * 1000, 1)
    )


def _pattern(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "-"))


class Pace:
    """Refuses what is too much: of one address in a minute (429), of all at once in this process (503)."""

    def __init__(self, app: ASGIApp, tally: Tally, per_minute: int, at_once: int) -> None:
        self._app, self._at_once, self._taken = app, at_once, 0
        self._tally, self._per_minute = tally, per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _UNPACED:
            return await self._app(scope, receive, send)
        address = network(scope["client"][0]) if scope.get("client") else "-"
        if not self._tally.hit(address, self._per_minute):
            return await _refuse(RateError("http.too_often"), scope, receive, send)
        if self._taken >= self._at_once:
            return await _refuse(UnavailableError("http.busy"), scope, receive, send)
        place = _Place(self)
        try:
            await self._app(scope, place.receiving(receive), place.sending(send))
        finally:
            place.leave()

    @property
    def is_full(self) -> bool:
        return self._taken > self._at_once

    def take(self, places: int) -> None:
        self._taken += places


class _Place:
    """The place of one request among those that are answered at once, left while somebody else decides when
    it goes on: who makes us wait for the rest of a request (RT-002), or is told events as they happen."""

    def __init__(self, pace: Pace) -> None:
        self._pace, self._held, self._whole, self._streams = pace, False, False, False
        self._take()

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._pace.take(-1)

    def _take(self) -> None:
        if not self._held and not self._streams:
            self._held = True
            self._pace.take(1)

    def receiving(self, receive: Receive) -> Receive:
        async def received() -> Message:
            if self._whole:
                return await receive()  # that the client is gone
            self.leave()
            try:
                message = await receive()
            finally:
                self._take()
            self._whole = not message.get("more_body", False)
            if message["type"] == "http.request" and self._pace.is_full:
                raise UnavailableError("http.busy")
            return message

        return received

    def sending(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and _EVENTS in message.get("headers", ()):
                self._streams = True
                self.leave()
            await send(message)

        return sent


class Brief:
    """Refuses addresses (414) and headers (431) that are longer than anybody needs (RFC 9110, RFC 6585)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers, address = scope["headers"], len(scope["raw_path"]) + len(scope["query_string"])
            if address > limits.URL_BYTES:
                problem = LimitError("http.address_too_long", limit=limits.URL_BYTES)
                await _refuse(problem, scope, receive, send, 414)
                return
            size = sum(len(name) + len(value) for name, value in headers)
            if size > limits.HEADERS_BYTES or len(headers) > limits.HEADERS:
                problem = LimitError("http.headers_too_large", limit=limits.HEADERS_BYTES)
                await _refuse(problem, scope, receive, send, 431)
                return
        await self._app(scope, receive, send)


async def _refuse(
    problem: Problem, scope: Scope, receive: Receive, send: Send, status: int | None = None
) -> None:
    await problem_answer(problem, Request(scope), status)(scope, receive, send)


class Headers:
    """Adds to every answer what a browser should know; a route that says otherwise is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _HEADERS if pair[0] not in said),
                ]
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] == "http" else send)
