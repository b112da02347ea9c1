"""The table of facts as rows: encoding, headings, rows with their lines, in constant memory."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from adapters.egisso.facts import CRITERIA, EVENTS, REASON, Column, TableHead, columns
from adapters.egisso.text import ENCODING, KNOWN
from adapters.formats import Reading
from adapters.limits import Limits, held
from adapters.losses import Loss
from adapters.report import WHOLE_ROW, Skipped, SourceRow
from adapters.tables.as_they_stood import CUT_SHORT, own_words
from adapters.tables.cells import armed
from adapters.tables.encoding import find_text
from adapters.tables.grid import CsvGrid
from adapters.tables.layout import refuse_wide_row
from adapters.tables.quotes import NOT_CLOSED
from adapters.tables.rejects import OWN_HEADING
from adapters.tables.source import LONGEST_LINE, refuse_long_line
from adapters.tables.text_file import OTHER_ENCODING
from schemas.errors import DocumentRejected

DELIMITER: Final = ";"
EVENT: Final = "RecType"
GOES_ON: Final = (REASON, CRITERIA)
_HEADINGS_WITHIN: Final = 20
_ENOUGH: Final = 5
_SHOWN: Final = 60
_TOTAL: Final = re.compile(r"(?:итого|всего|итог)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line and how many it has, and its cells by column, without spaces around them; empty ones are left
    out. `fault` is a rule that it breaks as a whole, so that its cells say nothing; `extra`: more cells than headings. `given`
    are its cells, untouched."""

    line: int
    cells: Mapping[str, str]
    fault: str | None = None
    extra: bool = False
    given: tuple[str, ...] = ()
    lines: int = 1


@dataclass(slots=True)
class Heading:
    """The row of headings: known columns by their positions, what the others are called, where a reject file has its own."""

    columns: dict[int, Column] = field(default_factory=dict)
    others: dict[int, str] = field(default_factory=dict)
    own_at: int | None = None
    width: int = 0
    line: int = 0
    lines: int = 1
    event_at: int = 0

    def place(self, position: int) -> str:
        """What the sender calls a column; its number where it has no heading."""
        known = self.columns.get(position)
        return known.heading if known else self.others.get(position, str(position + 1))

    def left_out(self, position: int) -> str:
        """Why a column that no field has is not taken."""
        if position == self.own_at:
            return "column_own"
        return "unknown_column" if position in self.others else "column_unheaded"


