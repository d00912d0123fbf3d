"""Say in the words of OAuth what a Problem says in ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from problems import Problem, ProtocolError


@contextmanager
def refused_as(error: str, answer: int = 400) -> Iterator[None]:
    """Turn a Problem raised inside into a ProtocolError with the same code and sentence.

    What is one already keeps its word; what may succeed later (``transient``) is no refusal.
    """
    try:
        yield
    except ProtocolError:
        raise
    except Problem as problem:
        if problem.transient:
            raise
        raise refusal_of(problem, error, answer) from None


def refusal_of(problem: Problem, error: str, answer: int = 400) -> ProtocolError:
    """Return the refusal that says what ``problem`` says."""
    refusal = ProtocolError(problem.code, error=error, answer=answer)
    refusal.facts = problem.facts
    return refusal
