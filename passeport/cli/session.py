"""What every command shares: where to speak, in which language, and how to ask for a secret."""

import datetime as dt
import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from rich.console import Console

from boundary.fetch import Fetcher
from boundary.sources import Chain, Mirror, Nowhere, Source
from boundary.strict_json import JsonValue
from passeport import words
from passeport.settings import Settings, from_environment
from problems import InputError, LimitError, NotFoundError, Problem, SecretError
from problems.characters import escaped
from problems.sentences import LANGS, Lang


@dataclass(frozen=True)
class Session:
    """One run of the command line: for people, or, with ``json``, for programs.

    What is printed comes from issuers and files: nothing in it is markup.
    """

    settings: Settings
    lang: Lang
    json: bool = False

    @cached_property
    def out(self) -> Console:
        return Console(highlight=False, markup=False, emoji=False)

    @cached_property
    def err(self) -> Console:
        return Console(stderr=True, highlight=False, markup=False, emoji=False)

    def word(self, key: str, /, **facts: str | int) -> str:
        return words.word(key, self.lang, **facts)

    def say(self, key: str, /, **facts: str | int) -> None:
        self.out.print(self.word(key, **facts))

    def done(self, key: str, /, **facts: str | int) -> None:
        """Say what was done: a sentence for people, its facts for programs."""
        if self.json:
            self.machine(dict(facts))
        else:
            self.say(key, **facts)

    def machine(self, value: JsonValue) -> None:
        """Write JSON for programs, and nothing else, on standard output."""
        sys.stdout.write(escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")

    def refuse(self, problem: Problem, /, **done: JsonValue) -> None:
        """Say what went wrong and what to do next, with the code last; ``done`` is what was done before."""
        if self.json:
            details: JsonValue = dict(problem.details(self.lang))
            self.machine({**done, "problem": details} if done else details)
            return
        sentence = problem.says(self.lang)
        self.err.print(f"✘ {sentence.what}", style="bold red")
        self.err.print(f"  → {sentence.next_step}")
        self.err.print(f"  {problem.code}", style="dim")


_LANG: Final = "--lang"
_speaking: ContextVar[Lang | None] = ContextVar("speaking", default=None)


def spoken(arguments: Sequence[str]) -> tuple[Lang | None, list[str]]:
    """Return the language that any command may be told with ``--lang``, and the command without it."""
    lang, command, waiting = None, list[str](), iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if name == _LANG:
            lang = _known(value if equals else next(waiting, ""))
        else:
            command.append(argument)
        if argument == "--":
            command += waiting
    return lang, command


def _known(text: str) -> Lang:
    for lang in LANGS:
        if text == lang:
            return lang
    raise InputError("cli.choice", name=_LANG, known=", ".join(LANGS))


@contextmanager
def speaking(lang: Lang | None) -> Iterator[None]:
    """Speak ``lang`` inside, whatever the environment says; None: what it says."""
    before = _speaking.set(lang)
    try:
        yield
    finally:
        _speaking.reset(before)


def session(*, json: bool = False) -> Session:
    settings = from_environment(os.environ)
    return Session(settings, _speaking.get() or settings.lang, json)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def secret(name: str) -> str:
    """Return a secret from PASSEPORT_PASSPHRASE and the like, or ask the person at the terminal."""
    if given := os.environ.get(_variable(name)):
        return given
    if not sys.stdin.isatty():
        raise _missing(name)
    return _asked(name, f"secret.{name}")


def new_secret(name: str) -> str:
    """Like :func:`secret`, for one that is chosen now: a person types it twice."""
    chosen = secret(name)
    if not os.environ.get(_variable(name)) and _asked(name, "secret.again") != chosen:
        raise SecretError("secret.differs")
    return chosen


def _asked(name: str, question: str) -> str:
    try:
        return getpass.getpass(f"{words.word(question, session().lang)} ")
    except EOFError:
        raise _missing(name) from None


def _missing(name: str) -> SecretError:
    return SecretError("secret.missing", name=_variable(name))


def _variable(name: str) -> str:
    return f"PASSEPORT_{name.upper()}"


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
