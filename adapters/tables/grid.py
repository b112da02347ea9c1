"""A table as rows of cells, whatever file it came in: what finds headings, reads rows and writes a reject file knows no more.

A CSV file is one grid for each delimiter that it may have, a workbook one for each of its visible sheets.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Final, Protocol, TypeVar

from adapters.report import WHOLE_ROW, Complaint, Severity, SourceRow
from adapters.tables.cells import CellFault, clean
from adapters.tables.encoding import DecodedText
from schemas.errors import DocumentRejected

CSV: Final = "csv"
DELIMITERS: Final = (";", "\t", ",", "|")
_SEPARATOR_LINE: Final = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
_LEAST_WIDTH: Final = 3
Cell = TypeVar("Cell")


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row of a reject file: the sender's own, and what stands in the column «Ошибка» (None: nothing, a title)."""

    row: SourceRow
    words: str | None = None


class Grid(Protocol):
    """`form` is the kind of file; `complaints` concern the table as a whole."""

    @property
    def form(self) -> str: ...
    @property
    def complaints(self) -> Sequence[Complaint]: ...
    def __iter__(self) -> Iterator[SourceRow]:
        """All rows, titles and empty ones too. Raises DocumentRejected."""
        ...

    def spread(self, row: SourceRow) -> tuple[str, ...]:
        """The cells of a heading row with each heading that is merged over several columns written in all of them."""
        ...

    def hides(self, position: int) -> bool:
        """Whether a column is hidden: what its sender did not see is not taken."""
        ...

    def returned(self, rows: Iterable[ReturnedRow], own_at: int | None, width: int) -> bytes:
        """These rows in a file of the same kind. The words stand in the column `own_at`, or in a new one at `width`."""
        ...


class CsvGrid:
    """A CSV file read by one delimiter."""

    form = CSV

    def __init__(self, source: DecodedText, delimiter: str, *, separator_line: bool = False) -> None:
        self.source, self.delimiter, self.separator_line = source, delimiter, separator_line
        self.line_end = "\r\n" if "\r\n" in source.text else "\n"

    @property
    def complaints(self) -> Sequence[Complaint]:
        """Two encodings in one file."""
        odd = self.source.odd_lines
        return (Complaint("two_encodings", Severity.WARNING, "", min(odd), None, {"n": len(odd)}),) if odd else ()

    def __iter__(self) -> Iterator[SourceRow]:
        """The faults of rows: a quote that is never closed, another delimiter, a file that ends in the middle of a row."""
        reader = _Lines(self.source.text, self.delimiter, 1 if self.separator_line else 0)
        width, before, waiting = 0, 0, None
        for row in reader:
            if waiting is not None:
                yield waiting
                width, before = len(waiting.cells), width
            waiting = row
            if self._has_other_delimiter(row, width):
                waiting = replace(row, faults={WHOLE_ROW: "row_other_delimiter"})
        if waiting is None:
            return
        if reader.unclosed:
            waiting = replace(waiting, faults={WHOLE_ROW: "quote_not_closed"})
        elif self.source.cut or (
            len(waiting.cells) < min(width, before or width) and not self.source.text.endswith("\n")
        ):
            waiting = replace(waiting, faults={WHOLE_ROW: "row_cut_short"})
        yield waiting

    def _has_other_delimiter(self, row: SourceRow, width: int) -> bool:
        if len(row.cells) != 1 or width < _LEAST_WIDTH or not row.cells[0]:
            return False
        others = (delimiter for delimiter in DELIMITERS if delimiter != self.delimiter)
        return any(row.cells[0].count(delimiter) >= width - 1 for delimiter in others)

    def spread(self, row: SourceRow) -> tuple[str, ...]:
        """An empty cell may belong to the heading on its left: CSV does not say."""
        found, before = [], ""
        for cell in row.cells:
            before = cell if cell.strip() else before
            found.append(before)
        return tuple(found)

    def hides(self, position: int) -> bool:
        """Nothing is hidden in CSV."""
        del position
        return False

    def returned(self, rows: Iterable[ReturnedRow], own_at: int | None, width: int) -> bytes:
        """In the encoding and with the delimiter of the file. Formulas are disarmed: a spreadsheet will open it."""
        out = StringIO(newline="")
        if self.separator_line:
            out.write(f"sep={self.delimiter}{self.line_end}")
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        for returned in rows:
            writer.writerow(with_own([*map(_disarmed, returned.row.cells)], returned.words, own_at, width))
        return self.source.encode(out.getvalue())


def csv_grids(source: DecodedText) -> Sequence[CsvGrid]:
    """A file by each delimiter that it may have; by the one that its first line names, where it does."""
    first, _, _ = source.text.partition("\n")
    if separator := _SEPARATOR_LINE.match(first.strip("\r")):
        return (CsvGrid(source, separator[1], separator_line=True),)
    return tuple(CsvGrid(source, delimiter) for delimiter in DELIMITERS)


def with_own(cells: Sequence[Cell], words: str | None, own_at: int | None, width: int) -> list[Cell | str]:
    """Cells with the words in their column. What stands beyond the heading stays beyond it: the words may be about that."""
    if words is None:
        return list(cells)
    padded: list[Cell | str] = [*cells, *[""] * (width - len(cells))]
    if own_at is not None:
        padded[own_at] = words
        return padded
    return [*padded[:width], words, *padded[width:]]


def _disarmed(cell: str) -> str:
    try:
        clean(cell)
    except CellFault as fault:
        if fault.code == "formula_in_cell":
            return f"'{cell}"
    return cell


class _Lines:
    """Rows with the physical line each begins on, multi-line cells included.

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
