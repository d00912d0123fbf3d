"""Worker processes on this machine: bulk work on all cores.

Each worker has a pipe of its own: one that is killed takes only its own task with it, which another then
does. What opens the desk, passphrase included, goes down that pipe: it stands in no argument and no
environment. A worker ends when its pipe does, and so with the process that made it, however that ends.
"""

import contextlib
import itertools
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final, TypeVar

from issuer.bulk import Alone, Crew, Task, serve
from issuer.desk import Desk
from keys.signer import Algorithm, Secrets
from passeport.issuers import Issuer
from problems import ConflictError, Problem, UnavailableError

Opening = Callable[[], Desk]
"""Opens the desk in a worker; it can be pickled."""

Result = TypeVar("Result")


@dataclass
class Remembered:
    """Asks for a secret once, and keeps it for those who need it too."""

    ask: Secrets = field(repr=False)
    given: dict[str, str] = field(default_factory=dict, repr=False)

    def __call__(self, name: str) -> str:
        if name not in self.given:
            self.given[name] = self.ask(name)
        return self.given[name]


@dataclass(frozen=True)
class SameDesk:
    """Opens an issuer's desk again; raises ConflictError when another key signs there now."""

    issuer: Issuer
    algorithm: Algorithm
    key: str
    secrets: Mapping[str, str] = field(repr=False)

    def __call__(self) -> Desk:
        desk = self.issuer.desk(self.algorithm, self.secrets.__getitem__)
        if desk.signer.verification_method != self.key:
            raise ConflictError("issue.key_changed")
        return desk


PATIENCE: Final = 50
"""So many tasks are done before others are asked to help: a worker takes a second or two to start."""

_LIVES: Final = 4
_SPAWN: Final = multiprocessing.get_context("spawn")  # no thread, lock or key of ours is half copied
_END_SECONDS: Final = 5.0


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def crew(desk: Desk, opening: Opening, count: int) -> Iterator[Crew]:
    """Give a crew of ``count`` worker processes, made when they are needed and ended with the block."""
    if count <= 1:
        yield Alone(desk)
        return
    workers = Workers(desk, opening, count)
    try:
        yield workers
    finally:
        workers.close()


@dataclass(frozen=True)
class PipeQueue:
    """:class:`issuer.bulk.Queue` for one worker: each end of a pipe is one side of it."""

    pipe: Connection

    def put(self, number: int, task: Task[Any]) -> None:
        self.pipe.send((number, task))

    def claim(self) -> tuple[int, Task[Any]] | None:
        try:
            number, task = self.pipe.recv()
        except (EOFError, ConnectionError):
            return None
        return number, task

    def done(self, number: int, result: Any) -> None:
        self.pipe.send((number, result))

    def failed(self, number: int, problem: Problem) -> None:
        self.pipe.send((number, problem))

    def answer(self) -> tuple[int, Any]:
        """Return a number and what its task came to, a Problem if it failed; raise when its worker ended."""
        number, outcome = self.pipe.recv()
        return number, outcome


def _work(pipe: Connection, opening: Opening) -> None:
    """What a worker process does. An interruption at the terminal is for the one that made it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    queue = PipeQueue(pipe)
    with contextlib.suppress(ConnectionError):  # nobody waits for the answer any more
        try:
            desk = opening()
        except Problem as problem:
            _refuse(queue, problem)
        else:
            serve(queue, desk)


def _refuse(queue: PipeQueue, problem: Problem) -> None:
    while claimed := queue.claim():
        queue.failed(claimed[0], problem)


@dataclass
class _Given:
    """A task under way, and how many workers it may still cost."""

    number: int
    task: Task[Any]
    lives: int = _LIVES


@dataclass(eq=False)
class _Worker:
    process: SpawnProcess
    queue: PipeQueue
    given: _Given | None = None

    @classmethod
    def start(cls, opening: Opening) -> "_Worker":
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_work, args=(theirs, opening), daemon=True)
        process.start()
        theirs.close()  # or its end would not be seen
        return cls(process, PipeQueue(ours))

    def give(self, given: _Given) -> None:
        self.given = given
        with contextlib.suppress(ConnectionError):  # it ended: the answer will say so
            self.queue.put(given.number, given.task)

    def end(self) -> None:
        self.queue.pipe.close()
        self.process.join(_END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


@dataclass
class Workers:
    """:class:`issuer.bulk.Crew` of processes; the first few tasks are done here."""

    desk: Desk
    opening: Opening
    count: int
    _staff: list[_Worker] = field(default_factory=list)

    def each(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        waiting = iter(tasks)
        yield from Alone(self.desk).each(itertools.islice(waiting, 0 if self._staff else PATIENCE))
        given = (_Given(number, task) for number, task in enumerate(waiting))
        if first := next(given, None):
            yield from _Round(self, itertools.chain([first], given)).outcomes()

    def staff(self) -> list[_Worker]:
        while len(self._staff) < self.count:
            self._staff.append(_Worker.start(self.opening))
        return self._staff

    def busy(self) -> list[_Worker]:
        return [worker for worker in self._staff if worker.given]

    def dismiss(self, worker: _Worker) -> None:
        self._staff.remove(worker)
        worker.end()

    def close(self) -> None:
        for worker in [*self._staff]:
            self.dismiss(worker)


@dataclass
class _Round:
    """Tasks on their way through the workers, and outcomes that wait for those before them."""

    workers: Workers
    tasks: Iterator[_Given]
    again: deque[_Given] = field(default_factory=deque)
    ready: dict[int, Any] = field(default_factory=dict)

    def outcomes(self) -> Iterator[Any]:
        try:
            for number in itertools.count():
                while number not in self.ready:
                    if not self._hand_on():
                        return
                    self._take()
                outcome = self.ready.pop(number)
                if isinstance(outcome, Problem):
                    raise outcome
                yield outcome
        finally:
            for worker in self.workers.busy():  # its answer would be taken for another's
                self.workers.dismiss(worker)

    def _hand_on(self) -> bool:
        """Give work to who has none, if there is any; return whether anybody has some."""
        busy = self.workers.busy()
        for worker in self.workers.staff():
            if worker.given is None and len(busy) + len(self.ready) < 2 * self.workers.count:
                given = self.again.popleft() if self.again else next(self.tasks, None)
                if given is None:
                    break
                worker.give(given)
                busy.append(worker)
        return bool(busy)

    def _take(self) -> None:
        """Wait for answers; the task of a worker that ended goes to another."""
        busy = self.workers.busy()
        answered = wait([worker.queue.pipe for worker in busy])
        for worker in busy:
            if worker.queue.pipe not in answered:
                continue
            given, worker.given = worker.given, None
            try:
                number, outcome = worker.queue.answer()
                self.ready[number] = outcome
            except (EOFError, OSError):
                self.workers.dismiss(worker)
                self._retry(given)

    def _retry(self, given: _Given | None) -> None:
        if given is None or given.lives <= 1:
            raise UnavailableError("issue.worker_lost")
        given.lives -= 1
        self.again.append(given)
