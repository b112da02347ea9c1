"""The tables of canonical documents as they are published: what their simple types say, said of cells."""

from __future__ import annotations

from typing import Final

from adapters.documents.simple import DATE, PARTIAL_DATE, Simple
from adapters.documents.table_schema import PATTERNS, TableField, TableForm
from adapters.sheets.cells import BOOLEAN, INSTANT, is_number
from adapters.sheets.columns import NUMBER, SheetColumn, columns_of
from schemas.documents import KINDS, VERSION, DocumentKind

_FORMS: Final = {PARTIAL_DATE: "partial_date", INSTANT: "instant_with_offset"}


def sheet_form(kind: DocumentKind) -> TableForm:
    """The published table of a kind of document."""
    return TableForm(f"{kind.code}-{VERSION}", VERSION, tuple(map(_field, columns_of(kind))))


def sheet_forms() -> tuple[TableForm, ...]:
    """Those of all kinds."""
    return tuple(map(sheet_form, KINDS))


def _field(column: SheetColumn) -> TableField:
    field, heading, simple = column.field or NUMBER, column.heading, column.simple
    if column.numbers:
        return TableField(field, heading, "integer", least=1)
    if simple is None or simple.base == BOOLEAN:
        return TableField(field, heading, "boolean")
    if simple.name == DATE:
        return TableField(field, heading, "date")
    if simple.name in _FORMS:
        kind = _FORMS[simple.name]
        return TableField(field, heading, kind, PATTERNS[kind])
    if is_number(simple):
        return _number(field, heading, simple)
    return _text(field, heading, simple)


def _number(field: str, heading: str, simple: Simple) -> TableField:
    facets = dict(simple.facets)
    least, most = (int(float(facets[name])) if name in facets else None for name in ("minInclusive", "maxInclusive"))
    return TableField(field, heading, "integer" if simple.base == "xs:integer" else "decimal", least=least, most=most)


def _text(field: str, heading: str, simple: Simple) -> TableField:
    facets = dict(simple.facets)
    if "enumeration" in facets:
        return TableField(field, heading, "code", values=tuple(value for _, value in simple.facets))
    if "pattern" in facets:
        # An apostrophe keeps a spreadsheet from taking the text for something else.
        return TableField(field, heading, "line", f"'?({facets['pattern']})")
    longest = int(facets["maxLength"]) + 1 if "maxLength" in facets else None
    return TableField(field, heading, "line", longest=longest)
