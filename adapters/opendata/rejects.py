"""Refused rows of open data in a table like theirs, in an archive where it came in one."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.archives import pack
from adapters.directory_records import Rejects
from adapters.opendata.losses import Heading
from adapters.report import Record, SourceRow, errors_in_words
from adapters.tables.grid import ReturnedRow
from adapters.tables.rejects import OWN_HEADING


def returned(heading: Heading, refused: Sequence[Record]) -> bytes:
    """The rows of these records under the headings of the table, with a column «Ошибка»; a row of two of them comes once."""
    words: dict[int, list[str]] = {}
    rows: dict[int, SourceRow] = {}
    for one in refused:
        for row in one.rows:
            rows[row.line] = row
            said = errors_in_words(one.complaints)
            if said not in words.setdefault(row.line, []):
                words[row.line].append(said)
    found = [ReturnedRow(heading.row, OWN_HEADING)]
    found += [ReturnedRow(row, " ".join(words[line])) for line, row in sorted(rows.items())]
    return heading.grid.returned(found, heading.own_at, len(heading.row.cells))


def packed(name: str, table: Rejects | None, refused: Sequence[Record]) -> bytes:
    """The same table under its name in an archive."""
    return pack({name: table(refused)}) if table is not None else b""
