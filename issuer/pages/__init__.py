"""The pages that an issuer shows to people: rendered here, without a script."""

import base64
import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from problems.sentences import Lang, french_spacing

_HERE: Final = "issuer.pages"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("issuer", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words() -> dict[str, dict[str, str]]:
    """Return the words of the pages, by language."""
    source = tomllib.loads(files(_HERE).joinpath("words.toml").read_text("utf-8"))
    return {
        "fr": {key: french_spacing(entry["fr"]) for key, entry in source.items()},
        "en": {key: entry["en"] for key, entry in source.items()},
    }


def render(name: str, lang: Lang, **values: object) -> str:
    """Return the page; every value is escaped."""
    return _environment().get_template(f"{name}.html").render(lang=lang, word=_words()[lang], **values)


@cache
def style_hash() -> str:
    """Return what the content security policy says of the one style sheet, which stands in the page."""
    page = files(_HERE).joinpath("base.html").read_text("utf-8")
    found = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    if found is None:
        raise ValueError("the page has no style")
    digest = hashlib.sha256(found[1].encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
