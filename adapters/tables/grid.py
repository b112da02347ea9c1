"""A table as rows of cells, whatever file it came in: what finds headings, reads rows and writes a reject file knows no more.

A CSV file is one grid for each delimiter that it may have, a workbook one for each of its visible sheets.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Final, Protocol, TypeVar

from adapters.report import WHOLE_ROW, Complaint, Severity, SourceRow
from adapters.tables.as_they_stood import CUT_SHORT, DELIMITERS, OTHER_DELIMITER, AsTheyStood
from adapters.tables.cells import disarmed
from adapters.tables.quotes import LEAST_WIDTH, NOT_CLOSED, CsvRows
from adapters.tables.text_file import TextFile
from schemas.errors import DocumentRejected

CSV: Final = "csv"
_SEPARATOR_LINE: Final = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
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
    """A CSV file read by one delimiter. Whoever finds the headings may say so: what stands above `heading_line` tells nothing
    of how wide rows are, what stands in the column `own_at` of a reject file nothing of the letters of its row."""

    form = CSV

    def __init__(self, source: TextFile, delimiter: str, *, separator_line: bool = False) -> None:
        self.source, self.delimiter, self.separator_line = source, delimiter, separator_line
        self.heading_line = 0
        self.own_at: int | None = None

    @property
    def complaints(self) -> Sequence[Complaint]:
        """Two encodings in one file."""
        odd, first = self.source.odd_lines, self.source.first_odd
        return (Complaint("two_encodings", Severity.WARNING, "", first, None, {"n": odd}),) if odd else ()

    def __iter__(self) -> Iterator[SourceRow]:
        """The faults of rows: a misplaced quote, another delimiter, bytes that are no letter or letters of another encoding, a
        file that ends in the middle of a row."""
        rows = CsvRows(self.source.lines(), self.delimiter)
        if self.separator_line:
            rows.skip_line()
        doubt = self.source.doubt if self.source.is_doubtful else None
        width, before, waiting = 0, 0, None
        try:
            for line, cells, fault, lines in rows:
                if waiting is not None:
                    yield waiting
                    if (
                        not waiting.faults and sum(map(bool, waiting.cells)) > 1
                    ):  # others say nothing of how wide rows are
                        width, before = len(waiting.cells), 0 if waiting.line == self.heading_line else width
                waiting = SourceRow(line, tuple(cells), lines=lines)
                rule = fault
                if rule is None and len(cells) == 1 and self._has_other_delimiter(cells[0], width):
                    rule = OTHER_DELIMITER
                elif rule is None and doubt is not None:
                    rule = doubt(cells if self.own_at is None else [*cells[: self.own_at], *cells[self.own_at + 1 :]])
                if rule is not None:
                    waiting = replace(waiting, faults={WHOLE_ROW: rule})
        except UnicodeDecodeError:  # somebody else writes to it
            raise DocumentRejected("document_is_not_text") from None
        if waiting is not None:
            yield self._last(waiting, min(width, before or width))

    def _has_other_delimiter(self, cell: str, width: int) -> bool:
        if width < LEAST_WIDTH or not cell:
            return False
        others = (delimiter for delimiter in DELIMITERS if delimiter != self.delimiter)
        return any(cell.count(delimiter) >= width - 1 for delimiter in others)

    def _last(self, row: SourceRow, width: int) -> SourceRow:
        if row.faults.get(WHOLE_ROW) == NOT_CLOSED:
            return row
        if self.source.cut or (len(row.cells) < width and not self.source.ended):
            return replace(row, faults={WHOLE_ROW: CUT_SHORT})
        return row

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
        out = io.BytesIO()
        write = self.writer(out, own_at, width)
        for row in rows:
            write(row)
        return out.getvalue()

    def writer(self, out: BinaryIO, own_at: int | None, width: int) -> Callable[[ReturnedRow], None]:
        """What writes one row after the other into `out`, in their order, as `returned` has them. A row that is wrong as a
        whole stands as it stood but for its formulas, so that it is still wrong where nobody corrects it."""
        source, line_end = self.source, self.source.line_end
        stood = AsTheyStood(source, self.delimiter, width, own_at)
        row = _OneRow()
        table = csv.writer(row, delimiter=self.delimiter, lineterminator=line_end)
        out.write(source.mark)
        if self.separator_line:
            out.write(source.encode(f"sep={self.delimiter}{line_end}"))

        def write(returned: ReturnedRow) -> None:
            given, words = returned.row, returned.words
            fault = given.faults.get(WHOLE_ROW)
            if fault is not None and words is not None:
                out.write(stood.row(given.line, given.lines, fault, words))
                return
            again = own_at is not None or given.line <= self.heading_line
            cells = [disarmed(cell, again=again) for cell in given.cells]
            table.writerow(with_own(cells, words and disarmed(words, again=True), own_at, width))
            out.write(source.encode(row.text))

        return write


class _OneRow:
    """A file for the csv module that holds the row written last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def csv_grids(source: TextFile) -> Sequence[CsvGrid]:
    """A file by each delimiter that it may have; by the one that its first line names, where it does."""
    first = next(source.lines(), "")
    if separator := _SEPARATOR_LINE.match(first.strip("\r\n")):
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
