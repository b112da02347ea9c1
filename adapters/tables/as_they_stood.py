"""Rows of a file of text once more, byte for byte, with words in a column of ours: for rows that cannot be written anew, since
what is wrong with them would be gone. An apostrophe stands before each of their formulas: a spreadsheet opens the file.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable
from typing import Final

from adapters.report import Complaint, Severity
from adapters.tables.cells import disarmed
from adapters.tables.quotes import NOT_CLOSED, cell_places, said, without_end
from adapters.tables.text_file import BROKEN_BYTES, TextFile

DELIMITERS: Final = (";", "\t", ",", "|")
OTHER_DELIMITER: Final = "row_other_delimiter"
CUT_SHORT: Final = "row_cut_short"


class AsTheyStood:
    """The lines of a file, asked for in their order. What is added to a line is in the encoding of that line. `width` is that
    of the headings, `own_at` where they have the column of a reject file."""

    def __init__(self, source: TextFile, delimiter: str, width: int, own_at: int | None) -> None:
        self._source, self._delimiter = source, delimiter
        self._heading_width, self._own_at = width, own_at
        self._at = width if own_at is None else own_at
        self._width = max(width, self._at + 1)
        self._lines = source.raw_lines()
        self._line = 1

    def lines(self, line: int, count: int) -> bytes:
        """So many from this one on, untouched."""
        found = b"".join(itertools.islice(self._lines, line - self._line, line - self._line + count))
        self._line = line + count
        return found

    def row(self, line: int, count: int, fault: str | None, words: str) -> bytes:
        """A row that begins on this line and breaks this rule as a whole, with what is wrong with it in the own column. Where
        that would hide what is wrong, it stands as it was."""
        found = self._disarmed(self.lines(line, count), fault)
        if fault == CUT_SHORT:
            return found + self._source.rest()
        if fault in {NOT_CLOSED, OTHER_DELIMITER}:
            return self._added_at_its_end(found, count, words, is_open=fault == NOT_CLOSED)
        return self.added(found, words)

    def head(self, line: int, count: int) -> bytes:
        """Lines of titles or of the headings, which are no texts of a record."""
        return b"".join(self._disarmed(self.lines(at, 1), None, again=True) for at in range(line, line + count))

    def added(self, found: bytes, words: str) -> bytes:
        """A row, or the headings, with words in the own column."""
        text = found.decode(*self._source.as_it_is)
        places = list(itertools.islice(cell_places(text, self._delimiter), self._at + 1))
        cell = self._cell(found, words)
        if len(places) <= self._at:
            return self._joined(text, self._delimiter * (self._at - len(places) + 1) + cell)
        place = places[self._at]
        if self._own_at is None:  # more cells than headings: they stay beyond them
            place, cell = slice(place.start, place.start), cell + self._delimiter
        return (text[: place.start] + cell + text[place.stop :]).encode(*self._source.as_it_is)

    def _added_at_its_end(self, found: bytes, count: int, words: str, *, is_open: bool) -> bytes:
        """The quotes of such a row, or its delimiters, do not say where its cells are. Words that would close a quote for good
        are left out: the row would be taken as it is."""
        text = found.decode(*self._source.as_it_is)
        if text == without_end(text) and (self._source.cut or count > 1):  # its last line may be cut
            return found + self._source.rest()
        delimiter = self._delimiter if is_open else self._other_in(text)
        cell = self._cell(found, unparted(words, self._delimiter))
        if without_end(text).endswith(delimiter + cell):
            return found
        places = list(itertools.islice(cell_places(text, delimiter, strict=True), self._width + 1))
        if count == 1 and self._own_at is not None and len(places) == self._heading_width:
            place = places[self._at]
            added = (text[: place.start] + cell + text[place.stop :]).encode(*self._source.as_it_is)
        else:
            missing = self._at - len(places) if count == 1 else 0
            added = self._joined(text, delimiter * max(1, missing + 1) + cell)
        stand = cell_places(added.decode(*self._source.as_it_is), self._delimiter)
        least = self._width if is_open else 2
        return added if sum(1 for _ in itertools.islice(stand, least)) < least else found

    def _other_in(self, text: str) -> str:
        return max((other for other in DELIMITERS if other != self._delimiter), key=text.count)

    def _disarmed(self, found: bytes, fault: str | None, *, again: bool = False) -> bytes:
        """Where quotes or delimiters do not say where its cells are, whatever may be one begins a formula."""
        text = found.decode(*self._source.as_it_is)
        ways = [cell_places(text, self._delimiter)]
        if fault == NOT_CLOSED:
            ways.append(cell_places(text, self._delimiter, strict=True))
        elif fault == OTHER_DELIMITER:
            ways.append(cell_places(text, self._other_in(text)))
        again = again or self._own_at is not None
        read = self._reader_of(found)
        starts = {
            place.start + text.startswith('"', place.start)
            for place in itertools.chain(*ways)
            if place.start < place.stop and disarmed(cell := read(said(text[place]), place.start), again=again) != cell
        }
        if not starts:
            return found
        bounds = [0, *sorted(starts), len(text)]
        parts = (text[start:end] for start, end in itertools.pairwise(bounds))
        return "'".join(parts).encode(*self._source.as_it_is)

    def _reader_of(self, found: bytes) -> Callable[[str, int], str]:
        """What makes letters of the signs of a cell of these lines that begins at a place."""
        if self._source.as_it_is[0] == self._source.encoding:
            return lambda cell, _: cell
        lines = found.splitlines(keepends=True)
        ends, encodings = [*itertools.accumulate(map(len, lines))], [*map(self._source.encoding_of, lines)]

        def read(cell: str, at: int) -> str:
            if cell.isascii():
                return cell
            return cell.encode("latin-1").decode(encodings[bisect.bisect(ends, at)], "replace")

        return read

    def _joined(self, text: str, more: str) -> bytes:
        row = without_end(text)
        return (row + more + (text[len(row) :] or self._source.line_end)).encode(*self._source.as_it_is)

    def _cell(self, found: bytes, words: str) -> str:
        """A cell in quotes, as its bytes read in the lines."""
        encoding = self._source.encoding_of(found.splitlines()[-1])
        words = disarmed(words, again=True)  # they may begin with a heading of the sender's
        quoted = '"' + self._source.as_words(words, encoding).replace('"', '""') + '"'
        return quoted.encode(encoding).decode(*self._source.as_it_is)


def own_words(source: TextFile, delimiter: str) -> frozenset[str]:
    """What a reject file says of a row whose cells it could not count: corrected, the row may have moved it beyond the
    headings."""
    broken, not_closed = (Complaint(code, Severity.ERROR).sentence() for code in (BROKEN_BYTES, NOT_CLOSED))
    said = (broken, not_closed, unparted(not_closed, delimiter))
    encodings = {source.encoding, source.other or source.encoding, "utf-8"}
    return frozenset(source.as_words(one, encoding) for one in said for encoding in encodings)


def unparted(words: str, delimiter: str) -> str:
    """Words that stand in one cell, whether its quotes are seen or not."""
    return words.replace(delimiter, "," if delimiter != "," else ";")
