"""The reject file: the bad rows in the sender's own format with one column more, to be corrected and sent again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from adapters.report import Record, errors_by_line
from adapters.tables.grid import CsvGrid, ReturnedRow
from adapters.tables.layout import Layout
from schemas.catalogue import Language

OWN_HEADING: Final = "Ошибка"


def reject_file(layout: Layout, records: Iterable[Record], language: Language = "ru") -> bytes:
    """Title rows, heading and the rows of every record without a draft, in the format of the file they came from: a
    workbook gives a workbook. The column «Ошибка» says what is wrong; a re-read file ignores it.
    """
    bad = (row for record in records for row in _bad_rows(record, language))
    return layout.grid.returned(itertools.chain(head_rows(layout), bad), layout.own_at, layout.width)


def reject_writer(layout: Layout, out: BinaryIO, language: Language = "ru") -> Callable[[Record], None]:
    """What writes the rows of one record after the other into `out`, as `reject_file` has them; a record with a draft has
    none. Of CSV nothing is kept in memory. Raises TypeError for a workbook, which is written as a whole."""
    if not isinstance(layout.grid, CsvGrid):
        msg = "a workbook is written as a whole, by reject_file"
        raise TypeError(msg)
    write = layout.grid.writer(out, layout.own_at, layout.width)
    for row in head_rows(layout):
        write(row)

    def add(record: Record) -> None:
        for row in _bad_rows(record, language):
            write(row)

    return add


def head_rows(layout: Layout) -> Iterator[ReturnedRow]:
    for title in layout.titles:
        yield ReturnedRow(title)
    for number, level in enumerate(layout.levels):
        yield ReturnedRow(level, OWN_HEADING if number == 0 else "")


def _bad_rows(record: Record, language: Language) -> Iterator[ReturnedRow]:
    if record.draft is None and record.rows:
        words = errors_by_line(record.complaints, [row.line for row in record.rows], language)
        for row in record.rows:
            yield ReturnedRow(row, words[row.line])
