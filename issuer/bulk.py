"""Who does the work: this process alone, others beside it, or, later, others elsewhere.

The ledger has one writer, who records before and stores after. What lies between is a :class:`Task`: it
needs itself and a desk, and nothing else, so that any process can do it, or do it again when the one that
had it is gone. A :class:`Queue` hands tasks on; a :class:`Crew` gives back what they came to, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from issuer.desk import Desk
from problems import Problem

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Task(Protocol[Result_co]):
    """Can be pickled, and done twice without harm: what it comes to counts once it is stored."""

    def run(self, desk: Desk) -> Result_co:
        """Raises the Problem that forbids it."""
        ...


class Queue(Protocol):
    """Tasks between the process that puts them and those that do them. Each has a number of its own.

    A task that was claimed and neither done nor failed, because its process ended, is claimed again.
    """

    def put(self, number: int, task: Task[Any]) -> None: ...

    def claim(self) -> tuple[int, Task[Any]] | None:
        """Return a task that nobody does, waiting for one; None when no more will come."""
        ...

    def done(self, number: int, result: Any) -> None: ...

    def failed(self, number: int, problem: Problem) -> None: ...


def serve(queue: Queue, desk: Desk) -> None:
    """Do tasks until no more come: what a worker is for."""
    while claimed := queue.claim():
        number, task = claimed
        try:
            result = task.run(desk)
        except Problem as problem:
            queue.failed(number, problem)
        else:
            queue.done(number, result)


class Crew(Protocol):
    def each(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        """Yield what each task comes to, in the order given.

        ``tasks`` is asked for no more than are being done, so that memory stays flat. Raises the Problem of
        the first task that has one; what comes after it may have been done, and is not told.
        """
        ...


@dataclass(frozen=True)
class Alone:
    """Does each task when its result is wanted, at its own desk."""

    desk: Desk

    def each(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        for task in tasks:
            yield task.run(self.desk)
