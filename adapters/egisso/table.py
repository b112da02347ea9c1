"""The table of facts as rows: encoding, headings, rows with their lines, in constant memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from adapters.egisso.facts import Column, TableHead, columns
from adapters.formats import Reading
from adapters.limits import Limits, refuse_large, too_large
from adapters.report import Skipped
from schemas.errors import DocumentRejected

DELIMITER: Final = ";"
ENCODING: Final = "cp1251"
_HEADINGS_WITHIN: Final = 20
_ENOUGH: Final = 5
_SHOWN: Final = 60
_PROBE: Final = 64 * 1024
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WORDS: Final = re.compile(r"(?<=;)(?:М|Ж|Да|Нет)(?=;)", re.IGNORECASE)


class _Counted(io.RawIOBase):
    """A stream that begins with what was looked at already and refuses to be longer than the limit."""

    def __init__(self, beginning: bytes, stream: BinaryIO, limits: Limits) -> None:
        self._beginning = io.BytesIO(beginning)
        self._stream = stream
        self._limits = limits
        self._left = limits.max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        chunk = self._beginning.read(len(view)) or self._stream.read(len(view))
        self._left -= len(chunk)
        if self._left < 0:
            raise too_large(self._limits)
        view[: len(chunk)] = chunk
        return len(chunk)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line, and its cells by column, without spaces around them; empty ones are left out. `extra`: more
    cells than headings; `unclosed`: the file ended inside its quotes."""

    line: int
    cells: Mapping[str, str]
    extra: bool
    unclosed: bool


class Table:
    """A table being read. `head` is known as soon as the headings are found."""

    def __init__(self, stream: BinaryIO, limits: Limits, reading: Reading) -> None:
        refuse_large(stream, limits)
        self._limits = limits
        self._reading = reading
        beginning = stream.read(_PROBE)
        encoding, mark = _encoding(beginning)
        if encoding != ENCODING:
            reading.complain("egisso_encoding", encoding=encoding)
        raw = io.BufferedReader(_Counted(beginning[len(mark) :], stream, limits))
        self._text = io.TextIOWrapper(raw, encoding, errors="strict", newline="")
        self._columns: dict[int, Column] = {}
        self._width = 0
        self._ended = False

    def rows(self) -> Iterator[Row]:
        """Rows under the headings. Raises DocumentRejected for a table that cannot be read as a whole."""
        lines = csv.reader(self._lines(), delimiter=DELIMITER)
        try:
            before = 0
            for cells in lines:
                line, before = before + 1, lines.line_num
                if not self._columns:
                    self._find_headings(cells, line)
                elif reason := self._passed_over(cells):
                    self._reading.report.skip(Skipped(line, reason))
                else:
                    yield self._row(cells, line)
        except csv.Error:
            raise DocumentRejected("cell_too_long", limit=csv.field_size_limit()) from None
        except UnicodeDecodeError:
            raise DocumentRejected("document_is_not_text") from None
        if not self._columns:
            raise DocumentRejected("heading_not_found", rows=_HEADINGS_WITHIN)

    def _lines(self) -> Iterator[str]:
        yield from self._text
        self._ended = True  # asked for more than there is: a cell was still open

    def _find_headings(self, cells: list[str], line: int) -> None:
        if len(cells) > self._limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=line, limit=self._limits.max_columns)
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
                if shown:
                    self._reading.complain("unknown_column", shown, line, column=shown)
                    self._reading.report.dropped_columns.append(shown)
                continue
            if column.heading in found:
                raise DocumentRejected("heading_repeated", column=column.heading)
            found[column.heading] = column
            self._columns[place] = column
        missing = [column.heading for column in columns() if column.in_42 and column.heading not in found]
        if missing:
            raise DocumentRejected("required_column_missing", columns=", ".join(missing))
        self._width = len(cells)
        self._reading.head = TableHead(columns=43 if len(found) == len(columns()) else 42)

    def _passed_over(self, cells: list[str]) -> str:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            return "empty"
        if filled == [str(number) for number in range(1, len(filled) + 1)]:
            return "numbers"
        return ""

    def _row(self, cells: list[str], line: int) -> Row:
        if len(cells) > self._limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=line, limit=self._limits.max_columns)
        found = {
            column.heading: text
            for place, column in self._columns.items()
            if place < len(cells) and (text := cells[place].strip())
        }
        return Row(line, found, any(cell.strip() for cell in cells[self._width :]), self._ended)


def _encoding(beginning: bytes) -> tuple[str, bytes]:
    """The encoding of a table by its beginning, and the mark it begins with.

    A score of letters misreads a table with a few words in it, but cells «М», «Ж», «Да», «Нет» stand in every one: the
    alphabet in which most of them do is the right one, and without any it is what ЕГИССО takes.
    """
    if not beginning.strip():
        raise DocumentRejected("document_empty")
    if beginning.startswith(_WORKBOOKS):
        raise DocumentRejected("document_is_spreadsheet")
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return encoding, mark
    if b"\x00" in beginning:
        raise DocumentRejected("document_is_not_text")
    if beginning.isascii():
        return ENCODING, b""
    known = {encoding: _known_cells(beginning, encoding) for encoding in ("utf-8", ENCODING, "cp866", "koi8-r")}
    best = max(known, key=lambda encoding: known[encoding])
    if known[best] < 0 or (known[best] == 0 and best not in {"utf-8", ENCODING}):
        raise DocumentRejected("document_is_not_text")
    return best, b""


def _known_cells(beginning: bytes, encoding: str) -> int:
    """How many cells are words that every table has, below zero where the bytes are no text in this encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(beginning)
    except UnicodeDecodeError:
        return -1
    return len(_WORDS.findall(text))
