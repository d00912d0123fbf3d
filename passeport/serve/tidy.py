"""What is over is removed while the service runs: used secrets, ended grants, claims nobody can ask for."""

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from passeport.serve.house import House
from problems import Problem

EVERY_SECONDS: Final = 60.0
_LOG: Final = structlog.get_logger("tidy")


@contextmanager
def tidying(house: House, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Tidy now and then, in a thread of its own, until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_tidy_until, args=(house, ended, every), name="tidy", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _tidy_until(house: House, ended: threading.Event, every: float) -> None:
    while not ended.wait(every):
        tidy(house)


def tidy(house: House) -> int:
    """Remove everything that is over; return how much that was. What fails today is done tomorrow."""
    removed = 0
    for forget in house.forgetting:
        try:
            removed += forget(house.now())
        except Problem as problem:
            _LOG.warning("not_tidied", code=problem.code)
        except OSError as error:
            _LOG.warning("not_tidied", code=errno.errorcode.get(error.errno or 0, "?"))
    return removed
