"""A goal that is missed by far fails the benchmark, and each line that misses one says why."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "peers")]  # tests are no package

import goals
import issuance
import pytest
import table
from goals import Goal
from issuance import Run, Taken
from jobs import Job

RAW = {"P-256 sign": 20.0, "P-256 verify": 60.0}


def job(name: str) -> Job:
    return Job(name, "P-256 sign", {"P-256 sign": 1, "P-256 verify": 1}, 1, {})


@pytest.mark.parametrize(
    ("goal", "measured", "missed"),
    [
        (Goal("needs", 2), 1, 0.5),
        (Goal("needs", 2), 3, 1.5),
        (Goal("one", 10), 40, 4),
        (Goal("faster", 50), 100, 0.5),
        (Goal("faster", 50), 25, 2),
    ],
)
def test_how_far_a_goal_is_missed(goal: Goal, measured: float, missed: float) -> None:
    assert goal.missed_by(measured) == missed


def test_the_figures_of_a_line_are_those_of_its_rounds() -> None:
    """A round in which the machine was busy says the same as the others, and one that says more is alone."""
    calm = {**RAW, "ours": 160.0, "node": 800.0}
    busy = {name: 3 * cost for name, cost in calm.items()}
    odd = {**calm, "ours": 400.0}
    found = table.figures(job("x"), [calm, busy, odd])
    assert found == {"one": 8, "needs": 2, "÷ node": 5}


def test_a_line_beyond_its_goal_is_told_with_its_reason_and_one_that_reaches_it_is_not() -> None:
    near, beyond = ([{**RAW, "ours": times * 80.0}] for times in (2.9, 3.1))
    for samples, word, fails in ((near, "near 1.45", False), (beyond, "BEYOND 1.55", True)):
        assert word in table.line(job("SD-JWT VC issue"), samples)
        (told,) = table.judged("SD-JWT VC issue", table.figures(job("x"), samples))
        assert told.beyond is fails
    assert table.line(job("SD-JWT VC issue"), [{**RAW, "ours": 160.0}]).endswith("reached")


def test_without_node_its_goals_say_that_they_were_not_measured() -> None:
    told = table.judged("ecdsa-sd-2023 issue", {"needs": 1.0})
    assert [one.beyond for one in told] == [False, False]
    assert "not measured" in str(told[1])


def test_each_goal_says_why_it_may_be_missed() -> None:
    for name, held in goals.GOALS.items():
        assert all(goal.why and goal.bound > 0 for goal in held), name


def test_an_issuance_is_measured_in_a_process_of_its_own() -> None:
    taken = issuance.take(Run("dc+sd-jwt", "P-256", 30))
    assert taken.rows == 30
    assert 0 < taken.memory < 2**30
    assert min(taken.wall, taken.cpu, taken.one) > 0


def test_the_line_of_an_issuance() -> None:
    taken = Taken(rows=1000, wall=2.0, cpu=1.0, memory=50 << 20, one=20e-6)
    told = table.run_line(Run("dc+sd-jwt", "P-256", 1000), taken)
    assert "1,000 µs" in told
    assert "50.0 × one" in told
    assert "500 rows a second" in told
    assert "BEYOND" in told
