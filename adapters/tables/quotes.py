"""Rows of CSV text with the lines they begin on, and what becomes of a quote that stands in the wrong place.

A quote that is opened and never closed takes all rows below it into its cell, one that is closed by the quote of a later row
those in between. They are told apart where the lines below it are rows by themselves, as wide as those above: then the row of
the quote is refused and the others are read.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from adapters.limits import MEGABYTE
from adapters.tables.source import LONGEST_LINE, refuse_long_line

LEAST_WIDTH: Final = 3
"""Columns of a table in which a line of prose is hardly taken for a row."""
NOT_CLOSED: Final = "quote_not_closed"
_STANDING: Final = 3


class CsvRow(NamedTuple):
    """The line a row begins on, its cells, the rule that its quotes break, and how many lines it stands on."""

    line: int
    cells: Sequence[str]
    fault: str | None = None
    lines: int = 1


class CsvRows:
    """The rows of lines, read once. Raises DocumentRejected for a row that nobody can hold."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._held: list[str] = []
        self._again: deque[str] = deque()
        self._line, self._width = 1, 0
        self._read = self._read_again = 0
        self._is_open = False

    def skip_line(self) -> None:
        """Passes over one line."""
        next(self._lines, None)
        self._line += 1

    def __iter__(self) -> Iterator[CsvRow]:
        """In order. A quote that is never closed has its row at the end, if nothing below it can be told apart."""
        held = self._held
        while True:
            self._is_open = False
            try:
                for cells in csv.reader(self._fed(), delimiter=self._delimiter):
                    if len(held) == 1 and not self._is_open:
                        fault = None if len(cells) >= self._width else self._shorter()
                        yield CsvRow(self._line, cells, fault)
                        self._line += 1
                        held.clear()
                        if len(cells) >= LEAST_WIDTH and fault is None:
                            self._width = len(cells)
                    elif at := self._apart(closed=not self._is_open):
                        yield self._refused(at)
                        break
                    else:
                        yield self._taken(cells, None if len(cells) >= self._width else self._shorter())
                else:
                    return
            except csv.Error:  # a cell is longer than the library takes: it has read no further than that
                if at := self._apart(closed=False):
                    yield self._refused(at)
                else:
                    self._hold_to_its_end()
                    at = self._apart(closed=False) if self._is_open else 0
                    yield self._refused(at) if at else self._taken(cells_of("".join(held), self._delimiter))

    def _shorter(self) -> str | None:
        """A row with fewer cells than the one above: a quote may have taken the next cell into its own, and all behind it would
        be read one column too early."""
        return NOT_CLOSED if any('"' in text for text in self._held) and not self._is_well_quoted() else None

    def _fed(self) -> Iterator[str]:
        """Lines for the library, each of them held until it has made a row of them."""
        held, size = self._held, 0
        while self._again:
            held.append(self._again.popleft())
            yield held[-1]
        for text in self._lines:
            self._read += len(text)
            if held:
                size += len(text)
                if size > LONGEST_LINE:
                    refuse_long_line()
            else:
                size = 0
            held.append(text)
            yield text
        self._is_open = True  # asked for more than there is: a quote is open, or all rows are read

    def _hold_to_its_end(self) -> None:
        """Holds lines up to the one that closes the quote."""
        quotes, size = sum(text.count('"') for text in self._held), sum(map(len, self._held))
        while quotes % 2:
            text = self._again.popleft() if self._again else next(self._lines, None)
            if text is None:
                self._is_open = True
                return
            self._held.append(text)
            quotes, size = quotes + text.count('"'), size + len(text)
            if size > LONGEST_LINE:
                refuse_long_line()

    def _apart(self, *, closed: bool) -> int:
        """Where the rows begin that a misplaced quote has taken into its cell; 0 where it is none, or they cannot be told
        apart. `closed`: it was closed by a later quote, as that of a cell of several lines is."""
        held = self._held
        if len(held) == 1 or self._width < LEAST_WIDTH or self._read_again > self._read + MEGABYTE:
            return 0
        if closed and self._is_well_quoted():
            return 0
        at, standing = len(held), 0
        if self._is_open and not held[-1].endswith(("\n", "\r")):
            at -= 1  # it may be cut
        while at > 1:
            is_row = self._is_row(held[at - 1])
            if not is_row and held[at - 1].strip():
                break
            at, standing = at - 1, standing + is_row
        return at if standing and (at == 1 or standing >= _STANDING) else 0

    def _is_well_quoted(self) -> bool:
        try:
            return len(list(csv.reader(self._held, delimiter=self._delimiter, strict=True))) == 1
        except csv.Error:
            return False

    def _is_row(self, text: str) -> bool:
        try:
            return list(map(len, csv.reader([text], delimiter=self._delimiter))) == [self._width]
        except csv.Error:
            return False

    def _refused(self, at: int) -> CsvRow:
        """The row of a misplaced quote, with as many lines as are its own; those below are read again."""
        below = self._held[at:]
        del self._held[at:]
        self._again.extendleft(reversed(below))
        self._read_again += sum(map(len, below))
        self._is_open = True
        return self._taken(cells_of("".join(self._held), self._delimiter))

    def _taken(self, cells: Sequence[str], fault: str | None = None) -> CsvRow:
        row = CsvRow(self._line, cells, NOT_CLOSED if self._is_open else fault, len(self._held))
        self._line += len(self._held)
        self._held.clear()
        return row


def without_end(text: str) -> str:
    """A line without its end."""
    return text.removesuffix("\n").removesuffix("\r")


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of one row as the csv module reads them, however long they are."""
    text = without_end(text)
    return [said(text[place]) for place in cell_places(text, delimiter)]


def cell_places(text: str, delimiter: str, *, strict: bool = False) -> Iterator[slice]:
    """Where the cells of one row stand in it, quotes and all. `strict`: quotes that end where no cell does are signs like
    others."""
    text = without_end(text)
    at = 0
    while at <= len(text):
        after = _after_quotes(text, at) if text.startswith('"', at) else at
        if strict and (after < 0 or not (after == len(text) or text.startswith(delimiter, after))):
            after = at
        end = text.find(delimiter, after) if after >= 0 else -1
        end = len(text) if end < 0 else end
        yield slice(at, end)
        at = end + len(delimiter)


def _after_quotes(text: str, at: int) -> int:
    """Where what is opened here has been closed, doubled quotes being no end; -1 where it never is."""
    at += 1
    while (at := text.find('"', at) + 1) and text.startswith('"', at):
        at += 1
    return at or -1


def said(cell: str) -> str:
    """What a cell says, without its quotes."""
    if not cell.startswith('"'):
        return cell
    end = _after_quotes(cell, 0)
    inside, after = (cell[1:], "") if end < 0 else (cell[1 : end - 1], cell[end:])
    return inside.replace('""', '"') + after
