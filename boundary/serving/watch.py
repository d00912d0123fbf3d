"""Wait for what happens in a store: one thread looks for everybody, and only while somebody waits.

A store tells nobody when another process writes to it, so it is asked; once for all who wait, by its own
cheap question, and never in the threads that answer requests.
"""

import asyncio
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import structlog

from problems import Problem

EVERY_SECONDS: Final = 0.25
_LOG: Final = structlog.get_logger("watch")

Look: TypeAlias = Callable[[Collection[str]], Collection[str]]
"""From the names of what is waited for to those of what has happened."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Called from any thread; whoever waited may be gone, and the loop with them."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.woken.set)


@dataclass
class Watcher:
    """``every`` is in seconds: so late at most is told what happened."""

    look: Look
    every: float = EVERY_SECONDS
    _waiting: dict[str, set[_Waiting]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _wanted: threading.Event = field(default_factory=threading.Event, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look while the block runs."""
        thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.end()
            thread.join()

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._ended.set()
        self._wanted.set()
        with self._lock:
            for name in self._waiting:
                self._wake(name)

    async def wait(self, name: str, seconds: float) -> bool:
        """Say whether it happened within so many seconds, and before the end."""
        waiting = _Waiting(asyncio.get_running_loop())
        self._add(name, waiting)
        try:
            async with asyncio.timeout(seconds):
                return not self.ended and await waiting.woken.wait() and not self.ended
        except TimeoutError:
            return False
        finally:
            self._remove(name, waiting)

    def _add(self, name: str, waiting: _Waiting) -> None:
        with self._lock:
            self._waiting.setdefault(name, set()).add(waiting)
            self._wanted.set()

    def _remove(self, name: str, waiting: _Waiting) -> None:
        with self._lock:
            left = self._waiting[name]
            left.discard(waiting)
            if not left:
                del self._waiting[name]

    def _watch(self) -> None:
        while not self.ended:
            self._wanted.wait()
            happened = self._happened(self._names())
            with self._lock:
                for name in happened:
                    self._wake(name)
            self._ended.wait(self.every)

    def _names(self) -> Collection[str]:
        with self._lock:
            if not self._waiting and not self.ended:
                self._wanted.clear()
            return [*self._waiting]

    def _happened(self, names: Collection[str]) -> Collection[str]:
        """A store that cannot be asked now is asked again."""
        try:
            return self.look(names) if names else ()
        except Problem as problem:
            _LOG.warning("not_looked", code=problem.code)
            return ()

    def _wake(self, name: str) -> None:
        for waiting in self._waiting.get(name, ()):
            waiting.wake()
