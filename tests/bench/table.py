"""What is printed: a line for each operation, beside its raw signatures, its peers and its goals."""

from collections.abc import Mapping
from dataclasses import dataclass

from goals import GOALS, SLACK, Goal
from issuance import Run, Taken
from jobs import Job

PEERS = ("node", "python")


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
    return [Judged(goal, figures.get(goal.measure)) for goal in GOALS.get(name, ())]


def figures(job: Job, costs: Mapping[str, float], raw: Mapping[str, float]) -> dict[str, float]:
    """Return the multiples that goals are about."""
    ours, floor = costs["ours"], sum(raw[name] * times for name, times in job.needs.items())
    found = {"one": ours / raw[job.one]}
    if floor:
        found["needs"] = ours / floor
    if "node" in costs:
        found["faster"] = costs["node"] / ours
    return found


def header() -> str:
    peers = "".join(f"{peer.title():>9}{'÷ ours':>7}" for peer in PEERS)
    return f"{'':32}{'ours µs':>8}{'× raw':>7}{'× one':>7}{peers}   {'needs':<36}{'goal':14}how near, and why"


def line(job: Job, costs: Mapping[str, float], raw: Mapping[str, float]) -> str:
    found, ours = figures(job, costs, raw), costs["ours"]
    text = f"{job.name:32}{ours:8,.0f}{_ratio(found.get('needs')):>7}{_ratio(found['one']):>7}"
    for peer in PEERS:
        text += f"{costs[peer]:9,.0f}{costs[peer] / ours:7.1f}" if peer in costs else " " * 16
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
