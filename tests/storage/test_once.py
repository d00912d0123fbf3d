"""What may be used once is used once: whoever comes together, from whichever thread or process."""

import datetime as dt
import subprocess
import sys
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.once import OnceStore
from storage.sqlite.once import SqliteOnce

NOW = dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(minutes=5)


def test_a_secret_is_taken_once_and_says_afterwards_what_it_was_for(once: OnceStore) -> None:
    once.put("code", "s", {"offer": "1"}, END)
    assert once.take("code", "s", NOW).state == "ready"
    again = once.take("code", "s", NOW)
    assert (again.state, again.content) == ("used", {"offer": "1"}), "what came of it can be withdrawn"


def test_a_secret_that_another_chose_counts_the_first_time_only(once: OnceStore) -> None:
    assert once.put("dpop", "jti", {"n": 1}, END)
    assert not once.put("dpop", "jti", {"n": 2}, END + dt.timedelta(days=1))
    assert once.look("dpop", "jti", NOW).content == {"n": 1}


def test_looking_uses_nothing(once: OnceStore) -> None:
    once.put("request", "s", {"a": 1}, END)
    assert [once.look("request", "s", NOW).state for _ in range(3)] == ["ready"] * 3
    assert once.take("request", "s", NOW).content == {"a": 1}


@pytest.mark.parametrize(
    ("purpose", "secret"), [("nonce", "s"), ("code", "t"), ("cod", "es"), ("code\0", "s")]
)
def test_a_secret_for_another_purpose_is_unknown(once: OnceStore, purpose: str, secret: str) -> None:
    once.put("code", "s", {}, END)
    assert once.take(purpose, secret, NOW).state == "unknown"
    assert once.take("code", "s", NOW).state == "ready"


@pytest.mark.parametrize("late", [0, 1, 10**9])
def test_after_its_end_it_is_expired_and_its_content_is_kept_back(once: OnceStore, late: int) -> None:
    once.put("code", "s", {"personal": "data"}, END)
    found = once.take("code", "s", END + dt.timedelta(seconds=late))
    assert (found.state, found.content) == ("expired", None)


def test_guesses_are_counted_before_they_are_compared(once: OnceStore) -> None:
    once.put("code", "s", {"tx_code": "123456"}, END, tries=5)
    allowed = [once.attempt("code", "s", NOW).state for _ in range(7)]
    assert allowed == ["ready"] * 5 + ["spent"] * 2
    assert once.look("code", "s", NOW).content is None


def test_the_last_guess_allowed_may_be_the_right_one(once: OnceStore) -> None:
    once.put("code", "s", {}, END, tries=1)
    assert once.attempt("code", "s", NOW).state == "ready"
    assert once.take("code", "s", NOW).state == "ready"
    assert once.attempt("code", "s", NOW).state == "used"


def test_what_expired_is_removed_and_nothing_else(once: OnceStore) -> None:
    once.put("code", "old", {}, NOW)
    once.put("code", "new", {}, END)
    assert once.forget(NOW) == 1
    assert once.take("code", "old", NOW).state == "unknown"
    assert once.take("code", "new", NOW).state == "ready"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=20), unique=True, min_size=2, max_size=6))
def test_any_two_secrets_are_two(once: OnceStore, secrets: list[str]) -> None:
    purpose = uuid.uuid4().hex
    for number, secret in enumerate(secrets):
        once.put(purpose, secret, {"number": number}, END)
    contents = [once.take(purpose, secret, NOW).content for secret in secrets]
    assert contents == [{"number": number} for number in range(len(secrets))]


def test_of_many_threads_exactly_one_succeeds(once: OnceStore, full: bool) -> None:
    rounds = 200 if full else 10
    with ThreadPoolExecutor(50) as pool:
        for number in range(rounds):
            once.put("code", str(number), {}, END)
            states = pool.map(lambda _, n=number: once.take("code", str(n), NOW).state, range(50))
            assert Counter(states) == {"ready": 1, "used": 49}


def test_of_many_guesses_at_the_same_time_no_more_than_allowed_are_compared(
    once: OnceStore, full: bool
) -> None:
    with ThreadPoolExecutor(50) as pool:
        for number in range(200 if full else 3):
            once.put("code", f"g-{number}", {}, END, tries=5)
            states = pool.map(lambda _, n=number: once.attempt("code", f"g-{n}", NOW).state, range(50))
            assert Counter(states) == {"ready": 5, "spent": 45}


_TAKER = """
import datetime as dt, sys
from pathlib import Path
from storage.sqlite.once import SqliteOnce
store = SqliteOnce(Path(sys.argv[1]))
print(store.take("code", "s", dt.datetime(2026, 11, 21, 8, 0, tzinfo=dt.UTC)).state)
"""


def test_of_several_processes_exactly_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "once.db"
    with closing(SqliteOnce(path)) as once:
        once.put("code", "s", {}, END)
    takers = [
        subprocess.Popen([sys.executable, "-c", _TAKER, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert Counter(taker.communicate()[0].strip() for taker in takers) == {"ready": 1, "used": 3}


def test_the_secret_itself_is_nowhere_in_the_files(tmp_path: Path) -> None:
    with closing(SqliteOnce(tmp_path / "once.db")) as once:
        once.put("code", "un-secret-que-rien-ne-garde", {}, END)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"un-secret" not in kept
