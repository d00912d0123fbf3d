"""What is printed: a line for each operation, beside its raw signatures, its peers and its goals."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from goals import GOALS, SLACK, Goal
from issuance import Run, Taken
from jobs import Job

PEERS = ("node", "python")


_MEASURES = {"faster": "÷ node"}


@dataclass(frozen=True)
class Judged:
    """A goal and the figure that it is held against; None when nothing was measured (no Node)."""

    goal: Goal
    measured: float | None

    @property
    def missed(self) -> float:
        """How many times worse than the goal; at most 1 when it is reached, 0 when nothing was measured."""
        return 0 if self.measured is None else self.goal.missed_by(self.measured)

    @property
    def beyond(self) -> bool:
        return self.missed > SLACK

    def __str__(self) -> str:
        if self.measured is None:
            return f"{self.goal!s:14}not measured"
        if self.missed <= 1:
            return f"{self.goal!s:14}reached"
        word = "BEYOND" if self.beyond else "near"
        return f"{self.goal!s:14}{word} {self.missed:.2f}: {self.goal.why}"


def judged(name: str, figures: Mapping[str, float]) -> list[Judged]:
    return [
        Judged(goal, figures.get(_MEASURES.get(goal.measure, goal.measure))) for goal in GOALS.get(name, ())
    ]


Sample = Mapping[str, float]
"""What a round measured, in microseconds: each implementation, and the raw operations right beside it."""


def figures(job: Job, samples: Sequence[Sample]) -> dict[str, float]:
    """Return the multiples that goals are about: each the median of what the rounds say by themselves, for
    the machine may be busier in one than in another."""
    every = [dict(_figures(job, sample)) for sample in samples]
    return {name: statistics.median(figure[name] for figure in every) for name in every[0]}


def _figures(job: Job, sample: Sample) -> Iterator[tuple[str, float]]:
    ours, floor = sample["ours"], sum(sample[name] * times for name, times in job.needs.items())
    yield "one", ours / sample[job.one]
    if floor:
        yield "needs", ours / floor
    yield from ((f"÷ {peer}", sample[peer] / ours) for peer in PEERS if peer in sample)


def header() -> str:
    peers = "".join(f"{peer.title():>9}{'÷ ours':>7}" for peer in PEERS)
    return f"{'':32}{'ours µs':>8}{'× raw':>7}{'× one':>7}{peers}   {'needs':<36}{'goal':14}how near, and why"


def line(job: Job, samples: Sequence[Sample]) -> str:
    found = figures(job, samples)
    middle = {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}
    text = f"{job.name:32}{middle['ours']:8,.0f}{_ratio(found.get('needs')):>7}{_ratio(found['one']):>7}"
    for peer in PEERS:
        text += f"{middle[peer]:9,.0f}{found[f'÷ {peer}']:7.1f}" if peer in middle else " " * 16
    needs = " + ".join(f"{times} {name}" for name, times in job.needs.items())
    return _beside(f"{text}   {needs:<36}", judged(job.name, found))


def run_line(run: Run, taken: Taken) -> str:
    one = taken.row / taken.one
    text = (
        f"{run.name:36}{taken.row * 1e6:7,.0f} µs of CPU a row ={one:6.1f} × one"
        f"{taken.rate:8,.0f} rows a second{taken.memory / 2**20:6.0f} MB   "
    )
    return _beside(text, judged_run(run, taken))


def judged_run(run: Run, taken: Taken) -> list[Judged]:
    """The goals are those of one core."""
    return judged(run.form, {"one": taken.row / taken.one}) if run.processes == 1 else []


def _beside(text: str, told: list[Judged]) -> str:
    """Return the line, with its goals beside it, one under the other."""
    first, *others = told or [""]
    return "\n".join([f"{text}{first}".rstrip(), *(f"{'':{len(text)}}{other}" for other in others)])


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"