class Table:
    """A table being read. Its `heading` is known with the first row; `source` is the text of the file."""

    def __init__(self, stream: BinaryIO, limits: Limits, reading: Reading) -> None:
        self.source = find_text(held(stream, limits), KNOWN)
        self.heading = Heading()
        self._limits, self._reading = limits, reading
        self._grid = CsvGrid(self.source, DELIMITER)
        if self.source.encoding != ENCODING:
            reading.complain("egisso_encoding", encoding=self.source.encoding)
        for complaint in self._grid.complaints:
            reading.report.complain(complaint)

    def rows(self) -> Iterator[Row]:
        """Rows under the headings. Raises DocumentRejected for a table that cannot be read as a whole."""
        for row in self._grid:
            if not self.heading.columns:
                self._find_headings(row)
                continue
            refuse_wide_row(row, self._limits)
            if reason := self._passed_over(row):
                self._reading.report.skip(Skipped(row.line, reason))
            else:
                yield self._row(row)
        if not self.heading.columns:
            raise DocumentRejected("heading_not_found", rows=_HEADINGS_WITHIN)

    def _find_headings(self, row: SourceRow) -> None:
        refuse_wide_row(row, self._limits)
        cells, line = row.cells, row.line
        by_heading = {column.heading.casefold(): column for column in columns()}
        known = {place: by_heading.get(cell.strip().casefold()) for place, cell in enumerate(cells)}
        if sum(column is not None for column in known.values()) < _ENOUGH:
            if line > _HEADINGS_WITHIN:
                raise DocumentRejected("heading_not_found", rows=_HEADINGS_WITHIN)
            self._reading.report.skip(Skipped(line, "title" if any(map(str.strip, cells)) else "empty"))
            return
        found: dict[str, Column] = {}
        for place, column in known.items():
            shown = cells[place].strip()[:_SHOWN]
            if column is None:
                self._leave_out(place, shown, line)
                continue
            if column.heading in found:
                raise DocumentRejected("heading_repeated", column=column.heading)
            found[column.heading] = column
            self.heading.columns[place] = column
            if cells[place] != column.heading:
                code = "spaces" if cells[place].strip() == column.heading else "letter_case"
                self._reading.report.losses.add(Loss(code, column.heading, line))
        missing = [column.heading for column in columns() if column.in_42 and column.heading not in found]
        if missing:
            raise DocumentRejected("required_column_missing", columns=", ".join(missing))
        self.heading.width, self.heading.line, self.heading.lines = len(cells), line, row.lines
        self.heading.event_at = next(place for place, column in self.heading.columns.items() if column.heading == EVENT)
        self._grid.heading_line, self._grid.own_at = line, self.heading.own_at
        self._reading.head = TableHead(columns=43 if len(found) == len(columns()) else 42)

    def _leave_out(self, place: int, shown: str, line: int) -> None:
        """A column that is not taken: the one of a reject file, or one that nobody knows. One without a heading comes with its
        cells."""
        if not shown:
            return
        self.heading.others[place] = shown
        if shown == OWN_HEADING and self.heading.own_at is None:
            self.heading.own_at = place
            return
        self._reading.complain("unknown_column", shown, line, column=shown)
        self._reading.report.dropped_columns.append(shown)
        self._reading.report.losses.add(Loss("unknown_column", shown, line))

    def _passed_over(self, row: SourceRow) -> str:
        cells = row.cells
        filled = [text for cell in cells if (text := cell.strip())]
        if not filled:
            return "empty"
        if row.faults.get(WHOLE_ROW) == NOT_CLOSED:  # whatever it begins with, facts may stand in its quotes
            return ""
        if filled[0] == "1" and filled == [str(number) for number in range(1, len(filled) + 1)]:
            return "numbers"
        if self._event(cells) in _RECORDS:
            return ""
        if _TOTAL.match(filled[0]):
            return "total"
        known = self.heading.columns.items()
        repeats = sum(place < len(cells) and cells[place].strip() == column.heading for place, column in known)
        return "repeated_heading" if repeats >= _ENOUGH else ""

    def _event(self, cells: Sequence[str]) -> str:
        place = self.heading.event_at
        return cells[place].strip() if place < len(cells) else ""

    def _row(self, row: SourceRow) -> Row:
        cells = row.cells
        if self.heading.own_at is not None:  # a file of refused rows, which has formulas disarmed
            cells = tuple(map(armed, cells))
        found = {
            column.heading: text
            for place, column in self.heading.columns.items()
            if place < len(cells) and (text := cells[place].strip())
        }
        extra = any(text not in self._own_words for cell in cells[self.heading.width :] if (text := cell.strip()))
        fault = row.faults.get(WHOLE_ROW)
        if fault == OTHER_ENCODING and found.get(EVENT) == CRITERIA:
            fault = None  # it has no word to be known by, and is in the encoding of the row that it goes on with
        return Row(row.line, found, fault, extra, cells, row.lines)

    @functools.cached_property
    def _own_words(self) -> frozenset[str]:
        return own_words(self.source, DELIMITER)


def events_of(rows: Iterator[Row], limits: Limits) -> Iterator[list[Row]]:
    """Rows that belong together. A row that goes on with nothing stands alone, to be refused. Raises DocumentRejected for
    more of them, or longer ones, than can be held."""
    event: list[Row] = []
    size = 0
    for row in rows:
        if event and goes_on(row) and not goes_on(event[0]):
            if len(event) >= limits.max_record_rows:
                raise DocumentRejected("record_too_many_rows", line=event[0].line, limit=limits.max_record_rows)
            event.append(row)
            size += sum(map(len, row.given))
            if size > LONGEST_LINE:
                refuse_long_line()
            continue
        if event:
            yield event
        event, size = [row], 0
    if event:
        yield event


def goes_on(row: Row) -> bool:
    """Whether a row goes on with the fact above it, as far as can be told where its kind cannot be read: a fact is not taken
    without a row that may be its own."""
    kind = row.cells.get(EVENT, "")
    if kind in EVENTS:
        return False
    if kind in GOES_ON:
        return True
    if row.fault is not None and (found := _KIND.search("\n".join(row.given))):
        return found[0] in GOES_ON
    if row.fault == CUT_SHORT and kind:
        return any(one.startswith(kind) for one in GOES_ON)
    said = row.cells.keys() - {EVENT}
    return bool(said) and said <= _of_rows_that_go_on()


@functools.cache
def _of_rows_that_go_on() -> frozenset[str]:
    return frozenset(column.heading for column in columns() if column.path[0] in {"reason", "criterion"})


_RECORDS: Final = frozenset({*EVENTS, *GOES_ON})
_KIND: Final = re.compile(rf"\b(?:{'|'.join(_RECORDS)})\b")
