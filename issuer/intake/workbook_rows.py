"""The one place that reads values out of workbooks, by python-calamine.

It keeps a sheet's values in memory, some 24 bytes for each cell up to the last row and column and the texts
once: which is why the sheet was measured before (:mod:`issuer.intake.sheet`).
"""

from collections.abc import Iterator
from typing import BinaryIO

import python_calamine as calamine

from issuer.intake.workbook import Sheet
from issuer.intake.workbook_values import Value
from problems import ParsingError


def rows(file: BinaryIO, sheet: Sheet) -> Iterator[tuple[int, list[Value]]]:
    """Yield the number of each row, from 1, and its values from the first column to the last not blank.

    Raises ParsingError ``workbook.damaged`` for what the library cannot read.
    """
    file.seek(0)
    try:
        with calamine.load_workbook(file) as workbook:
            found = workbook.get_sheet_by_name(sheet.name)
            start = found.start
            if start is None:
                return
            for number, values in enumerate(found.iter_rows(), 1):
                yield number, _filled([*[""] * start[1], *values])
    except (calamine.CalamineError, OverflowError, ValueError):  # the latter: days beyond any calendar
        raise ParsingError("workbook.damaged") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust code raises when it gives up, by name only
            raise
        raise ParsingError("workbook.damaged") from None


def _filled(values: list[Value]) -> list[Value]:
    while values and isinstance(values[-1], str) and not values[-1].strip():
        values.pop()
    return values
