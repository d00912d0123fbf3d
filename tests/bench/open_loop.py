"""An open-loop load generator: requests start when they are due, whether or not earlier ones were answered.

A latency counts from when a request was due, not from when it could be sent: a server that stalls cannot hide
it by holding up the generator (coordinated omission). It runs in a process of its own, over loopback.
"""

import asyncio
import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

MOST_CONNECTIONS: Final = 400
GIVEN_UP: Final = 599
"""Stands for the status of an answer that did not come."""
_PATIENCE: Final = 15.0


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


Ask = Callable[[bytes], Awaitable[Reply]]
Play = Callable[[Ask, Any], Awaitable[int]]
"""From how to ask, and what to ask with, to the status that counts."""


@dataclass(frozen=True)
class Load:
    """``play`` with each of ``material`` in turn, ``rate`` times a second; when it ends, from its start."""

    port: int
    rate: float
    seconds: float
    material: Sequence[Any]
    play: Play

    @property
    def count(self) -> int:
        return round(self.rate * self.seconds)


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds, in order of size; ``late`` is how late the generator itself was, at p99."""

    ranked: Sequence[float]
    statuses: Counter[int]
    late: float = 0.0

    @property
    def p50(self) -> float:
        return percentile(self.ranked, 0.50)

    @property
    def p99(self) -> float:
        return percentile(self.ranked, 0.99)

    def other_than(self, *allowed: int) -> int:
        return sum(count for status, count in self.statuses.items() if status not in allowed)


def percentile(ranked: Sequence[float], part: float) -> float:
    """Return the smallest value that at least ``part`` of all do not exceed (nearest rank)."""
    return ranked[max(0, math.ceil(len(ranked) * part) - 1)]


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    said = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if body or method == "POST":
        said["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def once(ask: Ask, what: bytes) -> int:
    return (await ask(what)).status


def measure(*loads: Load) -> list[Measured]:
    """Play them at the same time, each by a process of its own."""
    with ProcessPoolExecutor(len(loads), multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(played, loads))


def played(load: Load) -> Measured:
    return asyncio.run(_play(load))


async def _play(load: Load) -> Measured:
    connections, begun = Connections(load.port), time.monotonic()
    tasks = []
    for number in range(load.count):
        due = begun + number / load.rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        item = load.material[number % len(load.material)]
        tasks.append(asyncio.create_task(_timed(load.play, connections.ask, item, due)))
    done = await asyncio.gather(*tasks)
    await connections.close()
    return Measured(
        sorted(ended for ended, _, _ in done),
        Counter(status for _, status, _ in done),
        percentile(sorted(late for _, _, late in done), 0.99),
    )


async def _timed(play: Play, ask: Ask, item: Any, due: float) -> tuple[float, int, float]:
    late = time.monotonic() - due
    try:
        status = await asyncio.wait_for(play(ask, item), _PATIENCE)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        status = GIVEN_UP
    return (time.monotonic() - due) * 1e3, status, late * 1e3


class Connections:
    """Connections that stay open, as those of a proxy do; the last one used is used first."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)

    async def ask(self, what: bytes) -> Reply:
        async with self._room:
            if self._idle:
                reader, writer = self._idle.pop()
            else:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(what)
                reply, stays = await _reply(reader)
            except BaseException:
                writer.close()
                raise
            if stays:
                self._idle.append((reader, writer))
            else:
                writer.close()
            return reply

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
            await writer.wait_closed()


async def _reply(reader: asyncio.StreamReader) -> tuple[Reply, bool]:
    """Read an answer that says its length, as all of ours do; say whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    first, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    status = int(first.split()[1])
    body = await reader.readexactly(int(headers.get("content-length", 0))) if status != 304 else b""
    return Reply(status, body), headers.get("connection") != "close"
