"""Whole issuance, measured in processes of their own: from a file of results to durable rows."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHILD: Final = Path(__file__).parent / "issue_rows.py"
LARGE: Final = bool(os.environ.get("BENCH_LARGE"))


@dataclass(frozen=True)
class Run:
    form: str
    algorithm: str
    rows: int
    processes: int = 1

    @property
    def name(self) -> str:
        return f"{self.rows:,} rows, {self.form}" + (f", {self.processes} processes" * (self.processes > 1))


@dataclass(frozen=True)
class Taken:
    """``cpu``, ``wall`` and ``one``, a raw signature in the same process, in seconds; ``memory``, at its
    most, in bytes."""

    rows: int
    wall: float
    cpu: float
    memory: int
    one: float

    @property
    def row(self) -> float:
        """Seconds of CPU."""
        return self.cpu / self.rows

    @property
    def rate(self) -> float:
        return self.rows / self.wall


def runs() -> Iterator[Run]:
    yield Run("dc+sd-jwt", "P-256", 10_000)
    yield Run("dc+sd-jwt", "P-256", 10_000, processes=2)
    yield Run("eddsa-rdfc-2022", "Ed25519", 10_000)
    yield Run("ecdsa-sd-2023", "P-256", 2_000)
    yield Run("dc+sd-jwt", "P-256", 100_000)
    if LARGE:
        yield Run("dc+sd-jwt", "P-256", 1_000_000, processes=2)


def take(run: Run) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            str(_CHILD),
            folder,
            str(run.rows),
            run.form,
            run.algorithm,
            str(run.processes),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Taken(**json.loads(done.stdout))
