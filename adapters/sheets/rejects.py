"""Refused documents in a table like the one they came in: its titles and headings, their rows, and a column «Ошибка»."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from adapters.formats import Context, FormatRecord
from adapters.report import ImportReport, errors_by_line
from adapters.sheets.lines import Line
from adapters.sheets.reader import groups_of, layout_of
from adapters.tables.grid import CsvGrid, ReturnedRow
from adapters.tables.rejects import head_rows
from schemas.documents import DocumentKind

_BLOCK: Final = 64 * 1024


def reject_sheet(
    kind: DocumentKind, stream: BinaryIO, context: Context, refused: Iterable[FormatRecord]
) -> Iterator[bytes]:
    """In the encoding and with the delimiter of the file, or as a workbook. Raises DocumentRejected for one that is no table of
    this kind."""
    layout = layout_of(kind, stream, context)
    groups = enumerate(groups_of(kind, layout, context.limits, ImportReport("")), start=1)
    rows = itertools.chain(head_rows(layout), _rows(groups, refused))
    if not isinstance(layout.grid, CsvGrid):
        yield layout.grid.returned(rows, layout.own_at, layout.width)
        return
    out = io.BytesIO()
    write = layout.grid.writer(out, layout.own_at, layout.width)
    for row in rows:
        write(row)
        if out.tell() >= _BLOCK:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _rows(groups: Iterator[tuple[int, Sequence[Line]]], refused: Iterable[FormatRecord]) -> Iterator[ReturnedRow]:
    for record in refused:
        lines = next((lines for number, lines in groups if number == record.number), ())
        words = errors_by_line(record.complaints, [line.row.line for line in lines])
        for line in lines:
            yield ReturnedRow(line.row, words[line.row.line])
