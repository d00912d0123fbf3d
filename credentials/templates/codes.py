"""Coded values and what people read for them (``_codes.toml``)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from problems.sentences import LANGS, Lang, french_spacing

CodeTable = Mapping[str, Mapping[Lang, str]]


@cache
def code_tables() -> Mapping[str, CodeTable]:
    """Return every table of codes: name -> code -> label per language."""
    text = files("credentials.templates").joinpath("_codes.toml").read_text("utf-8")
    return {
        name: {code: {lang: _typeset(label[lang], lang) for lang in LANGS} for code, label in table.items()}
        for name, table in tomllib.loads(text).items()
    }


def code_label(table: str, code: str) -> Mapping[Lang, str]:
    """Return what people read for ``code``; the code itself when the table does not list it."""
    return code_tables()[table].get(code) or dict.fromkeys(LANGS, code)


@cache
def _all_labels() -> CodeTable:
    return {code: label for table in code_tables().values() for code, label in table.items()}


def any_label(code: str) -> Mapping[Lang, str] | None:
    """Return what people read for a code of whichever table; None when no table lists it."""
    return _all_labels().get(code)


def _typeset(text: str, lang: Lang) -> str:
    return french_spacing(text) if lang == "fr" else text
