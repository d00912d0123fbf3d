"""HTTP/1.1 with little patience: who does not finish a request in time, or crowds the door, is let go.

uvicorn ends connections that are idle after an answer, and waits for ever for a first request, and for a
body. A connection that sends nothing, or a byte now and then, costs its client nothing, us an open file; so
a request must be here, head and body, within :data:`SECONDS`, and when too many are waited for, the one that
was waited for longest is let go first (RT-002).
"""

import asyncio
import resource
import socket
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from boundary import limits

SECONDS: Final = 20.0
_MOST: Final = 4_096
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n"
_WAITED_FOR: Final[dict["Patient", None]] = {}
"""Whose request is not here yet, in the order in which the wait began."""


class Patient(H11Protocol):
    """One connection. It is waited for from when it opens, or begins another request, until that is whole."""

    _leaving: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _send_at_once(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._leaving is None and self._between_requests:
            self._wait()
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

    def connection_lost(self, exc: Exception | None) -> None:
        self._served()
        super().connection_lost(exc)

    @property
    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        self._leaving = self.loop.call_later(SECONDS, self._let_go)
        _WAITED_FOR[self] = None
        if len(_WAITED_FOR) > room():
            next(iter(_WAITED_FOR))._let_go()

    def _served(self) -> None:
        _WAITED_FOR.pop(self, None)
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

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
