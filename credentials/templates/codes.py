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
    """Return what people read for ``code``; the code itself when there is no such table or entry."""
    return code_tables().get(table, {}).get(code) or dict.fromkeys(LANGS, code)


def _typeset(text: str, lang: Lang) -> str:
    return french_spacing(text) if lang == "fr" else text
