"""HTTP/1.1 with little patience: who does not get on, sending or reading, or crowds the door, is let go.

uvicorn ends connections that are idle after an answer, and waits for ever for a first request, and for a
body. A connection that sends nothing, or a byte now and then, costs its client nothing, us an open file; so a
head must be here within :data:`SECONDS`. A body may take longer while it comes at no less than
:data:`BYTES_A_SECOND`, so that a large file gets here over a slow line. When too many are waited for, the one
that was waited for longest without getting on is let go first (RT-002).

Who is refused before their body has come is still listened to for as long, up to :data:`DISCARDED_BYTES`:
many read our answer only when they have said everything, and closing at once would take it from them
(RFC 9112 §9.6).
"""

import asyncio
import resource
import socket
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from boundary import limits

SECONDS: Final = 20.0
BYTES_A_SECOND: Final = 8 << 10
DISCARDED_BYTES: Final = 64 << 20
_MOST: Final = 4_096
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n"
_WAITED_FOR: Final[dict["Patient", None]] = {}
"""Whose request is not here yet, who was waited for longest first."""


class Patient(H11Protocol):
    """One connection. It is waited for from when it opens, or begins another request, until that is whole."""

    _leaving: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _until = 0.0
    _discarded = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _send_at_once(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._leaving is None and self._between_requests:
            self._wait()
        if self._between_requests:
            self._discard(len(data))
        else:
            self._get_on(len(data))
        super().data_received(data)
        if self._leaving is not None and not self._between_requests and not self.cycle.more_body:
            self._served()

    def shutdown(self) -> None:
        """The service is told to stop: what would go on for ever, waiting for something, ends now."""
        super().shutdown()
        for end in self.app_state.get("ending", ()):
            end()

    def send_400_response(self, msg: str) -> None:
        """Say why, when it is for its size that a head is not understood (RFC 6585 §5)."""
        if len(self.conn.trailing_data[0]) <= limits.HEAD_BYTES:
            super().send_400_response(msg)
        else:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def pause_writing(self) -> None:
        """There is more to send than is taken from us: whoever does not read our answer is let go too."""
        super().pause_writing()
        patience = SECONDS + self.transport.get_write_buffer_size() / BYTES_A_SECOND
        self._unread = self.loop.call_later(patience, self._let_go)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._read()

    def connection_lost(self, exc: Exception | None) -> None:
        self._served()
        self._read()
        super().connection_lost(exc)

    @property
    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        self._until, self._discarded = self.loop.time() + SECONDS, 0
        self._leaving = self.loop.call_at(self._until, self._look)
        _WAITED_FOR[self] = None
        if len(_WAITED_FOR) > room():
            next(iter(_WAITED_FOR))._let_go()

    def _get_on(self, count: int) -> None:
        """So much of a body has come: it may take so much longer, never more than the whole patience."""
        whole = self.loop.time() + SECONDS
        self._until = min(whole, self._until + count / BYTES_A_SECOND)
        if self._until == whole and self in _WAITED_FOR:
            _WAITED_FOR[self] = _WAITED_FOR.pop(self)

    def _discard(self, count: int) -> None:
        """What comes now is the rest of a body that nobody reads, or a head, which has a limit of its own."""
        self._discarded += count
        if self._discarded > DISCARDED_BYTES:
            self._let_go()

    def _look(self) -> None:
        """The time was up when this was arranged; it may not be now. Nobody is late while we do not read."""
        if self.flow.read_paused:
            self._until = self.loop.time() + SECONDS
        if self.loop.time() < self._until:
            self._leaving = self.loop.call_at(self._until, self._look)
        else:
            self._let_go()

    def _served(self) -> None:
        _WAITED_FOR.pop(self, None)
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _let_go(self) -> None:
        self._served()
        self.transport.abort()


def _send_at_once(transport: asyncio.Transport) -> None:
    """asyncio does so itself, but not where several workers share a listening socket: a body that follows its
    head would then wait 40 ms for an acknowledgement (RFC 1122 §4.2.3.4)."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def room() -> int:
    """Return how many may be waited for: half of the open files; stores and answers need theirs."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(_MOST, allowed // 2)
