"""Answers that go on for a while: server-sent events (WHATWG HTML §9.2).

A stream holds no thread and no place among the requests that are answered at once; so many of them there may
be in a process, so many for one thing, each for so long. Whoever was cut off comes back by themselves, and
says with ``Last-Event-ID`` what they know.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from boundary import limits, strict_json
from boundary.serving.watch import Watcher
from boundary.strict_json import Json
from problems import RateError, UnavailableError

MEDIA_TYPE: Final = "text/event-stream"
KEEP_ALIVE: Final = b": still here\n\n"
"""A comment: proxies cut what is silent (§9.2.7 advises one every 15 seconds)."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True)
class Event:
    """``name`` is what listeners listen for, ``id`` what comes back as ``Last-Event-ID``."""

    name: str
    data: Json
    id: str = ""

    def written(self) -> bytes:
        """Return its lines; JSON as we write it has no line breaks."""
        named = f"id: {self.id}\n" if self.id else ""
        return f"{named}event: {self.name}\ndata: {strict_json.write(self.data)}\n\n".encode()


@dataclass
class Streams:
    """The streams of one process: they end with ``watcher``, which sees what they tell."""

    watcher: Watcher
    most: int = limits.EVENT_STREAMS
    most_alike: int = limits.EVENT_STREAMS_ALIKE
    seconds: float = limits.EVENT_SECONDS
    alive: float = limits.EVENT_ALIVE_SECONDS
    _open: Counter[str] = field(default_factory=Counter, repr=False)

    def require_room(self, name: str) -> None:
        """Raise RateError when there are enough streams about ``name``, UnavailableError beyond all room."""
        if self._open[name] >= self.most_alike:
            raise RateError("http.too_often")
        if self.watcher.ended or self._open.total() >= self.most:
            raise UnavailableError("http.busy")

    async def until(self, name: str) -> AsyncIterator[bool]:
        """Yield whether it happened, every few seconds; at most once that it did, and nothing after that."""
        time = asyncio.get_running_loop().time
        end = time() + self.seconds
        while not self.watcher.ended and (left := end - time()) > 0:
            happened = await self.watcher.wait(name, min(left, self.alive))
            yield happened
            if happened:
                return

    @contextmanager
    def open(self, name: str) -> Iterator[None]:
        self._open[name] += 1
        try:
            yield
        finally:
            self._open[name] -= 1
            self._open += Counter()  # without those that are at zero


class Stream(StreamingResponse):
    """``told``, as one of ``streams`` about ``name``."""

    media_type = MEDIA_TYPE

    def __init__(self, streams: Streams, name: str, told: AsyncIterator[bytes]) -> None:
        super().__init__(told, headers=_HEADERS)
        self._streams, self._name = streams, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.open(self._name):
            await super().__call__(scope, receive, send)
