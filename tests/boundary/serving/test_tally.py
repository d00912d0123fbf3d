"""So many a minute from one address, whichever process is asked, and no address is kept."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI, Response
from starlette.testclient import TestClient

from boundary.serving import refusals, tally
from boundary.serving.paced import paced
from boundary.serving.tally import Tally, network


class Clock:
    def __init__(self) -> None:
        self.now = 6_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def hits(counted: Tally, who: str, limit: int, times: int) -> int:
    return sum(counted.hit(who, limit) for _ in range(times))


def test_so_many_and_no_more_until_the_minute_has_passed(clock):
    counted = Tally(clock=clock)
    assert hits(counted, "a", 10, 30) == 10
    clock.now += 59
    assert hits(counted, "a", 10, 30) == 0
    clock.now += 31
    assert hits(counted, "a", 10, 30) == 5, "what was a minute ago fades"
    clock.now += 120
    assert hits(counted, "a", 10, 30) == 10


def test_a_window_of_long_ago_does_not_count(clock):
    counted = Tally(clock=clock)
    assert hits(counted, "a", 10, 30) == 10
    clock.now += 60 * 7
    assert hits(counted, "a", 10, 30) == 10


def test_one_does_not_pay_for_others(clock):
    """However many addresses ask: where five thousand are at their limit, who comes then is not."""
    counted = Tally(bytearray(tally.SIZE), clock)  # whose cells others share is the same each time, here
    crowd = [f"10.0.{number >> 8}.{number & 255}" for number in range(5_000)]
    allowed = sum(hits(counted, who, 30, 30) for who in crowd)
    assert allowed >= 30 * len(crowd) * 0.999
    newcomers = [f"192.0.2.{number}" for number in range(250)]
    assert sum(hits(counted, who, 30, 30) == 30 for who in newcomers) >= 249


def test_what_is_kept_tells_no_address():
    memory = tally.fresh()
    Tally(memory).hit("192.0.2.77", 10)
    assert b"192.0.2.77" not in memory
    assert Tally(tally.fresh())._places("192.0.2.77") != Tally(memory)._places("192.0.2.77")


def _asks(path: Path, answers) -> None:
    answers.put(hits(Tally(tally.shared(path)), "a", 100, 80))


def test_processes_count_together(tmp_path):
    path = tmp_path / "tally"
    tally.create(path)
    assert path.stat().st_blocks * 512 >= tally.SIZE, "no holes: using one on a full disk ends the process"
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [context.Process(target=_asks, args=(path, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    allowed = sum(answers.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert 100 <= allowed <= 104, "two that write at the same instant may lose a hit, not a share of them"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("testclient", "testclient", True),
    ],
)
def test_whom_an_address_belongs_to(one: str, other: str, same: bool):
    assert (network(one) == network(other)) is same


@pytest.fixture
def client() -> Iterator[TestClient]:
    app, routes = FastAPI(openapi_url=None), APIRouter()

    @routes.get("/one", dependencies=[paced(3)])
    @routes.get("/other/{name}", dependencies=[paced(3)])
    def answer() -> Response:
        return Response()

    app.include_router(routes)
    app.state.tally = Tally()
    refusals.install(app)
    with TestClient(app) as client:
        yield client


def test_routes_that_cost_more_have_a_pace_of_their_own(client):
    assert [client.get("/one").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert [client.get(f"/other/{number}").status_code for number in range(5)] == [200, 200, 200, 429, 429]
