"""Pages from templates, escaped everywhere, and the files that stand beside them, named by their content."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from passeport.pages.result import Result, Told
from passeport.words import word
from problems.sentences import Fact, Lang

STATIC: Final = "/v/static"
_TYPES: Final[Mapping[str, str]] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_NAMES: Final = ("style.css", "v.js", "favicon.svg")
_OTHER: Final[Mapping[Lang, tuple[Lang, str]]] = {"fr": ("en", "English"), "en": ("fr", "Français")}
_PAGES: Final = Environment(
    loader=PackageLoader("passeport.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@dataclass(frozen=True)
class StaticFile:
    media_type: str
    body: bytes


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Return the files by the names under which they may be kept for ever: ``style.0123456789ab.css``."""
    found = {}
    for name in _NAMES:
        body = files("passeport").joinpath("static", name).read_bytes()
        stem, _, kind = name.rpartition(".")
        named = f"{stem}.{hashlib.sha256(body).hexdigest()[:12]}.{kind}"
        found[named] = StaticFile(_TYPES[kind], body)
    return found


def entry(lang: Lang, host: str, megabytes: int, problem: Told | None = None) -> str:
    """Return the page where one gives what is to be verified."""
    return _render("entry.html", lang, host, megabytes=megabytes, problem=problem)


def verdict(result: Result, lang: Lang, host: str) -> str:
    """Return the page that says what came of it."""
    return _render("result.html", lang, host, result=result)


def _render(name: str, lang: Lang, host: str, **more: object) -> str:
    def w(key: str, **facts: Fact) -> str:
        return word(key, lang, **facts)

    other, other_name = _OTHER[lang]
    return _PAGES.get_template(name).render(
        lang=lang, other=other, other_name=other_name, host=host, w=w, static=_address, **more
    )


def _address(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    for named in static_files():
        if named.startswith(f"{stem}.") and named.endswith(f".{kind}"):
            return f"{STATIC}/{named}"
    raise KeyError(name)
