"""A workbook as grids, one for each visible sheet: what Excel holds as dates and numbers becomes the text that a CSV file
would have, so that the same profiles read both.

Merged cells belong to every row that they stand beside. What is hidden is not taken: its sender did not see it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from adapters.limits import Limits
from adapters.report import Complaint, Severity, SourceRow
from adapters.tables.cells import CellFault, clean, plain
from adapters.tables.dates import russian
from adapters.tables.grid import ReturnedRow, with_own
from adapters.tables.parts import Sheet, Span, measure
from adapters.tables.workbook_writer import Value, write_workbook
from schemas.errors import BadInput, DocumentRejected

XLSX: Final = "xlsx"
_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number: of a longer one the last are gone."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def open_workbook(content: bytes, limits: Limits, sheet: int | None = None) -> Sequence[WorkbookGrid]:
    """The visible sheets, or the one with this number (from one). Raises DocumentRejected, BadInput (sheet_unknown)."""
    measured = measure(content, limits)
    if sheet is not None and not 1 <= sheet <= len(measured):
        raise BadInput("sheet_unknown", sheets=len(measured))
    complaints = [
        Complaint("sheet_hidden", Severity.WARNING, "", None, None, {"sheet": found.number})
        for found in measured
        if found.hidden and found.number != sheet
    ]
    wanted = [
        found for found in measured if (found.number == sheet if sheet is not None else not found.hidden) and found.rows
    ]
    if not wanted:
        raise DocumentRejected("workbook_empty")
    read = {found.number for found in measured if not found.hidden and found.rows}
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            if len(workbook.sheet_names) != len(measured):
                raise DocumentRejected("workbook_broken")
            return [
                WorkbookGrid(found, _values(workbook, found), tuple(complaints), tuple(sorted(read - {found.number})))
                for found in wanted
            ]
    except (CalamineError, OSError, ValueError):
        raise DocumentRejected("workbook_broken") from None


def _values(workbook: CalamineWorkbook, found: Sheet) -> list[list[Value]]:
    """The values of a sheet, which are no more than were counted."""
    sheet = workbook.get_sheet_by_index(found.number - 1)
    if sheet.total_height > found.rows or sheet.total_width > found.columns:
        raise DocumentRejected("workbook_broken")
    return [*sheet.iter_rows()]


class WorkbookGrid:
    """One sheet."""

    form = XLSX

    def __init__(
        self,
        sheet: Sheet,
        values: list[list[Value]],
        complaints: Sequence[Complaint],
        passed_over: Sequence[int] = (),
    ) -> None:
        """`passed_over` are the other visible sheets with anything in them: of several, one is read."""
        self.sheet, self.complaints, self.passed_over = sheet, complaints, passed_over
        self._values = values
        self._fill_down()

    def __iter__(self) -> Iterator[SourceRow]:
        """Rows by their numbers in the sheet."""
        for index, values in enumerate(self._values):
            cells = [_cell(value) for value in values]
            faults = {at: cell.fault for at, cell in enumerate(cells) if cell.fault}
            faults |= self.sheet.faults.get(index, {})
            dates = frozenset(at for at, value in enumerate(values) if isinstance(value, date | time | timedelta))
            row = tuple(cell.text for cell in cells)
            yield SourceRow(index + 1, row, faults, dates, hidden=index in self.sheet.hidden_rows)

    def spread(self, row: SourceRow) -> tuple[str, ...]:
        """As the merged cells say."""
        index, cells = row.line - 1, list(row.cells)
        for span in self.sheet.merged:
            if span.top <= index <= span.bottom and span.left < len(cells):
                for at in range(span.left, min(span.right + 1, len(cells))):
                    cells[at] = row.cells[span.left]
        return tuple(cells)

    def hides(self, position: int) -> bool:
        """By the settings of the sheet."""
        return any(first <= position <= last for first, last in self.sheet.hidden_columns)

    def returned(self, rows: Iterable[ReturnedRow], own_at: int | None, width: int) -> bytes:
        """A workbook with one sheet: dates stay dates, numbers numbers, headings merged as they were."""
        kept = list(rows)
        lines = {returned.row.line: number for number, returned in enumerate(kept)}
        table = [with_own(self._typed(r.row), r.words, own_at, width) for r in kept]
        spans = [
            Span(lines[span.top + 1], span.left, lines[span.bottom + 1], min(span.right, width - 1))
            for span in self.sheet.merged
            if {*range(span.top + 1, span.bottom + 2)} <= lines.keys()
            and lines[span.bottom + 1] - lines[span.top + 1] == span.bottom - span.top
        ]
        return write_workbook(table, spans, own_at if own_at is not None else width)

    def _typed(self, row: SourceRow) -> list[Value]:
        return self._values[row.line - 1]

    def _fill_down(self) -> None:
        """A cell merged over several rows belongs to each of them."""
        budget = len(self._values) * self.sheet.columns
        for span in self.sheet.merged:
            if span.bottom == span.top or span.top >= len(self._values) or span.left >= len(self._values[span.top]):
                continue
            value, last = self._values[span.top][span.left], min(span.bottom, len(self._values) - 1)
            budget -= last - span.top
            if budget < 0:
                raise DocumentRejected("workbook_broken")  # spans that lie over each other
            for index in range(span.top + 1, last + 1):
                self._values[index][span.left] = value


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    fault: str = ""


_NOTHING: Final = _Text("")


def _cell(value: Value) -> _Text:
    if value == "":
        return _NOTHING
    match value:
        case bool():
            text = "да" if value else "нет"
        case int() | float():
            return _number(float(value))
        case datetime():
            text = russian(value.date()) + ("" if value.time() == time() else f" {value:%H:%M:%S}")
        case date():
            text = russian(value)
        case time():
            text = f"{value:%H:%M}"
        case timedelta():
            minutes = int(value.total_seconds()) // 60
            text = f"{minutes // 60}:{minutes % 60:02d}"
        case _:
            text = _literal(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value)
    return _Text(text)


def _number(value: float) -> _Text:
    if abs(value) >= _EXACT:
        return _Text("", "scientific_notation")
    return _Text(str(int(value)) if value.is_integer() else repr(value))


def _literal(text: str) -> str:
    """A text that looks like a formula is none in a workbook, where formulas are something else."""
    if plain(text):
        return text
    try:
        clean(text)
    except CellFault as fault:
        if fault.code == "formula_in_cell":
            return f"'{text}"
    return text
