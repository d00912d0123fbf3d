"""The load generator and the arithmetic of the bars; how fast a service is, ``make bench`` says, no test."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "walks")]  # tests are no package

import load
import open_loop
import processes
from load import Bar
from open_loop import GIVEN_UP, Load, Measured, once, request


def measured(p99: float, **more: int) -> Measured:
    return Measured([1.0] * 98 + [p99] * 2, Counter({200: 100, **{int(k[1:]): v for k, v in more.items()}}))


def test_percentiles_are_by_nearest_rank() -> None:
    ranked = [float(number) for number in range(1, 101)]
    assert (open_loop.percentile(ranked, 0.5), open_loop.percentile(ranked, 0.99)) == (50.0, 99.0)
    assert open_loop.percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(
    ("found", "word", "beyond"),
    [
        (measured(90.0), "reached", False),
        (measured(149.0), "near 1.49", False),
        (measured(151.0), "BEYOND 1.51", True),
        (measured(1.0, s500=1), "1 errors", True),
        (measured(1.0, s503=2), "2 errors", True),
    ],
)
def test_a_bar_is_failed_beyond_the_slack_or_with_any_error(found: Measured, word: str, beyond: bool) -> None:
    verdict = Bar("x", 50, 100).judge(found)
    assert word in str(verdict)
    assert verdict.beyond is beyond
    assert "× nothing" in load.line(verdict, measured(2.0))


def test_recovery_is_when_a_probe_is_answered_in_time() -> None:
    probes = iter([measured(1.0, s503=5), measured(9_000.0), measured(1.0)])
    assert load.recovery(lambda: next(probes)) < load.RECOVERY_SECONDS
    assert not list(probes)


class _Server:
    """Answers at its own pace: the requests whose numbers are in ``stalls`` hold up all that follow."""

    def __init__(self, stalls: dict[int, float]) -> None:
        self.stalls, self.count, self.gate = stalls, 0, asyncio.Lock()
        self.serving: list[asyncio.Task[None] | None] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                async with self.gate:
                    await asyncio.sleep(self.stalls.get(self.count, 0))
                    self.count += 1
                status = 503 if self.count % 5 == 0 else 200
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok".encode())
        except asyncio.IncompleteReadError:
            writer.close()
            await writer.wait_closed()


async def _fired(stalls: dict[int, float]) -> tuple[Measured, int]:
    server = _Server(stalls)
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        found = await open_loop._play(Load(port, 100, 0.5, [request("GET", "/x")], once))
        await asyncio.gather(*filter(None, server.serving))
    return found, server.count


def test_all_that_is_due_is_sent_and_every_answer_is_counted() -> None:
    found, count = asyncio.run(_fired({}))
    assert count == len(found.ranked) == 50
    assert found.statuses == {200: 40, 503: 10}
    assert found.other_than(200) == 10


def test_a_server_that_stalls_cannot_hide_it() -> None:
    """The requests that were due while it stood still waited too, though it answered them at once."""
    found, _ = asyncio.run(_fired({10: 0.3}))
    assert sum(latency > 100 for latency in found.ranked) >= 15


def test_who_is_not_there_is_an_error() -> None:
    [found] = open_loop.measure(Load(processes.free_port(), 20, 0.2, [request("GET", "/x")], once))
    assert found.statuses == {GIVEN_UP: 4}
