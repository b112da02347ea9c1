"""Refused facts in a table like the one they came in: its own heading and their rows to the byte, with a column «Ошибка»."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from adapters.egisso.table import DELIMITER, Row, Table, events_of
from adapters.formats import Context, FormatRecord, Reading
from adapters.report import ImportReport, errors_in_words
from adapters.tables.encoding import nearest
from adapters.tables.rejects import OWN_HEADING

_ENDS: Final = ("\r\n", "\n", "\r")


def reject_facts(stream: BinaryIO, context: Context, refused: Iterable[FormatRecord]) -> Iterator[bytes]:
    """The rows up to the headings, and those of each of `refused`, in the encoding of the file. Raises DocumentRejected for a
    table that cannot be read as a whole."""
    table = Table(stream, context.limits, Reading(ImportReport("")))
    events = enumerate(events_of(table.rows(), context.limits), start=1)
    began = False
    for record in refused:
        rows = next((rows for number, rows in events if number == record.number), None)
        if rows is None:
            return
        if not began:
            yield table.mark + _head(table).encode(table.encoding)
            began = True
        for row in rows:
            words = nearest(errors_in_words(record.complaints, row.line), table.encoding)
            yield _row(table, row, words).encode(table.encoding, "replace")


def _head(table: Table) -> str:
    heading = table.heading
    if heading.own_at is not None:
        return table.before + heading.source
    return table.before + _ended(heading.source, f"{DELIMITER}{_quoted(OWN_HEADING)}", table)


def _row(table: Table, row: Row, words: str) -> str:
    """As it stands, with one cell more; written anew where that cell is not the last one, or a quote is not closed."""
    width, own_at = table.heading.width, table.heading.own_at
    if own_at is None and len(row.given) <= width and not row.unclosed:
        return _ended(row.source, DELIMITER * (width - len(row.given) + 1) + _quoted(words), table)
    at, after = (width, width) if own_at is None else (own_at, own_at + 1)
    padded: Sequence[str] = [*row.given, *[""] * (width - len(row.given))]
    cells = [*padded[:at], words, *padded[after:]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=DELIMITER, lineterminator=table.line_end).writerow(cells)
    return out.getvalue()


def _ended(source: str, more: str, table: Table) -> str:
    end = next((end for end in _ENDS if source.endswith(end)), "")
    return source.removesuffix(end) + more + (end or table.line_end)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
