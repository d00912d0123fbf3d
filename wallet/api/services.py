"""What the routes of a wallet need, and the way into it: the cookie of an open vault."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from boundary.fetch import Client
from boundary.serving.access import Bound
from exchange.openid4vp.client_id import Trust
from problems import AccessError
from wallet.api.sessions import COOKIE, Sessions
from wallet.hold import Verify
from wallet.receive import Web
from wallet.vault import Vault

OPEN: Final = Bound("the cookie of an open wallet")


@dataclass(frozen=True)
class Services:
    """``foreign`` says whether a page of another site sent a request; ``back`` is where sign-ins return."""

    sessions: Sessions
    client: Client
    web: Web
    trust: Callable[[], Trust]
    verify: Verify
    foreign: Callable[[Request], bool]
    back: str
    secure: bool
    now: Callable[[], dt.datetime]

    @contextmanager
    def vault(self, request: Request, *, looks: bool = False) -> Iterator[Vault]:
        """Yield the open vault of whoever carries its cookie; other sites' pages cannot use it."""
        if not looks and self.foreign(request):
            raise AccessError("access.other_origin")
        with self.sessions.vault(request.cookies.get(COOKIE), self.now()) as vault:
            yield vault
