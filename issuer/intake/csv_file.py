"""Tables of results (CSV), as spreadsheets write them: one row per result, a header that names columns.

Separator, encoding and the form of dates are found by looking.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from boundary import limits
from issuer.intake.columns import check_template
from issuer.intake.dialect import Dialect, lines, sniff
from issuer.intake.judge import Judge
from issuer.intake.rows import Finding, Place, Reading, shown_name
from issuer.intake.table import Given, Table, about, headings
from problems import InputError, LimitError
from skills.register import Register


def read(
    path: Path,
    register: Register,
    today: date,
    *,
    template: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[Reading]:
    """Yield a reading per row; first, if need be, one without row that says how the file was taken.

    ``template`` is the kind of credential of rows that do not say theirs; ``mapping`` gives, for headers
    of the file, the header of ours that is meant. Raises InputError when the table as a whole cannot be
    read, LimitError beyond the limits of a file.
    """
    if template is not None:
        check_template(template)
    dialect, file = sniff(path), shown_name(path)
    rows = _rows(path, dialect)
    line, header = next(rows, (1, []))
    if not header:
        raise InputError("intake.empty")
    found = headings(header, mapping or {}, line)
    assumed = [Finding("csv.encoding_assumed", Place(file), "warning")] if dialect.assumed else []
    if said := (*assumed, *about(found, file, line)):
        yield Reading(None, said)
    table, count = Table(found, Judge(register, today), template), 0
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > limits.IMPORT_ROWS:
            raise LimitError("intake.too_many_rows", limit=limits.IMPORT_ROWS)
        yield table.read([Given(cell) for cell in cells], Place(file, line))
    if not count:
        raise InputError("csv.no_rows")


def _rows(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it starts."""
    reader = csv.reader(lines(path, dialect.encoding), delimiter=dialect.separator, strict=True)
    line, announcement = 1, dialect.announced
    try:
        for cells in reader:
            if any(len(cell) > limits.CSV_FIELD_CHARS for cell in cells):
                raise LimitError("csv.field_too_long", line=line, limit=limits.CSV_FIELD_CHARS)
            if any(cells) and not announcement:
                yield line, cells
            announcement = announcement and not any(cells)
            line = reader.line_num + 1
    except csv.Error:  # an open quote, or a field beyond even the reader's own limit
        raise InputError("csv.quote", line=line) from None
