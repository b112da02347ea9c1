"""The table of facts as rows: encoding, headings, rows with their lines, in constant memory."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from adapters.egisso.facts import CRITERIA, EVENTS, REASON, Column, TableHead, columns
from adapters.egisso.text import ENCODING, PROBE, Counted, encoding_of
from adapters.formats import Reading
from adapters.limits import Limits, refuse_large
from adapters.losses import Loss
from adapters.report import Skipped
from adapters.tables.rejects import OWN_HEADING
from schemas.errors import DocumentRejected

DELIMITER: Final = ";"
EVENT: Final = "RecType"
LONGEST_LINE: Final = 2_000_000
"""Signs of a line: more than all of its cells may have."""
GOES_ON: Final = (REASON, CRITERIA)
_HEADINGS_WITHIN: Final = 20
_ENOUGH: Final = 5
_SHOWN: Final = 60
_TOTAL: Final = re.compile(r"(?:итого|всего|итог)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line, and its cells by column, without spaces around them; empty ones are left out. `extra`: more
    cells than headings; `unclosed`: the file ended inside its quotes. `given` are its cells, `source` its lines, untouched."""

    line: int
    cells: Mapping[str, str]
    extra: bool
    unclosed: bool
    given: tuple[str, ...] = ()
    source: str = ""


@dataclass(slots=True)
class Heading:
    """The row of headings: known columns by their positions, what the others are called, where a reject file has its own."""

    columns: dict[int, Column] = field(default_factory=dict)
    others: dict[int, str] = field(default_factory=dict)
    own_at: int | None = None
    width: int = 0
    source: str = ""

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
    """A table being read. Its `heading` is known with the first row, as is `before`: the lines above it. `mark` is the byte
    order mark that it begins with, `line_end` how its lines end."""

    def __init__(self, stream: BinaryIO, limits: Limits, reading: Reading) -> None:
        refuse_large(stream, limits)
        self._limits = limits
        self._reading = reading
        beginning = stream.read(PROBE)
        self.encoding, self.mark = encoding_of(beginning)
        if self.encoding != ENCODING:
            reading.complain("egisso_encoding", encoding=self.encoding)
        raw = io.BufferedReader(Counted(beginning[len(self.mark) :], stream, limits))
        self._text = io.TextIOWrapper(raw, self.encoding, errors="strict", newline="")
        self.heading = Heading()
        self.before = ""
        self.line_end = "\r\n"
        self._source: list[str] = []
        self._ended = False

    def rows(self) -> Iterator[Row]:
        """Rows under the headings. Raises DocumentRejected for a table that cannot be read as a whole."""
        lines = csv.reader(self._lines(), delimiter=DELIMITER)
        try:
            before = 0
            for cells in lines:
                line, before = before + 1, lines.line_num
                source = "".join(self._source)
                self._source.clear()
                if not self.heading.columns:
                    self._find_headings(cells, line, source)
                elif reason := self._passed_over(cells):
                    self._reading.report.skip(Skipped(line, reason))
                else:
                    yield self._row(cells, line, source)
        except csv.Error:
            raise DocumentRejected("cell_too_long", limit=csv.field_size_limit()) from None
        except UnicodeDecodeError:
            raise DocumentRejected("document_is_not_text") from None
        if not self.heading.columns:
            raise DocumentRejected("heading_not_found", rows=_HEADINGS_WITHIN)

    def _lines(self) -> Iterator[str]:
        for line in iter(functools.partial(self._text.readline, LONGEST_LINE), ""):
            if len(line) >= LONGEST_LINE:
                raise DocumentRejected("cell_too_long", limit=LONGEST_LINE)
            self._source.append(line)
            yield line
        self._ended = True  # asked for more than there is: a cell was still open

    def _find_headings(self, cells: list[str], line: int, source: str) -> None:
        if len(cells) > self._limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=line, limit=self._limits.max_columns)
        by_heading = {column.heading.casefold(): column for column in columns()}
        known = {place: by_heading.get(cell.strip().casefold()) for place, cell in enumerate(cells)}
        if sum(column is not None for column in known.values()) < _ENOUGH:
            if line > _HEADINGS_WITHIN:
                raise DocumentRejected("heading_not_found", rows=_HEADINGS_WITHIN)
            self._reading.report.skip(Skipped(line, "title" if any(map(str.strip, cells)) else "empty"))
            self.before += source
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
        self.heading.width, self.heading.source = len(cells), source
        if source.endswith("\n") and not source.endswith("\r\n"):
            self.line_end = "\n"
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

    def _passed_over(self, cells: Sequence[str]) -> str:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            return "empty"
        if filled == [str(number) for number in range(1, len(filled) + 1)]:
            return "numbers"
        if self._event(cells) in _RECORDS:
            return ""
        if _TOTAL.match(filled[0]):
            return "total"
        known = self.heading.columns.items()
        repeats = sum(place < len(cells) and cells[place].strip() == column.heading for place, column in known)
        return "repeated_heading" if repeats >= _ENOUGH else ""

    def _event(self, cells: Sequence[str]) -> str:
        place = next(place for place, column in self.heading.columns.items() if column.heading == EVENT)
        return cells[place].strip() if place < len(cells) else ""

    def _row(self, cells: list[str], line: int, source: str) -> Row:
        if len(cells) > self._limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=line, limit=self._limits.max_columns)
        found = {
            column.heading: text
            for place, column in self.heading.columns.items()
            if place < len(cells) and (text := cells[place].strip())
        }
        extra = any(cell.strip() for cell in cells[self.heading.width :])
        return Row(line, found, extra, self._ended, tuple(cells), source)


def events_of(rows: Iterator[Row], limits: Limits) -> Iterator[list[Row]]:
    """Rows that belong together. A row that goes on with nothing stands alone, to be refused."""
    event: list[Row] = []
    for row in rows:
        if event and row.cells.get(EVENT) in GOES_ON and event[0].cells.get(EVENT) not in GOES_ON:
            if len(event) >= limits.max_record_rows:
                raise DocumentRejected("record_too_many_rows", line=event[0].line, limit=limits.max_record_rows)
            event.append(row)
            continue
        if event:
            yield event
        event = [row]
    if event:
        yield event


_RECORDS: Final = frozenset({*EVENTS, *GOES_ON})
