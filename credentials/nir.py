"""The national identity number (NIR, « numéro de sécurité sociale ») is recognised to be refused.

It must reach no credential, database, log, report or message: whoever finds one here names the place and
never the value. What looks like one is treated as one: a mistyped number still points to a person.

People and spreadsheets cut it anywhere (``185 057 800 608 491``). Cut where everybody cuts it, or not at
all, its build gives it away. Cut elsewhere, other numbers side by side are built alike: there its key must
hold, or it must be all that the text has in figures, cut by one and the same sign.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_BUILD: Final = re.compile(
    r"[1-478]"  # sex; 3, 4, 7, 8 while a number is being assigned
    r"\d{2}"  # year of birth
    r"(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)"  # month; from 20 on, months that are not known
    r"(?:2[AB]|\d{2})"  # département, 2A and 2B in Corsica, 99 abroad
    r"\d{3}"  # commune or country
    r"\d{3}"  # order
    r"(?:\d{2})?"  # key
)
_CUTS: Final = frozenset({1, 3, 5, 7, 10, 13})
_LENGTHS: Final = (13, 15)
_FIGURES: Final = 12  # the least that a NIR has, beside the A or B of Corsica
_PIECE: Final = re.compile(r"[0-9A-Za-z]+")
_OF_A_NUMBER: Final = re.compile(r"[0-9]*[AB]?[0-9]*")
_GAP_CHARS: Final = 3
_CORSICA: Final = str.maketrans({"A": "0", "B": "0"})


def looks_like_nir(text: str) -> bool:
    """Return whether a NIR, with its key or without, stands anywhere in ``text``, however it is written."""
    if len(text) < _LENGTHS[0] or sum(map(str.isdecimal, text)) < _FIGURES:
        return _has_compatible_figures(text) and looks_like_nir(unicodedata.normalize("NFKC", text))
    plain = "".join(map(_digit, unicodedata.normalize("NFKC", text)))
    return any(map(_holds_one, _runs(plain)))


def key_holds(number: str) -> bool:
    """Return whether the last two of 15 characters are the key: 97 less the rest modulo 97.

    2A counts as 19, 2B as 18 (INSEE; the same as taking 1,000,000 or 2,000,000 off the number with 20).
    """
    off = {"A": 1_000_000, "B": 2_000_000}.get(number[6], 0)
    return 97 - (int(number[:13].translate(_CORSICA)) - off) % 97 == int(number[13:])


def _has_compatible_figures(text: str) -> bool:
    """Figures such as ① are no decimals until they are normalised."""
    return not text.isascii() and not unicodedata.is_normalized("NFKC", text)


def _digit(character: str) -> str:
    """Return the ASCII digit of a decimal digit in any script, any other character as it is."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


@dataclass(frozen=True)
class _Run:
    """Pieces of figures side by side, and what stands between them."""

    pieces: Sequence[str]
    gaps: Sequence[str]

    @property
    def cut_alike(self) -> bool:
        return len(set(self.gaps)) <= 1


def _runs(text: str) -> Iterator[_Run]:
    pieces: list[str] = []
    gaps: list[str] = []
    end = 0
    for found in _PIECE.finditer(text):
        piece, gap = found[0].upper(), text[end : found.start()]
        end = found.end()
        figures = len(piece) <= _LENGTHS[-1] and _OF_A_NUMBER.fullmatch(piece)
        if pieces and not (figures and len(gap) <= _GAP_CHARS):
            yield _Run(pieces, gaps)
            pieces, gaps = [], []
        if figures:
            gaps += [gap] if pieces else []
            pieces.append(piece)
    if pieces:
        yield _Run(pieces, gaps)


def _holds_one(run: _Run) -> bool:
    return any(_is_one(run, start, stop) for start, stop in _windows(run.pieces))


def _windows(pieces: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where whole pieces make up the length of a NIR."""
    for start in range(len(pieces)):
        for stop, length in enumerate(itertools.accumulate(map(len, pieces[start:])), start + 1):
            if length in _LENGTHS:
                yield start, stop
            if length >= _LENGTHS[-1]:
                break


def _is_one(run: _Run, start: int, stop: int) -> bool:
    pieces = run.pieces[start:stop]
    number = "".join(pieces)
    if not _BUILD.fullmatch(number):
        return False
    cuts = set(itertools.accumulate(map(len, pieces[:-1])))
    if cuts <= _CUTS:
        return True
    alone = len(pieces) == len(run.pieces) and run.cut_alike
    return alone or (len(number) == _LENGTHS[-1] and key_holds(number))
