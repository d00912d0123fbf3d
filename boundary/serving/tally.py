"""How often somebody asked within a minute, counted by all worker processes of a service together.

A count-min sketch (Cormode and Muthukrishnan 2005) in memory that the processes share: a hit costs some
microseconds and no disk, whoever asks takes no room of their own, and no address is kept. It may count too
many for somebody all of whose cells others share (one in thirty thousand, when five thousand others ask), and
lose a hit that two processes write at the same instant: a pace, never what may happen once.
"""

import hashlib
import ipaddress
import mmap
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

_ROWS: Final = 4
_COLUMNS: Final = 1 << 16
_CELL: Final = 4
_WINDOW: Final = _CELL * (1 + _ROWS * _COLUMNS)  # the minute that it counts, then the counts
_KEY: Final = 32
SIZE: Final = _KEY + 2 * _WINDOW
_SECONDS: Final = 60.0
Memory: TypeAlias = bytearray | mmap.mmap


def fresh() -> bytearray:
    """Return memory for one process, or to be written to a file for several."""
    return bytearray(os.urandom(_KEY)) + bytes(2 * _WINDOW)


def create(path: Path) -> None:
    """Make the file that worker processes share, written whole: a hole would want disk when it is used."""
    path.write_bytes(fresh())


def shared(path: Path) -> mmap.mmap:
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), SIZE)


class Tally:
    """The hits of this minute and of the one before, which fades as this one passes."""

    def __init__(self, memory: Memory | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        memory = fresh() if memory is None else memory
        self._key, self._clock, self._lock = bytes(memory[:_KEY]), clock, threading.Lock()
        cells = memoryview(memory)[_KEY:].cast("I")
        half = _WINDOW // _CELL
        self._windows = cells[:half], cells[half:]

    def hit(self, who: str, limit: int) -> bool:
        """Count a hit of ``who`` and return True, or False when there were ``limit`` within a minute."""
        minute, passed = divmod(self._clock(), _SECONDS)
        places = self._places(who)
        with self._lock:
            now, before = self._window(int(minute)), self._windows[int(minute - 1) % 2]
            fading = min(before[place] for place in places) if before[0] == int(minute) - 1 else 0
            count = min(now[place] for place in places)
            if fading * (1 - passed / _SECONDS) + count >= limit:
                return False
            for place in places:
                now[place] = max(now[place], count + 1)
            return True

    def _window(self, minute: int) -> memoryview:
        window = self._windows[minute % 2]
        if window[0] != minute:
            window[:] = memoryview(bytes(_WINDOW)).cast("I")
            window[0] = minute
        return window

    def _places(self, who: str) -> list[int]:
        digest = hashlib.blake2b(who.encode("utf-8", "replace"), digest_size=_CELL * _ROWS, key=self._key)
        drawn = memoryview(digest.digest()).cast("I")
        return [1 + row * _COLUMNS + drawn[row] % _COLUMNS for row in range(_ROWS)]


def network(host: str) -> str:
    """Return whom an address belongs to: of IPv6, whoever has one has 2^64 of them (RFC 6177 §2)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))
