"""Reads what certifiers already have: accrochage XML, tables (CSV), rows of claims (JSON).

Each file becomes a stream of readings: a row of claims ready for its template, or the reasons why not,
each with its place and what to do.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from issuer.intake import accrochage
from issuer.intake.rows import Finding, Place, Reading, Row
from problems import InputError
from skills.register import Register

__all__ = ["Finding", "Kind", "Place", "Reading", "Row", "detect", "read"]

Kind = Literal["accrochage", "csv", "json"]


def detect(path: Path) -> Kind:
    """Return what a file is, from its first bytes. Raises InputError when it is none that we read."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise InputError("intake.empty")
    if head.startswith(
        (b"PK", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0")
    ):
        raise InputError("intake.archive")
    start = _text(head).lstrip()
    if start.startswith("<"):
        return "accrochage"
    if start.startswith(("{", "[")):
        return "json"
    return "csv"


def _text(head: bytes) -> str:
    """Enough of the text to see its first character, whatever the encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "ignore")
    return head.decode("utf-8-sig", "replace")


def read(path: Path, *, register: Register, today: date, kind: Kind | None = None) -> Iterator[Reading]:
    """Yield a reading per row of the file, in order and in flat memory."""
    match kind or detect(path):
        case "accrochage":
            return accrochage.read(path, register, today)
        case _:
            raise InputError("intake.unknown_kind")
