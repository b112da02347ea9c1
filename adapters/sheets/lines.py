"""The rows of a table of documents: what each says in which column, whether a document begins in it, and whether anybody sees
it.

A row that cannot be read, or that nobody sees while others of its document are seen, is of its document all the same: without
it the document is not taken, and its rows are not those of the document above.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.limits import Limits
from adapters.report import ImportReport, Skipped, SourceRow
from adapters.sheets.cells import is_answer
from adapters.sheets.columns import NUMBER, Fields, SheetColumn, columns_of
from adapters.tables.cells import CellFault, clean, is_absence_mark
from adapters.tables.layout import Layout, refuse_wide_row
from adapters.tables.rows import STRUCK, skip_reason
from adapters.tables.workbook import MERGED
from schemas.documents import DocumentKind

NOT_SEEN: Final = "row_not_seen"
_UNSEEN: Final = frozenset({"hidden", "struck"})
_NO_NUMBER: Final = "value_malformed"


@dataclass(slots=True)
class Line:
    """A row. `said` are its cells by the path of their columns, `above` the beginnings of these paths; `marks` are cells that
    say that there is nothing, `wrong` the rules against cells that should number and do not, `dated` what a workbook holds as
    days. `unseen`: hidden, struck."""

    row: SourceRow
    said: dict[Fields, str] = field(default_factory=dict)
    marks: dict[Fields, str] = field(default_factory=dict)
    wrong: dict[Fields, str] = field(default_factory=dict)
    dated: set[Fields] = field(default_factory=set)
    above: set[Fields] = field(default_factory=set)
    unseen: str = ""
    begins: bool = False


def lines_of(kind: DocumentKind, layout: Layout, limits: Limits, report: ImportReport) -> Iterator[Line]:
    """Those below the headings that are rows of documents; the others are told as passed over. Raises DocumentRejected."""
    columns = {column.field: column for column in columns_of(kind)}
    places = {at: columns[_path_of(column.field)] for at, column in layout.columns.items()}
    number = next(at for at, column in places.items() if not column.path)
    for row in layout.grid:
        if row.line <= layout.heading.line:
            continue
        refuse_wide_row(row, limits)
        reason = _passed_over(row, layout, number)
        if reason and reason not in _UNSEEN:
            report.skip(Skipped(row.line, reason))
            continue
        line = _line(row, places, returned=layout.is_disarmed)
        line.unseen = reason or ""
        line.begins = () in line.said or (row.looks is not None and row.looks.get(number) == STRUCK)
        yield line


def _path_of(field_name: str) -> str:
    return "" if field_name == NUMBER else field_name


def _line(row: SourceRow, places: dict[int, SheetColumn], *, returned: bool) -> Line:
    line = Line(row)
    for at, column in places.items():
        raw = row.cells[at] if at < len(row.cells) else ""
        if not raw.strip() or (row.looks is not None and row.looks.get(at) == MERGED):
            continue
        path, simple = column.path, column.simple
        if column.numbers:
            _number(line, path, raw, returned=returned)
        elif is_absence_mark(raw) and not (simple is not None and is_answer(raw, simple)):
            line.marks[path] = raw
        else:
            line.said[path] = raw
            if at in row.dates and "." in raw:  # a time of the clock has none
                line.dated.add(path)
    line.above = {path[:n] for path in line.said for n in range(len(path) + 1)}
    return line


def _number(line: Line, path: Fields, raw: str, *, returned: bool) -> None:
    """A number, and nothing else, is where something begins."""
    try:
        text = clean(raw, returned=returned).text
    except CellFault as fault:
        line.wrong[path] = fault.code
        return
    if text.isdecimal():
        line.said[path] = raw
    elif text:
        line.wrong[path] = _NO_NUMBER
    else:
        line.marks[path] = raw


def _passed_over(row: SourceRow, layout: Layout, number: int) -> str | None:
    """Why a row says nothing, as in registers; but any text may begin as the word for a total does: only in the column of
    numbers it is one. A hidden row that would not be taken anyway is of no document."""
    if row.hidden and (reason := _passed_over(replace(row, hidden=False), layout, number)):
        return reason
    if row.faults and not row.hidden:
        return None
    reason = skip_reason(row, layout)
    is_total = reason == "total" and number < len(row.cells) and row.cells[number].strip()
    return reason if reason != "total" or is_total else None
