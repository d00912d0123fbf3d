"""How the cells of a table read: dates as people write them, words for codes, durations.

A reader returns the text as records hold it, or raises :class:`Unreadable`, which never repeats a value.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, cast

from credentials.templates import code_label
from credentials.templates.codes import code_tables
from issuer.intake.birth import impossible_day
from problems.sentences import Fact

Reader = Callable[[str, str], str]
"""(cell, plain header) -> text of the record."""


class Unreadable(Exception):
    """A cell that does not read: the code and facts of a finding."""

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def text(cell: str, _header: str) -> str:
    return cell


def code(cell: str, header: str) -> str:
    """A bare number takes the register that its column names (« code RNCP »)."""
    bare = re.sub(r"\s", "", cell).upper()
    if re.fullmatch(r"\d{1,6}(BC\d{2,3})?", bare):
        words = header.split()
        prefix = "RNCP" if "rncp" in words else "RS"
        if ("rncp" in words) != ("rs" in words):
            return prefix + bare
    return bare


_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_FRENCH: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?: 00:00(?::00)?)?")
_SHORT_YEAR: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_SERIAL: Final = re.compile(r"\d{5}(?:[.,]\d+)?")


def day(cell: str, _header: str) -> str:
    """``31/12/2026`` and ``2026-12-31`` are told apart by their shape, cell by cell."""
    if found := _ISO.fullmatch(cell):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _FRENCH.fullmatch(cell):
        return _day(int(found[3]), int(found[2]), int(found[1]))
    if _SERIAL.fullmatch(cell):
        raise Unreadable("cell.date_serial")
    if _SHORT_YEAR.fullmatch(cell):
        raise Unreadable("cell.date_short_year")
    raise Unreadable("cell.date")


def _day(year: int, month: int, number: int) -> str:
    if not 1900 <= year <= 2099:
        raise Unreadable("cell.date_year")
    if month > 12 and number <= 12:
        raise Unreadable("cell.date_month_first")
    if wrong := impossible_day(year, month, number):
        raise Unreadable("cell.date_impossible", **wrong)
    return date(year, month, number).isoformat()


_PARTIAL: Final = re.compile(r"(?:(?:0?0[/.-])?(?:0?0|0?[1-9]|1[0-2])[/.-])?(?:19|20)\d{2}")


def day_of_birth(cell: str, header: str) -> str:
    """A year, or a year and a month, are a birth date that is not whole."""
    return "" if _PARTIAL.fullmatch(cell) else day(cell, header)


_HOURS: Final = re.compile(
    r"(\d{1,4})\s*(?:(?:h|heures?)?|(?:h|heures?|:)\s*([0-5]?\d)\s*(?:min|mn|minutes?)?)", re.IGNORECASE
)
_DECIMAL: Final = re.compile(r"(\d{1,4})[.,](5|25|50|75)\s*(?:h|heures?)?", re.IGNORECASE)
_ISO_DURATION: Final = re.compile(r"P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?)?")


def duration(cell: str, _header: str) -> str:
    """``35``, ``35 h``, ``7 h 30``, ``7:30`` and ``PT35H`` are hours; days are no measure of a training."""
    if _ISO_DURATION.fullmatch(cell):
        return cell
    if found := _DECIMAL.fullmatch(cell):
        return _hours(int(found[1]), round(float(f"0.{found[2]}") * 60))
    if found := _HOURS.fullmatch(cell):
        return _hours(int(found[1]), int(found[2] or 0))
    raise Unreadable("cell.duration")


def _hours(hours: int, minutes: int) -> str:
    if not hours and not minutes:
        raise Unreadable("cell.duration")
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")


_PERIOD: Final = re.compile(r"(\d{1,3})\s*(mois|ans?|annees?|années?)?", re.IGNORECASE)


def period(cell: str, _header: str) -> str:
    """``24 mois``, ``3 ans`` and ``P24M``; a bare number counts months."""
    if re.fullmatch(r"P\d{1,3}[YM]", cell):
        return cell
    found = _PERIOD.fullmatch(cell)
    if not found or not int(found[1]):
        raise Unreadable("cell.period")
    years = (found[2] or "").casefold().startswith("a")
    return f"P{int(found[1]) * (12 if years else 1)}M"


def listed(table: str) -> Reader:
    """Return the reader of a coded column: the code itself, its label, or a usual word for it."""

    def read(cell: str, _header: str) -> str:
        found = _words(table).get(plain(cell))
        if found is None:
            raise Unreadable("cell.not_in_list", expected=_expected(table))
        return found

    return read


_READERS: Final[Mapping[str, Reader]] = {
    "text": text, "code": code, "day": day, "birth": day_of_birth, "duration": duration, "period": period,
}  # fmt: skip


def reader(reads: str) -> Reader:
    """Return the reader that ``table.toml`` names; KeyError when there is none."""
    kind, _, table = reads.partition(":")
    return listed(table) if kind == "list" else _READERS[kind]


@lru_cache(maxsize=1024)  # headers are asked for with every cell
def plain(words: str) -> str:
    """Return words without accents, case or punctuation: « Date d'obtention » is ``date d obtention``."""
    letters = unicodedata.normalize("NFKD", words.replace("°", " ")).casefold()
    bare = "".join(character for character in letters if not unicodedata.combining(character))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


@cache
def _words(table: str) -> Mapping[str, str]:
    """Everything that people may write for the codes of a table."""
    codes = code_tables().get(table, {})
    usual: dict[str, str] = _usual().get(table, {})
    labels = {plain(code_label(table, code)["fr"]): code for code in codes}
    own = {plain(code): code for code in (*codes, *usual.values())}
    return {**labels, **own, **{plain(word): code for word, code in usual.items()}}


def _expected(table: str) -> str:
    labels = [code_label(table, code)["fr"] for code in code_tables().get(table, {})]
    return ", ".join(labels or _usual()[table])


@cache
def _usual() -> dict[str, dict[str, str]]:
    words = tomllib.loads(files("issuer.intake").joinpath("table.toml").read_text("utf-8"))["words"]
    return cast(dict[str, dict[str, str]], words)
