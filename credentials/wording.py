"""A value of a credential in words, for people: plain text, one line per thing."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from boundary.strict_json import Json, JsonValue
from credentials.characters import printable
from credentials.templates import code_label
from problems.sentences import LANGS, Lang

LINE_CHARS: Final = 500
LINES: Final = 50
CODE_CHARS: Final = 12

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?", re.ASCII
)
_UNITS: Final[Mapping[Lang, tuple[tuple[str, str], ...]]] = {
    "fr": (("an", "ans"), ("mois", "mois"), ("jour", "jours"), ("h", "h"), ("min", "min")),
    "en": (("year", "years"), ("month", "months"), ("day", "days"), ("h", "h"), ("min", "min")),
}
_SAYINGS: Final[Mapping[Lang, Mapping[str, str]]] = {
    "fr": {
        "between": "du {start} au {end}",
        "since": "depuis le {start}",
        "from": "à partir du {start}",
        "until": "jusqu'au {end}",
        "level": "niveau {level} ({scale})",
        "observed": "niveau observé\u00a0: {level}",
        "score": "{value} (de {min} à {max})",
        "on": "le {day}",
        "yes": "oui",
        "no": "non",
    },
    "en": {
        "between": "from {start} to {end}",
        "since": "since {start}",
        "from": "from {start}",
        "until": "until {end}",
        "level": "level {level} ({scale})",
        "observed": "observed level: {level}",
        "score": "{value} (from {min} to {max})",
        "on": "on {day}",
        "yes": "yes",
        "no": "no",
    },
}


def in_words(value: JsonValue, name: str) -> Mapping[Lang, tuple[str, ...]]:
    """Return the lines that say ``value`` (in its normal form), per language; long ones are cut.

    ``name`` is what the SD-JWT form calls the member: codes are looked up in the table of that name.
    """
    return {lang: tuple(_lines(value, name, lang)) for lang in LANGS}


def day(date: dt.date, lang: Lang) -> str:
    """Return a date as people write it: 27/03/2026, 27 March 2026."""
    return date.strftime("%d/%m/%Y") if lang == "fr" else f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def _lines(value: JsonValue, name: str, lang: Lang) -> list[str]:
    elements = value[:LINES] if isinstance(value, list) else [value]
    return [printable(_sentence(element, name, lang))[:LINE_CHARS] for element in elements]


def _sentence(value: JsonValue, name: str, lang: Lang) -> str:
    if isinstance(value, dict):
        return ", ".join(_parts(value, lang))
    if isinstance(value, list):
        return ", ".join(_sentence(element, name, lang) for element in value[:LINES])
    return _scalar(value, name, lang)


def _parts(node: Json, lang: Lang) -> list[str]:
    """Say an object: code and name first, then its level and dates, then the rest in its order."""
    rest = dict(node)
    said = [_named(rest), _score(rest, lang), *_levels(rest, lang), _period(rest, lang)]
    said += [_sentence(member, name, lang) for name, member in rest.items()]
    return [part for part in said if part]


def _named(rest: Json) -> str:
    """Take the names of the thing out of ``rest`` and say them: ``Niveau 5 (EQF 5)``, ``RNCP1BC01 — …``.

    A code that only machines read (an ESCO identifier) is left out.
    """
    for hidden in ("ref", "concept", "digest"):
        rest.pop(hidden, None)
    name, code = (str(rest.pop(member, "")) for member in ("name", "code"))
    framework = str(rest.pop("framework", ""))
    if framework and name:
        return f"{name} ({f'{framework} {code}'.strip() if len(code) <= CODE_CHARS else framework})"
    return " — ".join(part for part in (code, name) if part)


def _score(rest: Json, lang: Lang) -> str:
    if not {"value", "min", "max"} <= rest.keys():
        return ""
    bounds = {name: str(rest.pop(name)) for name in ("value", "min", "max")}
    return _SAYINGS[lang]["score"].format(**bounds)


def _levels(rest: Json, lang: Lang) -> list[str]:
    said = []
    if "level" in rest:
        said.append(_level(str(rest.pop("level")), rest.pop("level_scale", None), lang))
    if "verdict" in rest:
        said.append(_scalar(rest.pop("verdict"), "verdict", lang))
    if "observed_level" in rest:
        said.append(_SAYINGS[lang]["observed"].format(level=rest.pop("observed_level")))
    return said


def _level(level: str, scale: JsonValue, lang: Lang) -> str:
    if not isinstance(scale, str):
        return level
    saying = code_label("level_scale", scale)[lang]
    known = saying if saying != scale else _SAYINGS[lang]["level"]
    return known.replace("{level}", level).replace("{scale}", scale)


def _period(rest: Json, lang: Lang) -> str:
    start, end = (_scalar(rest.pop(name, None), name, lang) for name in ("start_date", "end_date"))
    ongoing, sayings = rest.pop("ongoing", False), _SAYINGS[lang]
    if start and end:
        return sayings["between"].format(start=start, end=end)
    if start:
        return sayings["since" if ongoing else "from"].format(start=start)
    obtained = _scalar(rest.pop("obtained_on", None), "obtained_on", lang)
    if obtained:
        return sayings["on"].format(day=obtained)
    return sayings["until"].format(end=end) if end else ""


def _scalar(value: JsonValue, name: str, lang: Lang) -> str:
    if isinstance(value, bool):
        return _SAYINGS[lang]["yes" if value else "no"]
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if name in ("duration", "period"):
        return _duration(value, lang)
    return _date(value, lang) or code_label(name, value)[lang]


def _date(text: str, lang: Lang) -> str:
    if not _DATE.fullmatch(text):
        return ""
    try:
        return day(dt.date.fromisoformat(text), lang)
    except ValueError:
        return ""


def _duration(text: str, lang: Lang) -> str:
    found = _DURATION.fullmatch(text)
    if not found:
        return text
    counted = zip(found.groups(), _UNITS[lang], strict=True)
    return " ".join(f"{n} {units[int(n) > 1]}" for n, units in counted if n)
