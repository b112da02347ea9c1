"""Refused facts in a table like the one they came in: its own heading and their rows, byte for byte but for an apostrophe
before each formula, with a column «Ошибка».
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from adapters.egisso.table import DELIMITER, Table, events_of
from adapters.formats import Context, FormatRecord, Reading
from adapters.report import ImportReport, errors_by_line
from adapters.tables.as_they_stood import AsTheyStood
from adapters.tables.rejects import OWN_HEADING


def reject_facts(stream: BinaryIO, context: Context, refused: Iterable[FormatRecord]) -> Iterator[bytes]:
    """The rows up to the headings, and those of each of `refused`, as they stand in the file. Raises DocumentRejected for a
    table that cannot be read as a whole."""
    table = Table(stream, context.limits, Reading(ImportReport("")))
    events = enumerate(events_of(table.rows(), context.limits), start=1)
    back: AsTheyStood | None = None
    for record in refused:
        rows = next((rows for number, rows in events if number == record.number), None)
        if rows is None:
            return
        if back is None:
            heading = table.heading
            back = AsTheyStood(table.source, DELIMITER, heading.width, heading.own_at)
            yield table.source.mark + back.head(1, heading.line - 1)
            found = back.head(heading.line, heading.lines)
            yield found if heading.own_at is not None else back.added(found, OWN_HEADING)
        words = errors_by_line(record.complaints, [row.line for row in rows])
        for row in rows:
            yield back.row(row.line, row.lines, row.fault, words[row.line])
