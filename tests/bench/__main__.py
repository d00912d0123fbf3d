"""Measures signing and verifying, as multiples of the raw signatures, beside other implementations and goals.

Run as ``python tests/bench``. All figures come from one run on one machine: compare them with each other,
never with those of another run. Ends with status 1 when a line is beyond 1.5 times a goal. With
``BENCH_LARGE=1`` a million rows are issued too.
"""

import contextlib
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cryptography

sys.path += [str(Path(__file__).parents[1] / name) for name in ("peers", "walks")]  # tests are no package

import issuance
import jobs
import load
import table
from data_integrity_parties import OurDataIntegrity, TheirDataIntegrity
from jobs import Job
from sd_jwt_parties import NodeSdJwt, OurSdJwt, PythonSdJwt
from strangers import Strangers, Unavailable
from table import Judged, Sample
from token_parties import Joserfc, NodeTokens, OurTokens

from proofs import GENERIC

ROUNDS = 7
Clock = Callable[[], float]

ABOUT = f"""\
CPU time of one operation in microseconds, median of {ROUNDS} rounds of fixed work (tests/peers/documents).
Python {platform.python_version()}, cryptography {cryptography.__version__}; \
peers on Node: @digitalbazaar/vc, @sd-jwt/sd-jwt-vc, jose; in Python: sd-jwt, joserfc.
× raw: ours over the raw operations that it cannot do without, the verification before release included;
× one: over one raw signature or verification. Goals and reasons: tests/bench/goals.py.
"""


def main() -> int:
    beyond = [*operations(), *whole_issuances()]
    for name, one in beyond:
        print(f"Beyond {table.SLACK} times its goal: {name}, {one}", file=sys.stderr)
    return max(1 if beyond else 0, load.main())


def operations() -> Iterator[tuple[str, Judged]]:
    """Print a line for each operation; yield the goals that are failed."""
    with contextlib.ExitStack() as stack:
        try:
            strangers = stack.enter_context(Strangers())
        except Unavailable as reason:
            print(f"Without the peers on Node: {reason}", file=sys.stderr)
            strangers = None
        clocks = {"node": lambda: strangers.cpu_seconds} if strangers else {}
        print(ABOUT, table.header(), sep="\n")
        raw: dict[str, Job] = {}
        for job in every_job(strangers):
            raw.setdefault(job.name, job)
            beside = [raw[name] for name in {job.one: 1, **job.needs}]
            samples = [sample(job, beside, clocks) for _ in range(ROUNDS + 1)][1:]  # the first warms up
            print(table.line(job, samples), flush=True)
            told = table.judged(job.name, table.figures(job, samples))
            yield from ((job.name, one) for one in told if one.beyond)


def sample(job: Job, beside: list[Job], clocks: dict[str, Clock]) -> Sample:
    """Return what one call takes, by each implementation, and what the raw operations take meanwhile."""
    before = {one.name: cost(one.work["ours"], time.process_time, one.calls) for one in beside}
    costs = {
        name: cost(work, clocks.get(name, time.process_time), job.calls) for name, work in job.work.items()
    }
    after = {one.name: cost(one.work["ours"], time.process_time, one.calls) for one in beside}
    return {**{name: (before[name] + after[name]) / 2 for name in before}, **costs}


def every_job(strangers: Strangers | None) -> Iterator[Job]:
    data_integrity = {"ours": OurDataIntegrity()}
    sd_jwt = {"ours": OurSdJwt(decoys=0), "python": PythonSdJwt(decoys=False)}
    tokens = {"ours": OurTokens(), "python": Joserfc()}
    if strangers:
        data_integrity["node"] = TheirDataIntegrity(strangers)
        sd_jwt["node"] = NodeSdJwt(strangers, decoys=0)
        tokens["node"] = NodeTokens(strangers)
    yield from jobs.raw()
    generic = {"ours": OurDataIntegrity(GENERIC)}
    yield from jobs.whole(data_integrity, "eddsa-rdfc-2022", "Ed25519")
    yield from jobs.whole(generic, "eddsa-rdfc-2022", "Ed25519", ", generic")
    yield from jobs.whole(data_integrity, "ecdsa-rdfc-2019", "P-256")
    yield from jobs.whole(generic, "ecdsa-rdfc-2019", "P-256", ", generic")
    yield from jobs.whole(data_integrity, "eddsa-jcs-2022", "Ed25519")
    yield from jobs.whole(data_integrity, "ecdsa-jcs-2019", "P-256")
    yield from jobs.whole({"ours": OurDataIntegrity()}, "mldsa44-rdfc-2024", "ML-DSA-44")
    yield from jobs.selective(data_integrity)
    yield from jobs.selective(generic, ", generic")
    yield from jobs.unlinkable(data_integrity)
    yield from jobs.sd_jwt(sd_jwt)
    yield from jobs.tokens(tokens)
    yield from jobs.cose()


def whole_issuances() -> Iterator[tuple[str, Judged]]:
    """Print a line for each file that is issued, to durable rows; yield the goals that are failed."""
    print("\nFrom a file of results to durable rows: CPU time of a row, rows a second, memory at its most")
    rates: dict[int, float] = {}
    for run in issuance.runs():
        taken = issuance.take(run)
        print(table.run_line(run, taken), flush=True)
        rates.setdefault(run.processes, taken.rate)
        if run.processes == 2 and len(rates) == 2:
            print(f"Scaling: 2 processes issue {rates[2] / rates[1]:.2f} times as fast as 1", flush=True)
        yield from ((run.name, one) for one in table.judged_run(run, taken) if one.beyond)


def cost(work: Callable[[], object], clock: Clock, calls: int) -> float:
    """Return the microseconds of CPU time of one call."""
    before = clock()
    for _ in range(calls):
        work()
    return (clock() - before) / calls * 1e6


if __name__ == "__main__":
    sys.exit(main())
