"""Tasks for worker processes, which find them here by name."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from issuer.desk import Desk
from problems import InputError


def no_desk() -> Desk:
    """Open a desk at which nothing is signed."""
    return Desk("did:web:none.example", "Personne (fictif)", None, "https://none.example/status")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Say:
    """Says a number and who said it, after a while."""

    number: int
    seconds: float = 0.0

    def run(self, desk: Desk) -> tuple[int, int]:
        time.sleep(self.seconds)
        return self.number, os.getpid()


@dataclass(frozen=True)
class Refuse:
    number: int

    def run(self, desk: Desk) -> None:
        raise InputError("issue.nothing", number=self.number)


@dataclass(frozen=True)
class Die:
    """Kills its worker, unless ``once`` says that this was done before."""

    once: Path | None = None

    def run(self, desk: Desk) -> tuple[int, int]:
        if self.once is None or not self.once.exists():
            if self.once:
                self.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return -1, os.getpid()


@dataclass(frozen=True)
class Fill:
    """Comes to more bytes than a pipe holds, of more bytes than a pipe holds."""

    given: bytes

    def run(self, desk: Desk) -> bytes:
        return self.given * 2
