"""A workbook as grids, one for each visible sheet: what Excel holds as dates and numbers becomes the text that a CSV file
would have, so that the same profiles read both.

Merged cells belong to every row that they stand beside. What is hidden or struck out is not taken: its sender did not see it,
or took it back. What stands beside the cells is listed (`asides`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, TypeVar

from python_calamine import CalamineError, CalamineWorkbook

from adapters.limits import Limits
from adapters.report import Complaint, Severity, SourceRow
from adapters.tables.asides import Aside, is_anything, of_sheet, of_workbook, same_target
from adapters.tables.cells import CellFault, clean, plain
from adapters.tables.dates import russian
from adapters.tables.grid import ReturnedRow, with_own
from adapters.tables.looks import Look, Looks, Shown, looks_of, number_shown
from adapters.tables.parts import Sheet, Span, measure, parts_of
from adapters.tables.workbook_writer import Value, write_workbook
from schemas.errors import BadInput, DocumentRejected

XLSX: Final = "xlsx"
MERGED: Final = "merged_value"
Kind = TypeVar("Kind")
_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number: of a longer one the last are gone."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def open_workbook(content: bytes, limits: Limits, sheet: int | None = None) -> Sequence[WorkbookGrid]:
    """The visible sheets, or the one with this number (from one). Raises DocumentRejected, BadInput (sheet_unknown)."""
    parts = parts_of(content, limits)
    measured = measure(parts, limits)
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
    read = {found.number for found in measured if not found.hidden and (found.rows or is_anything(parts, found.path))}
    around = tuple(of_workbook(parts))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            if len(workbook.sheet_names) != len(measured):
                raise DocumentRejected("workbook_broken")
            return [
                WorkbookGrid(
                    found,
                    _values(workbook, found),
                    tuple(complaints),
                    tuple(sorted(read - {found.number})),
                    looks_of(parts, found.path),
                    (*of_sheet(parts, found.path), *around),
                )
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
        looks: Looks = MappingProxyType({}),
        asides: Sequence[Aside] = (),
    ) -> None:
        """`passed_over` are the other visible sheets with anything in them: of several, one is read."""
        self.sheet, self.complaints, self.passed_over = sheet, complaints, passed_over
        self._values = values
        self._looks: dict[int, dict[int, Look]] = {row: dict(found) for row, found in looks.items()}
        self._merged: dict[int, dict[int, str]] = {}
        self.asides = [aside for aside in asides if not (aside.target and self._says(aside))]
        self._fill_down()

    def __iter__(self) -> Iterator[SourceRow]:
        """Rows by their numbers in the sheet."""
        for index, values in enumerate(self._values):
            cells = [_cell(value) for value in values]
            faults = {at: cell.fault for at, cell in enumerate(cells) if cell.fault}
            faults |= self.sheet.faults.get(index, {})
            dates = frozenset(at for at, value in enumerate(values) if isinstance(value, date | time | timedelta))
            texts = [cell.text for cell in cells]
            looks = dict(self._merged.get(index, ()))
            for at, look in self._looks.get(index, {}).items():
                if at < len(values) and values[at] != "":
                    self._show(at, look, values[at], texts, faults, looks)
            hidden = index in self.sheet.hidden_rows
            yield SourceRow(index + 1, tuple(texts), faults, dates, hidden, looks or None)

    @staticmethod
    def _show(
        at: int, look: Look, value: Value, texts: list[str], faults: dict[int, str], looks: dict[int, str]
    ) -> None:
        """One cell as it looks."""
        match look.shown:
            case Shown.STRUCK | Shown.NOTHING:
                texts[at] = _literal(look.left)
                faults.pop(at, None)
                looks[at] = look.shown.value
            case Shown.NUMBER if isinstance(value, int | float) and not isinstance(value, bool) and at not in faults:
                shown = number_shown(value, look.pattern)
                if shown is not None and shown != texts[at]:
                    texts[at] = shown
                    looks[at] = look.shown.value
            case Shown.PART if isinstance(value, date):
                faults.setdefault(at, look.shown.value)

    def _says(self, link: Aside) -> bool:
        row, column = link.row, link.column
        if row is None or column is None or row >= len(self._values) or column >= len(self._values[row]):
            return False
        return same_target(link.target, _cell(self._values[row][column]).text)

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
        looks = {(number, at): look for line, number in lines.items() for at, look in self._kept_looks(line - 1)}
        hidden = [at for at in range(width) if self.hides(at)]
        return write_workbook(table, spans, own_at if own_at is not None else width, looks, hidden)

    def _typed(self, row: SourceRow) -> list[Value]:
        """The values of a row, a number as it looked where it goes back without its format."""
        index = row.line - 1
        looks = {at for at, look in self._looks.get(index, {}).items() if look.shown is Shown.NUMBER}
        return [
            row.cells[at] if at in looks and at < len(row.cells) and row.cells[at] else value
            for at, value in enumerate(self._values[index])
        ]

    def _kept_looks(self, index: int) -> Iterator[tuple[int, Look]]:
        """What must be struck out or hidden again where it goes back: else it would be taken the next time."""
        for at, look in self._looks.get(index, {}).items():
            if look.shown in {Shown.STRUCK, Shown.NOTHING}:
                yield at, look

    def _fill_down(self) -> None:
        """A cell merged over several rows belongs to each of them. What stands under it nobody sees."""
        budget = len(self._values) * self.sheet.columns
        for span in self.sheet.merged:
            if span.top >= len(self._values) or span.left >= len(self._values[span.top]):
                continue
            value, last = self._values[span.top][span.left], min(span.bottom, len(self._values) - 1)
            right = min(span.right, self.sheet.columns - 1)
            budget -= (last - span.top + 1) * max(1, right - span.left + 1)
            if budget < 0:
                raise DocumentRejected("workbook_broken")  # spans that lie over each other
            for index in range(span.top, last + 1):
                first = span.left + (index == span.top)
                self._cover(index, range(first, min(right + 1, len(self._values[index]))), span, value)

    def _cover(self, index: int, covered: range, span: Span, value: Value) -> None:
        """Cells under a merged one say what it says, in its own column, with its look and its fault; elsewhere nothing."""
        values, above = self._values[index], (span.top, span.left)
        for at in covered:
            is_own = at == span.left
            told = Shown.NOTHING.value if values[at] not in ("", value) else MERGED if is_own and value != "" else ""
            values[at] = value if is_own else ""
            self._looks.get(index, {}).pop(at, None)
            self.sheet.faults.get(index, {}).pop(at, None)
            if told:
                self._merged.setdefault(index, {})[at] = told
            if is_own:
                _copy(self._looks, above, (index, at))
                _copy(self.sheet.faults, above, (index, at))


def _copy(found: dict[int, dict[int, Kind]], above: tuple[int, int], to: tuple[int, int]) -> None:
    if (kept := found.get(above[0], {}).get(above[1])) is not None:
        found.setdefault(to[0], {})[to[1]] = kept


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
    return _Text(str(int(value)) if value.is_integer() else f"{value:.15g}")


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
