"""The command line: one verb per job. Exit 0 verified or done, 1 not verified, 2 could not."""

import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from passeport.cli import disk, usage
from passeport.cli.session import session, speaking, spoken
from problems import InputError, Problem


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status. Whatever happens is said in plain words."""
    machine = "--json" in arguments
    try:
        lang, command = spoken(arguments)
    except Problem as problem:
        session(json=machine).refuse(problem)
        return 2
    with speaking(lang):
        try:
            return _played(command)
        except BrokenPipeError:  # whoever was reading has seen enough
            return 2
        except TyperException as error:
            if not usage.asks_for_help(error):
                session(json=machine).refuse(usage.problem(error))
            else:
                sys.stderr.write(usage.translated(f"{error}\n", session().lang))
            return 2
        except (Exception, KeyboardInterrupt) as error:
            session(json=machine).refuse(_problem(error))
            return 2


def main() -> None:
    """The entry point of ``passeport``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show ✔ shows ?
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # Python would complain once more while it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _played(command: Sequence[str]) -> int:
    from passeport.cli.app import app  # once the language is known: help texts are fixed by then

    if "--help" not in command:
        return _invoked(app, command)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = _invoked(app, command)
    sys.stdout.write(usage.translated(said.getvalue(), session().lang))
    return status


def _invoked(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Call the command itself: the library's own main has other exit statuses for what goes wrong."""
    commands = get_command(app)
    try:
        with commands.make_context("passeport", list(arguments)) as context:
            return int(commands.invoke(context) or 0)
    except typer.Exit as ended:
        return ended.exit_code


def _problem(error: BaseException) -> Problem:
    match error:
        case Problem():
            return error
        case KeyboardInterrupt() | typer.Abort():
            return InputError("cli.interrupted")
        case OSError():
            return disk.problem(error)
    if os.environ.get("PASSEPORT_DEBUG"):
        traceback.print_exception(error)
    return InputError("cli.unexpected", kind=type(error).__name__)
