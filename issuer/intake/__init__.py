"""Reads what certifiers already have: accrochage XML, tables (CSV, XLSX), rows of claims (JSON).

Each file becomes a stream of readings: a row of claims ready for its template, or the reasons why not,
each with its place and what to do.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Literal

from boundary import limits
from issuer.intake import accrochage, csv_file, json_file, workbook, xlsx_file
from issuer.intake.rows import Finding, Place, Reading, Row, Withdrawal
from problems import InputError
from skills.register import Register

__all__ = [
    "Finding",
    "Kind",
    "Place",
    "Reading",
    "Row",
    "detect",
    "Withdrawal",
    "read",
    "sender_id",
    "withdraws",
]

Kind = Literal["accrochage", "csv", "json", "xlsx"]

_ARCHIVES: Final = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] §2.3.2


def detect(path: Path) -> Kind:
    """Return what a file is, from its first bytes. Raises InputError when it is none that we read."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise InputError("intake.empty")
    if head.startswith(_OLE):
        raise InputError("workbook.encrypted" if _holds(path, _ENCRYPTED) else "workbook.old")
    if head.startswith(b"PK"):
        workbook.refuse_other_kinds(path)
        return "xlsx"
    if head.startswith(_ARCHIVES):
        raise InputError("intake.archive")
    start = _text(head).lstrip()
    if start.startswith("<"):
        return "accrochage"
    if start.startswith(("{", "[")):
        return "json"
    return "csv"


def sender_id(path: Path) -> str:
    """Return the sender's own id of a file (``idFlux``), for the treatment report; "" when it has none.

    Raises the problems of :func:`issuer.intake.accrochage.survey`.
    """
    return accrochage.survey(path).id if detect(path) == "accrochage" else ""


def withdraws(path: Path) -> bool:
    """Return whether the file asks to revoke what it lists (accrochage, ``action`` SUPPRESSION).

    Raises the problems of :func:`issuer.intake.accrochage.survey`.
    """
    return detect(path) == "accrochage" and accrochage.survey(path).withdraws


def _text(head: bytes) -> str:
    """Enough of the text to see its first character, whatever the encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "ignore")
    return head.decode("utf-8-sig", "replace")


def _holds(path: Path, sign: bytes) -> bool:
    with path.open("rb") as file:
        return sign in file.read(limits.WORKBOOK_BYTES)


def read(
    path: Path,
    *,
    register: Register,
    today: date,
    kind: Kind | None = None,
    template: str | None = None,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
) -> Iterator[Reading]:
    """Yield a reading per row of the file, in order and in flat memory.

    ``template`` and ``mapping`` are for tables: the kind of credential of rows that do not say theirs, and
    our header for headers of the file; ``sheet`` is for workbooks: the one to read. Raises a Problem,
    before or while reading, when the file as a whole cannot be read; what was yielded until then must not
    be issued.
    """
    match kind or detect(path):
        case "accrochage":
            return accrochage.read(path, register, today)
        case "csv":
            return csv_file.read(path, register, today, template=template, mapping=mapping)
        case "xlsx":
            return xlsx_file.read(path, register, today, template=template, mapping=mapping, sheet=sheet)
        case "json":
            return json_file.read(path, register, today)
