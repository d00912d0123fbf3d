"""What people read, in French and English, by code.

One TOML file per room in ``sentences/``. Each entry gives, per language, what happened and what to
do next; ``{name}`` is replaced by the fact of that name, a date by its words. French spacing is applied
when the files are read, so that they can be typed on any keyboard.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from problems.characters import printable
from problems.dates import Lang as Lang
from problems.dates import in_words

LANGS: tuple[Lang, ...] = ("fr", "en")
Fact = str | int | bool | None

_HIGH_PUNCTUATION = re.compile(r" ([;!?»:])")


@dataclass(frozen=True)
class Sentence:
    """What happened, and what to do next (empty when there is nothing to do)."""

    what: str
    next_step: str


def say(code: str, lang: Lang, **facts: Fact) -> Sentence:
    """Return the sentences of ``code``. Raises KeyError for a code that no file lists."""
    what, next_step = catalogue()[code][lang]
    shown = _Shown(
        {n: in_words(printable(fact), lang) if isinstance(fact, str) else fact for n, fact in facts.items()}
    )
    return Sentence(what.format_map(shown), next_step.format_map(shown))


class _Shown(dict[str, Fact]):
    def __missing__(self, name: str) -> str:
        return "…"


@cache
def catalogue() -> Mapping[str, Mapping[Lang, tuple[str, str]]]:
    """Return every code with its sentences per language."""
    entries: dict[str, Mapping[Lang, tuple[str, str]]] = {}
    for file in sorted(files("problems").joinpath("sentences").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        for code, entry in tomllib.loads(file.read_text("utf-8")).items():
            if code in entries:
                raise ValueError(f"{code} is listed twice")
            entries[code] = {lang: _pair(entry[lang], lang) for lang in LANGS}
    return entries


def _pair(texts: list[str], lang: Lang) -> tuple[str, str]:
    what, next_step = (french_spacing(text) if lang == "fr" else text for text in texts)
    return what, next_step


def french_spacing(text: str) -> str:
    """Return the text with no-break spaces where French typography wants them."""
    return _HIGH_PUNCTUATION.sub("\u00a0\\1", text).replace("« ", "«\u00a0")
