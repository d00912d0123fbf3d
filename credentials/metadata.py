"""SD-JWT VC type metadata: what a European wallet shows of a credential (SD-JWT VC §6-9).

Everything in it follows from the template, so it is computed, and published under the ``vct``.
"""

from collections.abc import Mapping
from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials.templates import ItemRule, OpenRule, Template
from problems.sentences import LANGS, Lang

_COLOURS: Final[Json] = {"background_color": "#1b3a57", "text_color": "#ffffff"}


def type_metadata(template: Template) -> Json:
    """Return the type metadata document of a template."""
    display: list[JsonValue] = [
        {"locale": lang, "name": template.label[lang], "rendering": {"simple": _COLOURS}} for lang in LANGS
    ]
    return {
        "vct": template.vct,
        "name": template.label["en"],
        "description": f"Passport credential type {template.id}, version {template.version}",
        "display": display,
        "claims": [
            *(_open(rule) for rule in template.open),
            *(claim for rule in template.items for claim in _items(rule)),
        ],
    }


def _open(rule: OpenRule) -> Json:
    claim = _claim(rule.path, rule.label, "never")
    return {**claim, "mandatory": rule.mandatory}


def _items(rule: ItemRule) -> list[Json]:
    return [_claim(path, rule.label, "always") for path in rule.paths]


def _claim(path: tuple[str, ...], label: Mapping[Lang, str], disclosable: str) -> Json:
    """§9.1: in a path, null is every element of a list."""
    steps: list[JsonValue] = [None if step == "*" else step for step in path]
    display: list[JsonValue] = [{"locale": lang, "label": label[lang]} for lang in LANGS]
    return {"path": steps, "display": display, "sd": disclosable}
