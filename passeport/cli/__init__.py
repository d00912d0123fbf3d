"""The command line: one verb per job. Exit 0 verified or done, 1 not verified, 2 could not."""

import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise

import typer
from typer.exceptions import TyperException

from passeport.cli import endorse, issue, keys, verify, wallet
from passeport.cli.session import session
from problems import InputError, Problem

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
app.add_typer(keys.app, name="keys")
app.add_typer(wallet.app, name="wallet")
for commands in (issue, endorse, verify):
    commands.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status. Whatever happens is said in plain words."""
    try:
        return int(app(list(arguments), standalone_mode=False) or 0)
    except TyperException as error:
        return _could_not(InputError("cli.usage", reason=error.format_message()), arguments)
    except Problem as problem:
        return _could_not(problem, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return _could_not(InputError("cli.interrupted"), arguments)
    except Exception as error:
        if os.environ.get("PASSEPORT_DEBUG"):
            traceback.print_exc()
        return _could_not(InputError("cli.unexpected", kind=type(error).__name__), arguments)


def main() -> None:
    """The entry point of ``passeport``."""
    sys.exit(run(sys.argv[1:]))


def _could_not(problem: Problem, arguments: Sequence[str]) -> int:
    lang = next((after for option, after in pairwise(arguments) if option == "--lang"), None)
    session(lang).refuse(problem, machine="--json" in arguments)
    return 2
