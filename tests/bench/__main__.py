"""Measures signing and verifying, as multiples of the raw signatures and of other implementations.

Run as ``python tests/bench``. All figures come from one run on one machine: compare them with each
other, never with those of another run.
"""

import contextlib
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cryptography

sys.path.append(str(Path(__file__).parents[1] / "peers"))  # tests are no package

import jobs
from data_integrity_parties import OurDataIntegrity, TheirDataIntegrity
from jobs import Job
from sd_jwt_parties import NodeSdJwt, OurSdJwt, PythonSdJwt
from strangers import Strangers, Unavailable

ROUNDS = 5
PEERS = ("node", "python")
Clock = Callable[[], float]


def main() -> None:
    with contextlib.ExitStack() as stack:
        try:
            strangers = stack.enter_context(Strangers())
        except Unavailable as reason:
            print(f"Without the peers on Node: {reason}", file=sys.stderr)
            strangers = None
        clocks = {"ours": time.process_time, "python": time.process_time}
        if strangers:
            clocks["node"] = lambda: strangers.cpu_seconds
        print(header())
        raw: dict[str, float] = {}
        for job in every_job(strangers):
            costs = {name: cost(work, clocks[name], job.calls) for name, work in job.work.items()}
            raw.setdefault(job.yardstick, costs["ours"])
            print(line(job, costs, raw[job.yardstick]), flush=True)


def every_job(strangers: Strangers | None) -> Iterator[Job]:
    data_integrity = {"ours": OurDataIntegrity()}
    sd_jwt = {"ours": OurSdJwt(), "python": PythonSdJwt()}
    if strangers:
        data_integrity["node"] = TheirDataIntegrity(strangers)
        sd_jwt["node"] = NodeSdJwt(strangers)
    yield from jobs.raw()
    yield from jobs.whole(data_integrity, "eddsa-rdfc-2022", "Ed25519")
    yield from jobs.whole(data_integrity, "ecdsa-rdfc-2019", "P-256")
    yield from jobs.whole(data_integrity, "eddsa-jcs-2022", "Ed25519")
    yield from jobs.whole(data_integrity, "ecdsa-jcs-2019", "P-256")
    yield from jobs.selective(data_integrity)
    yield from jobs.sd_jwt(sd_jwt)


def cost(work: Callable[[], object], clock: Clock, calls: int) -> float:
    """Return the median over the rounds, in microseconds of CPU time for one call."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        before = clock()
        for _ in range(calls):
            work()
        rounds.append((clock() - before) / calls * 1e6)
    return statistics.median(rounds)


def header() -> str:
    peers = "".join(f"{peer.title():>10}{'÷ ours':>8}" for peer in PEERS)
    return f"""\
CPU time of one operation in microseconds, median of {ROUNDS} rounds of fixed work (tests/peers/documents).
Python {platform.python_version()}, cryptography {cryptography.__version__}; \
peers on Node: @digitalbazaar/vc, @sd-jwt/sd-jwt-vc; in Python: sd-jwt.
× raw: ours over the raw signatures that the operation cannot do without; over one where it needs none.

{"":22}{"ours":>10}  {"needs":<16}{"× raw":>7}{peers}"""


def line(job: Job, costs: dict[str, float], raw: float) -> str:
    ours = costs["ours"]
    needs = f"{job.times} {job.yardstick}" if job.times else "none"
    text = f"{job.name:22}{ours:10,.0f}  {needs:<16}{ours / raw / (job.times or 1):7.1f}"
    for peer in PEERS:
        text += f"{costs[peer]:10,.0f}{costs[peer] / ours:8.1f}" if peer in costs else " " * 18
    return text.rstrip()


if __name__ == "__main__":
    main()
