"""Rows of the tables of an export: their columns by `columns.csv`, and what several tables have in common."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple

from schemas.package import PackageField

Row = dict[str, Any]


class ExportColumn(NamedTuple):
    """One column of a table: `kind` says what its cells are (`adapters.documents.table_schema`)."""

    name: str
    heading: str
    kind: str


@functools.cache
def columns() -> Mapping[str, tuple[ExportColumn, ...]]:
    """Of each table its columns with their headings and kinds."""
    listed = resources.files(__package__).joinpath("columns.csv").read_text("utf-8")
    found: dict[str, tuple[ExportColumn, ...]] = {}
    for row in csv.DictReader(listed.splitlines()):
        column = ExportColumn(row["column"], row["heading"], row["kind"])
        found[row["table"]] = (*found.get(row["table"], ()), column)
    return found


def field_rows(field: PackageField) -> Iterator[Row]:
    """A row for each value of a field."""
    for number, parts in enumerate(field.values, start=1):
        yield {
            "field": field.ru,
            "name": field.name,
            "number": number,
            "value": parts[0].value
            if len(parts) == 1 and not parts[0].ru
            else ", ".join(p.ru or p.value for p in parts),
            "code": ", ".join(part.value for part in parts if part.ru is not None),
        }


def row_of(value: object, table: str) -> Row:
    """The columns of a table that are fields of a value, as they are."""
    return {column: getattr(value, column, None) for column, _, _ in columns()[table]}
