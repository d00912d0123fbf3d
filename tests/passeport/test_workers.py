"""Worker processes: results in order, a killed one costs nothing, a failing task is told, none is left."""

import datetime as dt
import functools
import multiprocessing
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # tests are no package; workers look here too

from labour import Die, Fill, Refuse, Say, no_desk

from issuer.bulk import Alone
from passeport import workers
from passeport.issuers import Profile, create
from passeport.settings import Settings
from passeport.workers import Remembered, SameDesk, Workers
from problems import ConflictError, InputError, Problem, SecretError, UnavailableError

SECRET = "phrase secrète à ne montrer nulle part"


@pytest.fixture(scope="module")
def crew() -> Iterator[Workers]:
    """Two workers, from the first task on."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(workers, "PATIENCE", 0)
        with workers.crew(no_desk(), no_desk, 2) as made:
            assert isinstance(made, Workers)
            yield made
    assert not multiprocessing.active_children(), "no process is left behind"


def test_results_come_in_the_order_of_the_tasks(crew: Workers) -> None:
    """The first takes longest; another process does the others meanwhile."""
    done = list(crew.each([Say(n, 0.3 if n == 0 else 0) for n in range(12)]))
    assert [number for number, _ in done] == list(range(12))
    assert len({process for _, process in done}) == 2
    assert os.getpid() not in {process for _, process in done}
    again = list(crew.each([Say(n) for n in range(3)]))
    assert {process for _, process in again} <= {process for _, process in done}, "workers are kept"


def test_a_few_tasks_need_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 5)
    with workers.crew(no_desk(), no_desk, 2) as few:
        done = list(few.each(Say(n) for n in range(5)))
        assert {process for _, process in done} == {os.getpid()}
        assert isinstance(few, Workers)
        assert not few.busy()


def test_one_process_works_alone() -> None:
    with workers.crew(no_desk(), no_desk, 1) as one:
        assert isinstance(one, Alone)


def test_tasks_are_taken_as_they_are_done(crew: Workers) -> None:
    """However many there are, and however slow whoever takes the results: memory stays flat."""
    taken = 0

    def endless() -> Iterator[Say]:
        nonlocal taken
        while True:
            taken += 1
            yield Say(taken)

    for number, _ in crew.each(endless()):
        assert taken <= number + 2 * crew.count + 1
        if number == 50:
            break


def test_tasks_and_results_larger_than_a_pipe(crew: Workers) -> None:
    large = os.urandom(1 << 20)
    assert list(crew.each([Fill(large)] * 5)) == [large * 2] * 5


def test_a_failing_task_is_told_at_its_place(crew: Workers) -> None:
    told = crew.each([Say(0), Say(1), Refuse(2), Say(3), Refuse(4)])
    assert [next(told)[0], next(told)[0]] == [0, 1]
    with pytest.raises(InputError) as caught:
        next(told)
    assert (caught.value.code, caught.value.facts) == ("issue.nothing", {"number": 2})
    assert [number for number, _ in crew.each([Say(7)])] == [7], "what was under way is not taken for it"


def test_the_task_of_a_killed_worker_is_done_by_another(crew: Workers, tmp_path: Path) -> None:
    done = list(crew.each([Say(0), Die(tmp_path / "once"), *(Say(n) for n in range(2, 9))]))
    assert [number for number, _ in done] == [0, -1, *range(2, 9)]


def test_a_task_that_kills_every_worker_is_given_up(crew: Workers) -> None:
    with pytest.raises(UnavailableError) as caught:
        list(crew.each([Say(0), Die(), Say(2)]))
    assert caught.value.code == "issue.worker_lost"


def test_a_worker_that_cannot_open_its_desk_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0)
    refuse = functools.partial(Refuse(1).run, no_desk())
    with workers.crew(no_desk(), refuse, 2) as made, pytest.raises(InputError, match=r"issue\.nothing"):  # type: ignore[arg-type]
        list(made.each([Say(0), Say(1)]))


def test_a_worker_that_dies_before_it_works_is_no_endless_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0)
    with workers.crew(no_desk(), functools.partial(os._exit, 3), 2) as made, pytest.raises(UnavailableError):  # type: ignore[arg-type]
        list(made.each([Say(0)]))


def test_whoever_stops_taking_results_leaves_no_process(crew: Workers) -> None:
    for _ in crew.each([Say(n, 0.2) for n in range(8)]):
        break


ORPHANS = """
import multiprocessing, os, signal, sys
sys.path.append(sys.argv[1])
from labour import Say, no_desk
from passeport import workers
workers.PATIENCE = 0
if __name__ == "__main__":
    with workers.crew(no_desk(), no_desk, 2) as crew:
        for number, process in crew.each(Say(n, 0.05) for n in range(1000)):
            print(process, flush=True)
            if number == 6:
                os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_workers_end_with_the_process_that_made_them_even_when_it_is_killed() -> None:
    command = [sys.executable, "-c", ORPHANS, str(Path(__file__).parent)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60
    )  # ends once no one holds the pipe
    assert done.returncode == -9
    assert "Traceback" not in done.stderr
    for process in set(done.stdout.split()):
        status = Path(f"/proc/{process}/status")
        assert not status.exists() or "State:\tZ" in status.read_text()


@pytest.fixture
def issuer(tmp_path: Path):
    profile = Profile("did:web:certificateur.example", "Centre (fictif)")
    return create(Settings(tmp_path, "fr"), "centre", profile, "P-256", SECRET, dt.datetime.now(dt.UTC))


def test_a_secret_is_asked_for_once_and_not_shown() -> None:
    asked = []
    remembered = Remembered(lambda name: asked.append(name) or SECRET)  # type: ignore[func-returns-value]
    assert remembered("passphrase") == remembered("passphrase") == SECRET
    assert asked == ["passphrase"]
    assert SECRET not in repr(remembered)
    assert SECRET not in repr(SameDesk(None, "P-256", "x#key-1", remembered.given))  # type: ignore[arg-type]


def test_the_desk_is_opened_again_with_the_same_key(issuer) -> None:
    first = issuer.desk("P-256", lambda _: SECRET)
    name = first.signer.verification_method
    again = SameDesk(issuer, "P-256", name, {"passphrase": SECRET})()
    assert again.signer.verification_method == name
    with pytest.raises(ConflictError, match=r"issue\.key_changed"):
        SameDesk(issuer, "P-256", f"{name}9", {"passphrase": SECRET})()
    with pytest.raises(SecretError):
        SameDesk(issuer, "P-256", name, {"passphrase": "another"})()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_the_passphrase_stands_in_no_argument_and_no_environment(issuer, monkeypatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0)
    desk = issuer.desk("P-256", lambda _: SECRET)
    same = SameDesk(issuer, "P-256", desk.signer.verification_method, {"passphrase": SECRET})
    with workers.crew(desk, same, 2) as made:
        for _, process in made.each([Say(n, 0.1) for n in range(4)]):
            shown = [Path(f"/proc/{process}/{name}").read_bytes() for name in ("cmdline", "environ")]
            assert SECRET.encode() not in b"".join(shown)


def test_problems_travel_as_they_are() -> None:

    problem = InputError("issue.nothing", number=3)
    again: Problem = pickle.loads(pickle.dumps(problem))
    assert (type(again), again.code, again.facts) == (InputError, "issue.nothing", {"number": 3})
