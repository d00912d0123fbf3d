"""What the library that reads the command line says, said in our words and in the reader's language."""

import re
from collections.abc import Sequence
from typing import Final

from typer import BadParameter
from typer.exceptions import TyperException

from passeport.words import word
from problems import InputError, Problem
from problems.sentences import Lang

_HELP: Final = ("usage", "commands", "required", "this_help", "default", "range", "arguments", "options")
_SHOWN_CHARS: Final = 200
_CHOICES: Final = re.compile(r"is not one of (.*)\.")
_NO_SUCH_COMMAND: Final = re.compile(r"No such command '(.*?)'")


def asks_for_help(error: TyperException) -> bool:
    """Whether a group of commands was called by its bare name: the error is its help text."""
    return type(error).__name__ == "NoArgsIsHelpError"


def problem(error: TyperException) -> Problem:
    """Return what is wrong with a command line. The library's own kinds of error are private: by name."""
    kind = type(error).__name__
    if kind == "MissingParameter":
        return InputError("cli.missing", name=_parameter(error))
    if isinstance(error, BadParameter):
        return _bad_value(_parameter(error), error.message)
    if kind == "NoSuchOption":
        return InputError("cli.option_unknown", name=str(getattr(error, "option_name", ""))[:_SHOWN_CHARS])
    reason = error.format_message()
    if unknown := _NO_SUCH_COMMAND.match(reason):
        return InputError("cli.command_unknown", name=unknown[1][:_SHOWN_CHARS])
    return InputError("cli.usage", reason=reason[:_SHOWN_CHARS])


def translated(help_text: str, lang: Lang) -> str:
    """Return a help text with the library's own words in ``lang``; ours are already."""
    for name in _HELP:
        help_text = help_text.replace(word(f"usage.{name}", "en"), word(f"usage.{name}", lang))
    return help_text


def _bad_value(name: str, message: str) -> Problem:
    choices = _CHOICES.search(message)
    if choices is None:
        return InputError("cli.value", name=name)
    return InputError("cli.choice", name=name, known=choices[1].replace("'", ""))


def _parameter(error: TyperException) -> str:
    """Return the name of an option as it is typed, of an argument as help shows it."""
    parameter = getattr(error, "param", None)
    options: Sequence[str] = getattr(parameter, "opts", ())
    dashed = [option for option in options if option.startswith("--")]
    shown = getattr(parameter, "metavar", None) or getattr(parameter, "name", "")
    return dashed[0] if dashed else str(shown)
