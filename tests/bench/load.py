"""The load bars: what a service on this machine does a second, and how late.

Run as ``python tests/bench/load.py``; ``make bench`` does. Two workers serve everything from one home, over
loopback; each line is measured against the same server, which is also asked for nothing at all (/health).
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "walks")]  # tests are no package

import load_town
import open_loop
import processes
from goals import SLACK
from load_town import Town, whole_issuance
from open_loop import Load, Measured, once, request

SECONDS: Final = 6.0
WORKERS: Final = 2
RECOVERY_SECONDS: Final = 10.0
BOMBS_A_SECOND: Final = 10
BOMBED_MS: Final = 500.0
_OPENING: Final = 10
_MAKES_ROOM: Final = {"requests_per_minute": 10_000_000, "workers": WORKERS, "passphrase": load_town.SECRET}


@dataclass(frozen=True)
class Bar:
    """``rate`` a second, at most ``p99`` milliseconds; ``answers`` are those that are no errors."""

    name: str
    rate: float
    p99: float
    answers: tuple[int, ...] = (200,)

    def judge(self, measured: Measured) -> "Verdict":
        return Verdict(self, measured, measured.other_than(*self.answers))


@dataclass(frozen=True)
class Verdict:
    bar: Bar
    measured: Measured
    errors: int

    @property
    def missed(self) -> float:
        """How many times over the bar the slowest of a hundred was."""
        return self.measured.p99 / self.bar.p99

    @property
    def beyond(self) -> bool:
        return self.errors > 0 or self.missed > SLACK

    def __str__(self) -> str:
        bar = f"p99 ≤ {self.bar.p99:g} ms"
        if self.errors:
            return f"{bar}: BEYOND, {self.errors} errors {dict(self.measured.statuses)}"
        if self.missed <= 1:
            return f"{bar}: reached"
        return f"{bar}: {'BEYOND' if self.beyond else 'near'} {self.missed:.2f}"


EMPTY: Final = Bar("nothing (/health)", 50, 20)
SD_JWT: Final = Bar("verify SD-JWT with key binding", 50, 100)
DOCUMENT: Final = Bar("verify Data Integrity", 20, 250)
ISSUANCE: Final = Bar("a whole OpenID4VCI issuance", 10, 800)
LISTS: Final = Bar("status list", 500, 50, (200, 304))
SHARE: Final = Bar("share page", 50, 200)
BOMBED: Final = Bar(f"the same beside {BOMBS_A_SECOND} bombs a second", 20, BOMBED_MS)
OVERLOAD: Final = Bar("verify Data Integrity, ten times as many", 200, 0, (200, 429, 503))


def main() -> int:
    """Print the table; return 1 when a line is beyond 1.5 times its bar, or anything failed."""
    failed = list(lines())
    for name in failed:
        print(f"Beyond its bar: {name}", file=sys.stderr)
    return 1 if failed else 0


def lines() -> Iterator[str]:
    """Print a line for each bar; yield those that are failed."""
    print(f"\nUnder load, {SECONDS:g} s each, {WORKERS} workers, latencies from when a request was due")
    if busy := _busy():
        print(busy)
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.furnish()
        with processes.running(town.home, "all", **_MAKES_ROOM) as served:
            town.url = served.url
            yield from _lines(town, served.port)


def _lines(town: Town, port: int) -> Iterator[str]:
    def fire(bar: Bar, material: list[bytes]) -> Measured:
        return open_loop.measure(Load(port, bar.rate, SECONDS, material, once))[0]

    verify = town.documents_to_verify()
    open_loop.played(
        Load(port, 20, 2, [*verify, request("GET", "/v")], once)
    )  # whatever is made once is made
    empty = fire(EMPTY, [request("GET", "/health")])
    plays: dict[Bar, Callable[[], Measured]] = {
        EMPTY: lambda: empty,
        SD_JWT: lambda: fire(SD_JWT, town.answers(round(SD_JWT.rate * SECONDS))),
        DOCUMENT: lambda: fire(DOCUMENT, verify),
        ISSUANCE: lambda: _issuances(town, port),
        LISTS: lambda: fire(LISTS, town.status_list()),
        SHARE: lambda: fire(SHARE, [request("GET", "/v")]),
        BOMBED: lambda: _bombed(town, port, verify),
    }
    for bar, play in plays.items():
        verdict = bar.judge(play())
        print(line(verdict, empty), flush=True)
        if verdict.beyond:
            yield bar.name
    yield from _overload(port, verify)


def _issuances(town: Town, port: int) -> Measured:
    """Each worker opens its keys once, with Argon2id; that is no part of an issuance."""
    offers = town.offers(round(ISSUANCE.rate * SECONDS) + _OPENING)
    open_loop.played(Load(port, ISSUANCE.rate, _OPENING / ISSUANCE.rate, offers[-_OPENING:], whole_issuance))
    return open_loop.measure(Load(port, ISSUANCE.rate, SECONDS, offers, whole_issuance))[0]


def _bombed(town: Town, port: int, verify: list[bytes]) -> Measured:
    """Measure honest verification while bombs arrive, each of which must be refused."""
    honest, bombs = open_loop.measure(
        Load(port, BOMBED.rate, SECONDS, verify, once),
        Load(port, BOMBS_A_SECOND, SECONDS, town.bombs(), once),
    )
    if wrong := bombs.other_than(400, 413, 422, 429, 503):
        print(f"  {wrong} bombs were not refused: {dict(bombs.statuses)}")
        honest.statuses[open_loop.GIVEN_UP] += wrong
    return honest


def _overload(port: int, verify: list[bytes]) -> Iterator[str]:
    """Ask for far too much, and see how soon an honest reader is served in time again."""
    fired = open_loop.measure(Load(port, OVERLOAD.rate, SECONDS, verify, once))[0]
    seconds = recovery(lambda: open_loop.played(Load(port, DOCUMENT.rate, 0.5, verify, once)))
    told = ", ".join(f"{count} × {status}" for status, count in sorted(fired.statuses.items()))
    wrong = fired.other_than(*OVERLOAD.answers)
    good = not wrong and seconds <= RECOVERY_SECONDS
    verdict = "reached" if good else "BEYOND"
    print(f"{OVERLOAD.name:42}{told}; in time again after {seconds:.1f} s   ≤ 10 s, only 429/503: {verdict}")
    if not good:
        yield OVERLOAD.name


def recovery(probe: Callable[[], Measured]) -> float:
    """Return after how many seconds a probe is answered as if nothing had been."""
    begun = time.monotonic()
    while (waited := time.monotonic() - begun) < 3 * RECOVERY_SECONDS:
        if not DOCUMENT.judge(probe()).beyond:
            return waited
    return waited


def line(verdict: Verdict, empty: Measured) -> str:
    bar, measured = verdict.bar, verdict.measured
    text = (
        f"{bar.name:42}{bar.rate:5g}/s  p50 {measured.p50:7.1f} ms  p99 {measured.p99:7.1f} ms"
        f"  = {measured.p50 / empty.p50:6.1f} and {measured.p99 / empty.p99:6.1f} × nothing"
    )
    late = f" (the generator itself {measured.late:.0f} ms late)" if measured.late > bar.p99 / 4 else ""
    return f"{text}   {verdict}{late}"


def _busy() -> str:
    """Return a warning when the machine has other things to do: the figures are then of both."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    return (
        f"The machine is busy: {load:.1f} for {cores} cores; figures include that."
        if load > cores / 2
        else ""
    )


if __name__ == "__main__":
    sys.exit(main())
