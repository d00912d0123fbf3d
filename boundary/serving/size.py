"""How large a body may be: what the application says, or the route itself for what it reads.

Refused where it is read, so that the refusal is one like any other, in the words of whoever asks. A body that
nobody reads costs nothing and is left to the connection (:mod:`passeport.serve.patience`).
"""

from dataclasses import dataclass
from typing import Final

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from problems import LimitError

_ALLOWANCE: Final = "passeport.allowance"


@dataclass
class _Allowance:
    """``came`` counts bytes; once an answer has begun, nobody reads any more, and nothing is refused."""

    limit: int
    announced: int
    came: int = 0
    answered: bool = False

    def require(self) -> None:
        if not self.answered and max(self.announced, self.came) > self.limit:
            raise LimitError("http.too_large", limit=self.limit)


class Sized:
    """Refuses to read more of a body than is allowed. Raises LimitError ``http.too_large`` inside."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowance = scope[_ALLOWANCE] = _Allowance(self._limit, _announced(scope))

        async def measured() -> Message:
            allowance.require()
            message = await receive()
            allowance.came += len(message.get("body", b""))
            allowance.require()
            return message

        async def answering(message: Message) -> None:
            allowance.answered = True
            await send(message)

        await self._app(scope, measured, answering)


def up_to(limit: int) -> Dependency:
    """Return the dependency of a route that takes bodies of ``limit`` bytes, more than others do."""

    def allow(request: Request) -> None:
        request.scope[_ALLOWANCE].limit = limit

    dependency: Dependency = Depends(allow)
    return dependency


def _announced(scope: Scope) -> int:
    """The server has read the head strictly before; what is no number announces nothing."""
    said = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(said[0][:20]) if said and said[0].isdigit() else 0
