"""An open wallet: its data key, sealed under a secret that only the holder's cookie carries.

Whoever has the store has nothing to open it with, and whoever has the cookie nothing to open. Idle sessions
end after a quarter of an hour: each use writes the session down once more for the time that it is in, so
that several worker processes serve it and none waits for another.
"""

import base64
import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from boundary import base64url
from boundary.shape import a_text
from problems import AuthenticationError, Problem
from storage.once import OnceStore
from storage.records import VaultStore
from wallet.vault import Vault

COOKIE: Final = "passeport_wallet"
_PURPOSE: Final = "wallet.session"
_SLOT: Final = 180  # seconds
_SLOTS: Final = 5  # of which one is the present: idle sessions end after twelve to fifteen minutes


@dataclass(frozen=True)
class Sessions:
    """``opened`` yields the holder's store for one request."""

    once: OnceStore
    opened: Callable[[], Iterator[VaultStore]]
    random: Callable[[int], bytes] = os.urandom

    def begin(self, passphrase: str, now: dt.datetime) -> str:
        """Return the secret of a new session; raise SecretError, NotFoundError."""
        secret = self.random(32)
        with contextmanager(self.opened)() as store:
            sealed = Vault.open(store, passphrase).leave_open(secret)
        self._write(base64url.encode(secret), sealed, now)
        return base64url.encode(secret)

    @contextmanager
    def vault(self, secret: str | None, now: dt.datetime) -> Iterator[Vault]:
        """Yield the open vault; raise AuthenticationError ``wallet.locked``."""
        sealed = self._sealed(secret or "", now)
        with contextmanager(self.opened)() as store:
            try:
                vault = Vault.resume(store, sealed, base64url.decode(secret or ""))
            except Problem:
                raise AuthenticationError("wallet.locked") from None
            yield vault

    def end(self, secret: str, now: dt.datetime) -> None:
        """Close the wallet: the secret opens nothing any more, wherever it was copied to."""
        for slot in range(_SLOTS + 1):
            self.once.take(_PURPOSE, _name(secret, now, slot - _SLOTS), now)
        self.once.put(_PURPOSE, _ended(secret), {}, now + dt.timedelta(hours=1))

    def _sealed(self, secret: str, now: dt.datetime) -> bytes:
        if self.once.look(_PURPOSE, _ended(secret), now).state == "unknown":
            for slot in range(_SLOTS):
                found = self.once.look(_PURPOSE, _name(secret, now, -slot), now)
                if found.state == "ready" and found.content:
                    sealed = base64.b64decode(a_text(found.content.get("sealed"), "sealed"))
                    if slot:
                        self._write(secret, sealed, now)
                    return sealed
        raise AuthenticationError("wallet.locked")

    def _write(self, secret: str, sealed: bytes, now: dt.datetime) -> None:
        content = base64.b64encode(sealed).decode()
        ends = now + dt.timedelta(seconds=_SLOT * _SLOTS)
        self.once.put(_PURPOSE, _name(secret, now, 0), {"sealed": content}, ends)


def _name(secret: str, now: dt.datetime, slot: int) -> str:
    return f"{secret}.{int(now.timestamp()) // _SLOT + slot}"


def _ended(secret: str) -> str:
    return f"{secret}.ended"
