"""Looks at what a service keeps before it serves: what is wrong is said then, and nothing is done with it."""

import os
from pathlib import Path

from problems import Problem, UnavailableError
from storage.sqlite.database import inspect as inspect_file


def inspect(home: Path) -> None:
    """Raise UnavailableError ``service.storage`` for a folder or a data file that cannot be used."""
    if home.exists() and not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise UnavailableError("service.storage", file=".", why="storage.read_only")
    for path in (*sorted(home.glob("service/*.db")), *sorted(home.glob("issuers/*/*.db"))):
        try:
            inspect_file(path)
        except Problem as problem:
            name = path.relative_to(home).as_posix()
            raise UnavailableError("service.storage", file=name[-120:], why=problem.code) from problem
