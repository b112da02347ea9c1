"""What of a document in a table was not taken to the letter: cells in another spelling than the writer has, and what stands
beside them. Of a record that is kept out there are none: it comes back whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from adapters.documents.shape import shape_of
from adapters.losses import Loss
from adapters.report import SourceRow
from adapters.sheets.columns import NUMBER, Fields, columns_of
from adapters.sheets.writer import block, numbered
from adapters.tables.layout import Layout
from adapters.tables.losses import CellLosses
from adapters.tables.workbook import MERGED
from schemas.documents import DocumentKind


def sheet_losses(
    kind: DocumentKind,
    value: BaseModel,
    lines: Sequence[tuple[SourceRow, Mapping[Fields, str]]],
    layout: Layout,
    cells: CellLosses,
    number: int,
) -> Iterator[Loss]:
    """Of one record: its rows beside those that the writer makes of it."""
    written = numbered((), number, block(value, shape_of(kind.model), ()))
    headings = {column.path: column.field or NUMBER for column in columns_of(kind)}
    for at, (row, said) in enumerate(lines):
        ours = written[at] if at < len(written) else {}
        for position, rule in (row.looks or {}).items():
            if rule != MERGED:
                yield Loss(rule, cells.place(position), row.line, number)
        for path, raw in said.items():
            if (code := _changed(raw, ours.get(path, ""))) is not None:
                yield Loss(code, layout.heading_of(headings[path]), row.line, number)
        for position, cell in enumerate(row.cells):
            if position not in layout.columns and cell.strip():
                yield Loss(cells.unread(position), cells.place(position), row.line, number)


def _changed(raw: str, ours: str) -> str | None:
    if raw == ours:
        return None
    if raw.strip() == ours:
        return "spaces"
    return "letter_case" if raw.strip().casefold() == ours.casefold() else "value_respelt"
