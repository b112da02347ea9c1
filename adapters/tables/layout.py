"""How a register is laid out: encoding, delimiter, title rows, the heading row, which column is which field.

The heading row is found by the headings themselves: whatever stands above it is title, whatever they do not know is
listed as dropped. The layout is also what a reject file is written by.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from adapters.limits import Limits
from adapters.report import Complaint, Severity, SourceRow
from adapters.tables.encoding import DecodedText
from adapters.tables.profile import Column, Profile
from schemas.errors import DocumentRejected

DELIMITERS: Final = (";", "\t", ",", "|")
_HEADING_WITHIN: Final = 50
_ENOUGH_HEADINGS: Final = 2
_SEPARATOR_LINE: Final = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
_SHOWN: Final = 60
_LONGEST_HEADING: Final = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns` are the known fields by position; `own_at` is the position of the reject file's own column."""

    source: DecodedText
    delimiter: str
    separator_line: bool
    line_end: str
    titles: tuple[SourceRow, ...]
    heading: SourceRow
    columns: Mapping[int, Column]
    own_at: int | None
    complaints: tuple[Complaint, ...]
    dropped: tuple[str, ...]

    def heading_of(self, field: str) -> str:
        """The sender's own words over the column of a field, "" when the file has no such column."""
        for position, column in self.columns.items():
            if column.field == field:
                return " ".join(self.heading.cells[position].split())
        return ""


class RowReader:
    """Rows of a table with the physical line each begins on, multi-line cells included.

    `unclosed` becomes true when the file ended inside quotes: the csv module itself would not say so.
    """

    def __init__(self, text: str, delimiter: str, skip_lines: int = 0) -> None:
        self._stream = StringIO(text, newline="")
        for _ in range(skip_lines):
            self._stream.readline()
        self._skipped = skip_lines
        self._ended = False
        self._reader = csv.reader(self._lines(), delimiter=delimiter)
        self.unclosed = False

    def _lines(self) -> Iterator[str]:
        yield from self._stream
        self._ended = True

    def __iter__(self) -> Iterator[SourceRow]:
        while True:
            line = self._skipped + self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                raise DocumentRejected("cell_too_long", limit=csv.field_size_limit()) from None
            self.unclosed = self._ended
            yield SourceRow(line, tuple(cells))


def find_layout(source: DecodedText, profile: Profile, limits: Limits, given: Sequence[str] = ()) -> Layout:
    """The layout of a register; `given` are fields that need no column because the caller knows their value.

    Raises DocumentRejected when no heading row is found, a heading stands twice, or a required column is missing.
    """
    first, _, _ = source.text.partition("\n")
    separator = _SEPARATOR_LINE.match(first.strip("\r"))
    candidates = (separator[1],) if separator else DELIMITERS
    best: tuple[int, str, int, list[SourceRow]] = (0, candidates[0], 0, [])
    refusal: DocumentRejected | None = None
    for delimiter in candidates:
        try:
            head = _head(source, delimiter, 1 if separator else 0, limits)
        except DocumentRejected as found:  # it may be the wrong delimiter: another may still read the file
            refusal = refusal or found
            continue
        for index, row in enumerate(head):
            known = _known_headings(row, profile)
            if known > best[0]:
                best = (known, delimiter, index, head)
    known, delimiter, index, head = best
    if known < _ENOUGH_HEADINGS:
        raise refusal or DocumentRejected("heading_not_found", rows=_HEADING_WITHIN)
    columns, own_at, complaints, dropped = _columns(head[index], profile)
    _require_columns(columns, profile, given)
    return Layout(
        source,
        delimiter,
        separator is not None,
        "\r\n" if "\r\n" in source.text else "\n",
        tuple(head[:index]),
        head[index],
        columns,
        own_at,
        complaints,
        dropped,
    )


def _head(source: DecodedText, delimiter: str, skip_lines: int, limits: Limits) -> list[SourceRow]:
    rows = list(itertools.islice(RowReader(source.text, delimiter, skip_lines), _HEADING_WITHIN))
    for row in rows:
        refuse_wide_row(row, limits)
    return rows


def refuse_wide_row(row: SourceRow, limits: Limits) -> None:
    """Raises DocumentRejected for a row with more columns than a register can have."""
    if len(row.cells) > limits.max_columns:
        raise DocumentRejected("document_too_many_columns", line=row.line, limit=limits.max_columns)


def _known_headings(row: SourceRow, profile: Profile) -> int:
    """How many cells are headings. Look-alikes are looked for only beside a heading that is spelt right."""
    cells = [cell for cell in row.cells if 0 < len(cell) <= _LONGEST_HEADING]
    known = sum(profile.find(cell) is not None for cell in cells)
    return known and sum(_column_of(cell, profile) is not None for cell in cells)


def _column_of(heading: str, profile: Profile) -> Column | None:
    return profile.find(heading) or profile.find_lookalike(heading)


def _columns(
    heading: SourceRow, profile: Profile
) -> tuple[dict[int, Column], int | None, tuple[Complaint, ...], tuple[str, ...]]:
    columns: dict[int, Column] = {}
    own_at: int | None = None
    complaints: list[Complaint] = []
    dropped: list[str] = []
    for position, cell in enumerate(heading.cells):
        shown = " ".join(cell.split())[:_SHOWN]
        if not shown:
            continue
        if profile.is_own(cell):
            own_at = position
            continue
        column = _column_of(cell, profile)
        if column is None:
            code = "unknown_column" if profile.keeps(cell) else "column_not_kept"
            complaints.append(Complaint(code, Severity.WARNING, shown, heading.line, None, {"column": shown}))
            dropped.append(shown)
            continue
        if any(other.field == column.field for other in columns.values()):
            raise DocumentRejected("heading_repeated", column=column.heading)
        if profile.find(cell) is None:
            found = {"column": column.heading}
            complaints.append(Complaint("heading_lookalikes", Severity.WARNING, shown, heading.line, None, found))
        columns[position] = column
    return columns, own_at, tuple(complaints), tuple(dropped)


def _require_columns(columns: Mapping[int, Column], profile: Profile, given: Sequence[str]) -> None:
    present = {column.field for column in columns.values()} | set(given)
    missing = [group for group in profile.required if not present.intersection(group)]
    if missing:
        names = ", ".join(f"«{profile.by_field[group[0]].heading}»" for group in missing)
        raise DocumentRejected("required_column_missing", columns=names)
