"""A question is answered once, whoever comes together."""

import datetime as dt
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from problems import InputError
from storage.requests import Answered
from storage.sqlite.requests import SqliteRequests

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(minutes=5)
AUDIENCE = "https://recruteur.example"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "verifier.db"


@pytest.fixture
def requests(path: Path) -> Iterator[SqliteRequests]:
    with closing(SqliteRequests(path)) as requests:
        yield requests


def test_an_answer_counts_once(requests: SqliteRequests) -> None:
    requests.open("n", AUDIENCE, END)
    assert requests.consume("n", AUDIENCE, NOW) == "now"
    assert requests.consume("n", AUDIENCE, NOW) == "before"
    assert requests.consume("n", AUDIENCE, END + dt.timedelta(days=1)) == "before"


@pytest.mark.parametrize("late", [0, 1, 10**9])
def test_an_answer_after_the_end_is_too_late(requests: SqliteRequests, late: int) -> None:
    requests.open("n", AUDIENCE, END)
    assert requests.consume("n", AUDIENCE, END + dt.timedelta(seconds=late)) == "too_late"
    assert requests.consume("n", AUDIENCE, END - dt.timedelta(microseconds=1)) == "now", "it was not used up"


@pytest.mark.parametrize(("nonce", "audience"), [("other", AUDIENCE), ("n", "https://other.example")])
def test_what_was_not_asked_here_is_unknown(requests: SqliteRequests, nonce: str, audience: str) -> None:
    requests.open("n", AUDIENCE, END)
    assert requests.consume(nonce, audience, NOW) == "unknown"
    assert requests.consume("n", AUDIENCE, NOW) == "now"


def test_a_question_outlives_the_process_that_asked(path: Path) -> None:
    for act in ("open", "consume", "consume"):
        with closing(SqliteRequests(path)) as requests:
            found = (
                requests.open("n", AUDIENCE, END) if act == "open" else requests.consume("n", AUDIENCE, NOW)
            )
    assert found == "before"


def test_of_fifty_at_once_exactly_one_counts(path: Path, requests: SqliteRequests, full: bool) -> None:
    rounds = 200 if full else 4
    for round_ in range(rounds):
        nonce = f"nonce-{round_}"
        requests.open(nonce, AUDIENCE, END)
        start = threading.Barrier(50)

        def use(_: int, nonce: str = nonce, start: threading.Barrier = start) -> Answered:
            with closing(SqliteRequests(path)) as own:
                start.wait()
                return own.consume(nonce, AUDIENCE, NOW)

        with ThreadPoolExecutor(50) as threads:
            assert Counter(threads.map(use, range(50))) == {"now": 1, "before": 49}


USE = """
import datetime as dt, sys
from pathlib import Path
from storage.sqlite.requests import SqliteRequests
requests, now = SqliteRequests(Path(sys.argv[1])), dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
sys.stdin.read()
print([requests.consume(f"n{i}", "a", now) for i in range(50)].count("now"))
"""


def test_of_several_processes_exactly_one_counts(path: Path, requests: SqliteRequests) -> None:
    for number in range(50):
        requests.open(f"n{number}", "a", END)
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USE, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for user in users:
        assert user.stdin
        user.stdin.close()
    counted = [int(user.stdout.read()) for user in users if user.stdout]
    for user in users:
        user.wait()
        assert user.stdout
        user.stdout.close()
    assert sum(counted) == 50


def test_a_file_of_another_kind_is_refused(path: Path) -> None:
    path.write_bytes(b"this is no database, and long enough to be seen as something else" * 20)
    with pytest.raises(InputError):
        SqliteRequests(path)
