"""Threads that work beside the requests whenever there is something to do, in each process."""

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import structlog

from problems import Problem

LOOK_SECONDS: Final = 1.0
"""How late is noticed what another process left to do."""

Work: TypeAlias = Callable[[], bool]
"""Does one thing, and says whether there was one."""


@dataclass
class Working:
    """``worker`` makes what one thread does, from a name that no other worker has."""

    name: str
    worker: Callable[[str], Work]
    threads: int = 1
    _wake: threading.Event = field(default_factory=threading.Event, repr=False)
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work until the block ends; what is begun is finished."""
        threads = [
            threading.Thread(target=self._work, name=self.name, daemon=True) for _ in range(self.threads)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._wake.set()
            for thread in threads:
                thread.join()

    def _work(self) -> None:
        work = self.worker(f"{os.getpid()}-{secrets.token_hex(8)}")
        while not self.ended:
            self._wake.clear()
            if not self._worked(work) and not self.ended:
                self._wake.wait(LOOK_SECONDS)

    def _worked(self, work: Work) -> bool:
        """What goes wrong with one thing, or with the database, is no reason to do no more."""
        try:
            return work()
        except Problem as problem:
            structlog.get_logger(self.name).warning("not_worked", code=problem.code)
        except Exception as error:
            structlog.get_logger(self.name).error("unexpected", kind=type(error).__name__, exc_info=error)
        return False
