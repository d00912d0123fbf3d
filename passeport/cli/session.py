"""What every command shares: where to speak, in which language, and how to ask for a secret."""

import datetime as dt
import getpass
import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rich.console import Console

from boundary.fetch import Fetcher
from boundary.sources import Chain, Mirror, Nowhere, Source
from boundary.strict_json import JsonValue
from passeport import words
from passeport.settings import Settings, from_environment
from problems import InputError, LimitError, NotFoundError, Problem, SecretError
from problems.sentences import Lang


@dataclass(frozen=True)
class Session:
    """One run of the command line."""

    settings: Settings
    lang: Lang

    @cached_property
    def out(self) -> Console:
        return Console(highlight=False, soft_wrap=False)

    @cached_property
    def err(self) -> Console:
        return Console(stderr=True, highlight=False)

    def word(self, key: str, /, **facts: str | int) -> str:
        return words.word(key, self.lang, **facts)

    def say(self, key: str, /, **facts: str | int) -> None:
        self.out.print(self.word(key, **facts), markup=False)

    def machine(self, value: JsonValue) -> None:
        """Write JSON for programs, and nothing else, on standard output."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")

    def refuse(self, problem: Problem, *, machine: bool = False) -> None:
        """Say what went wrong and what to do next, with the code last."""
        if machine:
            self.machine(dict(problem.details(self.lang)))
            return
        sentence = problem.says(self.lang)
        self.err.print(f"✘ {sentence.what}", style="bold red", markup=False)
        self.err.print(f"  → {sentence.next_step}", markup=False)
        self.err.print(f"  {problem.code}", style="dim", markup=False)


def session(lang: str | None = None) -> Session:
    settings = from_environment({**os.environ, **({"PASSEPORT_LANG": lang} if lang else {})})
    return Session(settings, settings.lang)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def secret(name: str) -> str:
    """Return a secret from PASSEPORT_PASSPHRASE and the like, or ask the person at the terminal."""
    given = os.environ.get(f"PASSEPORT_{name.upper()}")
    if given:
        return given
    if not sys.stdin.isatty():
        raise SecretError("secret.missing", name=f"PASSEPORT_{name.upper()}")
    return getpass.getpass(f"{words.word(f'secret.{name}', session().lang)} ")


def read_file(path: Path, limit: int) -> bytes:
    """Return the bytes of ``path`` (``-``: standard input), at most ``limit`` of them."""
    try:
        if str(path) == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(limit + 1)
    except FileNotFoundError:
        raise NotFoundError("cli.no_such_file", path=path.name) from None
    except OSError:
        raise InputError("cli.unreadable_file", path=path.name) from None
    if len(data) > limit:
        raise LimitError("cli.file_too_large", path=path.name, limit=limit)
    return data


def web(pinned: list[Path] | None, *, online: bool, settings: Settings) -> Source:
    """Return where published documents come from: pinned folders first, the network only if asked."""
    mirrors = [Mirror(folder) for folder in [*(pinned or []), settings.web]]
    return Chain(*mirrors, Fetcher() if online else Nowhere())


def help_text(key: str) -> str:
    """Return a help text in the language of the environment, when commands are declared."""
    return words.word(key, session().lang)
