"""The columns of a table of results (``table.toml``): our names for them, and a model to fill."""

import csv
import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from issuer.intake.values import Reader, plain, reader
from problems import InputError


@dataclass(frozen=True)
class Column:
    """A field of a record: its documented header, other headers people use, and how its cells read
    (``reads`` as ``table.toml`` says it)."""

    field: str
    header: str
    others: tuple[str, ...]
    reader: Reader
    reads: str = "text"


@cache
def columns() -> Mapping[str, Column]:
    """Return every column by field, in the order of the documentation."""
    return {
        entry["field"]: Column(
            entry["field"],
            entry["header"],
            tuple(entry.get("others", ())),
            reader(entry.get("reads", "text")),
            entry.get("reads", "text"),
        )
        for entry in _table()["column"]
    }


def column_of(header: str) -> Column | None:
    """Return the column that people mean by ``header``; None when it is none of ours."""
    return _by_name().get(plain(header))


def header_of(field: str) -> str:
    """Return our header for a field; the field itself when tables have no such column."""
    column = columns().get(field)
    return column.header if column else field


def is_national_number(header: str) -> bool:
    """Return whether the header announces what no file may hold."""
    return plain(header) in {plain(name) for name in _table()["national_number"]["headers"]}


def model(template: str) -> list[list[str]]:
    """Return a table to fill: the headers of that kind of credential, and one evidently fictional row.

    Raises InputError for a template that tables cannot fill.
    """
    check_template(template)
    example: Mapping[str, str] = _table()["example"][template]
    return [[header_of(field) for field in example], [*example.values()]]


def template_csv(template: str) -> str:
    """Return :func:`model` as text, separated by semicolons as French spreadsheets expect.

    Write it as ``utf-8-sig`` for them to see the accents.
    """
    output = io.StringIO()
    csv.writer(output, delimiter=";").writerows(model(template))
    return output.getvalue()


def check_template(template: str) -> None:
    """Raise InputError for a kind of credential that tables cannot be filled for."""
    if template not in table_templates():
        raise InputError("csv.template_unknown", expected=", ".join(table_templates()))


def table_templates() -> tuple[str, ...]:
    """Return the kinds of credentials that a table can be filled for."""
    return tuple(_table()["example"])


@cache
def _by_name() -> Mapping[str, Column]:
    return {
        plain(name): column
        for column in columns().values()
        for name in (column.header, column.field, *column.others)
    }


@cache
def _table() -> dict[str, Any]:
    """Read our own file."""
    return tomllib.loads(files("issuer.intake").joinpath("table.toml").read_text("utf-8"))
