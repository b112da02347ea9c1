"""Tables of an export as they are published, for whoever checks one with its description."""

from __future__ import annotations

from typing import Final

from adapters.documents.table_schema import PATTERNS, TableField, TableForm
from adapters.exports.rows import ExportColumn, columns

AUTHORITIES: Final = "authorities"
EXPORT: Final = "export"
VERSION: Final = 2
"""Version 1 had instants to the minute and «нет» behind an apostrophe."""


def export_form(table: str) -> TableForm:
    """One table of an export."""
    return TableForm(table, VERSION, tuple(map(_field, columns()[table])))


def export_forms() -> tuple[TableForm, ...]:
    """Those of all tables."""
    return tuple(map(export_form, columns()))


def _field(column: ExportColumn) -> TableField:
    return TableField(column.name, column.heading, column.kind, PATTERNS.get(column.kind, ""))
