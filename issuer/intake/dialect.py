"""How a table is written: encoding, separator. Found by looking, and said."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from boundary import limits
from problems import InputError, LimitError

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SEPARATORS: Final = ";,\t|"


@dataclass(frozen=True)
class Dialect:
    """``encoding`` is a Python codec; ``assumed`` tells that nothing in the file says so (Windows-1252)."""

    encoding: str
    separator: str
    assumed: bool = False
    announced: bool = False
    """Whether a first line ``sep=;`` says the separator."""


def sniff(path: Path) -> Dialect:
    """Return how the table is written.

    Raises InputError when it is no text or is empty, LimitError beyond the limits of a file.
    """
    if path.stat().st_size > limits.IMPORT_BYTES:
        raise LimitError("intake.too_large", limit=limits.IMPORT_BYTES)
    encoding, assumed = _encoding(path)
    first = next((line for line in lines(path, encoding) if line.strip()), "")
    if not first:
        raise InputError("intake.empty")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        return Dialect(encoding, first.strip()[-1], assumed, announced=True)
    return Dialect(encoding, _separator(first), assumed)


def lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines with their ends, whichever they are. Raises LimitError for one that is too long."""
    with path.open("r", encoding=encoding, newline="") as file:
        number = 0
        try:
            while line := file.readline(limits.CSV_LINE_CHARS + 1):
                number += 1
                if len(line) > limits.CSV_LINE_CHARS:
                    raise LimitError("csv.line_too_long", line=number, limit=limits.CSV_LINE_CHARS)
                yield line
        except UnicodeDecodeError:
            raise InputError("csv.encoding") from None


def _encoding(path: Path) -> tuple[str, bool]:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        if head.startswith(_UTF_32):
            raise InputError("csv.encoding")
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                return encoding, False
        return _unmarked(file)


def _unmarked(file: BinaryIO) -> tuple[str, bool]:
    """UTF-8 if every byte of the file agrees, else Windows-1252, which cannot be recognised."""
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    windows = codecs.getincrementaldecoder("cp1252")()
    is_utf_8 = True
    line = 1
    while chunk := file.read(1 << 16):
        if (at := chunk.find(0)) >= 0:
            raise InputError("csv.nul", line=line + chunk.count(b"\n", 0, at))
        line += chunk.count(b"\n")
        is_utf_8 = is_utf_8 and _decodes(utf_8, chunk)
        if not is_utf_8 and not _decodes(windows, chunk):
            raise InputError("csv.encoding")
    if is_utf_8 and _decodes(utf_8, b"", final=True):
        return "utf-8", False
    return "cp1252", True


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _separator(header: str) -> str:
    """The separator that makes most columns of the header; the French one when none makes two."""
    return max(_SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator), ())))
