"""The words of the command line: labels and short phrases, in French and English."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from problems.characters import printable
from problems.sentences import LANGS, Fact, Lang, french_spacing


def word(key: str, lang: Lang, /, **facts: Fact) -> str:
    """Return the phrase of ``key``. Raises KeyError for a key that no file lists."""
    shown = {name: printable(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
    return _words()[key][lang].format(**shown)


@cache
def _words() -> Mapping[str, Mapping[Lang, str]]:
    entries: dict[str, Mapping[Lang, str]] = {}
    for file in files("passeport").joinpath("locales").iterdir():
        if file.name.endswith(".toml"):
            for key, entry in tomllib.loads(file.read_text("utf-8")).items():
                entries[key] = {
                    lang: french_spacing(entry[lang]) if lang == "fr" else entry[lang] for lang in LANGS
                }
    return entries
