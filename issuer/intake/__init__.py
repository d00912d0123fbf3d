"""Reads what certifiers already have: accrochage XML, tables (CSV), rows of claims (JSON).

Each file becomes a stream of readings: a row of claims ready for its template, or the reasons why not,
each with its place and what to do.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal

from issuer.intake import accrochage, csv_file, json_file
from issuer.intake.rows import Finding, Place, Reading, Row
from problems import InputError
from skills.register import Register

__all__ = ["Finding", "Kind", "Place", "Reading", "Row", "detect", "flux_id", "read"]

Kind = Literal["accrochage", "csv", "json"]

_ARCHIVES: Final = (b"PK", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0")


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


def flux_id(path: Path) -> str:
    """Return the id that the sender gave the file (``idFlux``); empty when files of its kind have none."""
    return accrochage.survey(path).id if detect(path) == "accrochage" else ""


def sender_id(path: Path) -> str:
    """Return the sender's own id of a file (``idFlux``), for the treatment report; "" when it has none.

    Raises the problems of :func:`issuer.intake.accrochage.survey`.
    """
    return accrochage.survey(path).id if detect(path) == "accrochage" else ""


def _text(head: bytes) -> str:
    """Enough of the text to see its first character, whatever the encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "ignore")
    return head.decode("utf-8-sig", "replace")


def read(
    path: Path,
    *,
    register: Register,
    today: date,
    kind: Kind | None = None,
    template: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Reading]:
    """Yield a reading per row of the file, in order and in flat memory.

    ``template`` and ``mapping`` are for tables: the kind of credential of rows that do not say theirs, and
    our header for headers of the file. Raises a Problem, before or while reading, when the file as a whole
    cannot be read; what was yielded until then must not be issued.
    """
    match kind or detect(path):
        case "accrochage":
            return accrochage.read(path, register, today)
        case "csv":
            return csv_file.read(path, register, today, template=template, mapping=mapping)
        case "json":
            return json_file.read(path, register, today)
