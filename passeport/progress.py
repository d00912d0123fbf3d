"""Progress of long work, on standard error: for a person at a terminal, and for nobody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Tick = Callable[[], None]


@contextmanager
def progress(err: Console, text: str, *, seen: bool, total: int | None = None) -> Iterator[Tick]:
    """Show a bar while the block runs, if it is ``seen``; each tick is one more of ``total``."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown = seen and err.is_terminal
    with Progress(*columns, console=err, transient=True, disable=not shown) as bar:
        task = bar.add_task(text, total=total)
        yield lambda: bar.advance(task)
