"""Refused facts in a table like the one they came in: its own heading and their rows, byte for byte, with a column «Ошибка»."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from adapters.egisso.table import DELIMITER, Row, Table, as_words, events_of, unparted
from adapters.formats import Context, FormatRecord, Reading
from adapters.report import ImportReport, errors_in_words
from adapters.tables.grid import CUT_SHORT, DELIMITERS, OTHER_DELIMITER
from adapters.tables.quotes import NOT_CLOSED, cell_places, cells_of, without_end
from adapters.tables.rejects import OWN_HEADING

_OTHERS: Final = tuple(delimiter for delimiter in DELIMITERS if delimiter != DELIMITER)


def reject_facts(stream: BinaryIO, context: Context, refused: Iterable[FormatRecord]) -> Iterator[bytes]:
    """The rows up to the headings, and those of each of `refused`, as they stand in the file. Raises DocumentRejected for a
    table that cannot be read as a whole."""
    table = Table(stream, context.limits, Reading(ImportReport("")))
    events = enumerate(events_of(table.rows(), context.limits), start=1)
    back: _Back | None = None
    for record in refused:
        rows = next((rows for number, rows in events if number == record.number), None)
        if rows is None:
            return
        if back is None:
            back = _Back(table)
            yield back.head()
        for row in rows:
            yield back.row(row, errors_in_words(record.complaints, row.line))


class _Back:
    """The lines of a table once more, as bytes. What is added to a line is in the encoding of that line."""

    def __init__(self, table: Table) -> None:
        self._source, self._heading = table.source, table.heading
        self._at = table.heading.width if table.heading.own_at is None else table.heading.own_at
        self._width = max(table.heading.width, self._at + 1)
        self._lines = self._source.raw_lines()
        self._line = 1

    def head(self) -> bytes:
        """All down to the headings, to which the own one is added where it is missing."""
        above, headings = self._take(1, self._heading.line - 1), self._take(self._heading.line, self._heading.lines)
        if self._heading.own_at is None:
            headings = self._added(headings, OWN_HEADING)
        return self._source.mark + above + headings

    def row(self, row: Row, words: str) -> bytes:
        """A row with what is wrong with it in the own column. Where that would hide what is wrong, it stands as it was."""
        found = self._take(row.line, row.lines)
        if row.fault == CUT_SHORT:
            return found + self._source.rest()
        if row.fault in {NOT_CLOSED, OTHER_DELIMITER}:
            return self._added_at_its_end(found, row, words)
        return self._added(found, words)

    def _take(self, line: int, count: int) -> bytes:
        found = b"".join(itertools.islice(self._lines, line - self._line, line - self._line + count))
        self._line = line + count
        return found

    def _added(self, found: bytes, words: str) -> bytes:
        text = found.decode(*self._source.as_it_is)
        places, cell = cell_places(text, DELIMITER), self._cell(found, words)
        if len(places) <= self._at:
            return self._joined(text, DELIMITER * (self._at - len(places) + 1) + cell)
        place = places[self._at]
        if self._heading.own_at is None:  # more cells than headings: they stay beyond them
            place, cell = slice(place.start, place.start), cell + DELIMITER
        return (text[: place.start] + cell + text[place.stop :]).encode(*self._source.as_it_is)

    def _added_at_its_end(self, found: bytes, row: Row, words: str) -> bytes:
        """The quotes of such a row, or its delimiters, do not say where its cells are. Words that would close a quote for good
        are left out: the row would be taken as it is."""
        text = found.decode(*self._source.as_it_is)
        is_open = row.fault == NOT_CLOSED
        if text == without_end(text) and (self._source.cut or row.lines > 1):  # its last line may be cut
            return found + self._source.rest()
        delimiter = DELIMITER if is_open else max(_OTHERS, key=text.count)
        cell = self._cell(found, unparted(words))
        if without_end(text).endswith(delimiter + cell):
            return found
        places = cell_places(text, delimiter, strict=True)
        if row.lines == 1 and self._heading.own_at is not None and len(places) == self._heading.width:
            place = places[self._at]
            added = (text[: place.start] + cell + text[place.stop :]).encode(*self._source.as_it_is)
        else:
            missing = self._at - len(places) if row.lines == 1 else 0
            added = self._joined(text, delimiter * max(1, missing + 1) + cell)
        stand = cells_of(added.decode(*self._source.as_it_is), DELIMITER)
        return added if len(stand) < (self._width if is_open else 2) else found

    def _joined(self, text: str, more: str) -> bytes:
        row = without_end(text)
        return (row + more + (text[len(row) :] or self._source.line_end)).encode(*self._source.as_it_is)

    def _cell(self, found: bytes, words: str) -> str:
        """A cell in quotes, as its bytes read in the lines."""
        encoding = self._source.encoding_of(found.splitlines()[-1])
        quoted = '"' + as_words(self._source, words, encoding).replace('"', '""') + '"'
        return quoted.encode(encoding).decode(*self._source.as_it_is)
