"""What of a table of documents was not taken to the letter: cells in another spelling than the writer has, and what stands
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
from schemas.documents import DocumentKind


def beside_records(layout: Layout) -> Iterator[Loss]:
    """Titles, and columns of which nothing is known, also where nothing stands in them."""
    for row in layout.titles:
        yield Loss("row_title", "", row.line, None)
    for at, name in layout.names.items():
        if at not in layout.columns and name:
            yield Loss(_left_out(layout, at), name, layout.heading.line, None)


def sheet_losses(
    kind: DocumentKind,
    value: BaseModel,
    lines: Sequence[tuple[SourceRow, Mapping[Fields, str]]],
    layout: Layout,
    number: int,
) -> Iterator[Loss]:
    """Of one record: its rows beside those that the writer makes of it."""
    written = numbered((), number, block(value, shape_of(kind.model), ()))
    headings = {column.path: column.field or NUMBER for column in columns_of(kind)}
    for at, (row, said) in enumerate(lines):
        ours = written[at] if at < len(written) else {}
        for path, raw in said.items():
            if (code := _changed(raw, ours.get(path, ""))) is not None:
                yield Loss(code, layout.heading_of(headings[path]), row.line, number)
        for place, cell in enumerate(row.cells):
            if place not in layout.columns and cell.strip():
                name = layout.names.get(place, "")
                yield Loss(_left_out(layout, place), name, row.line, number)


def _left_out(layout: Layout, place: int) -> str:
    if place == layout.own_at:
        return "column_own"
    return "unknown_column" if layout.names.get(place) else "column_unheaded"


def _changed(raw: str, ours: str) -> str | None:
    if raw == ours:
        return None
    if raw.strip() == ours:
        return "spaces"
    return "letter_case" if raw.strip().casefold() == ours.casefold() else "value_respelt"
