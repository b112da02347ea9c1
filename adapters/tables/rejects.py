"""The reject file: the bad rows in the sender's own format with one column more, to be corrected and sent again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from adapters.report import Complaint, Record, Severity, SourceRow
from adapters.tables.grid import ReturnedRow
from adapters.tables.layout import Layout
from schemas.catalogue import Language

OWN_HEADING: Final = "Ошибка"


def reject_file(layout: Layout, records: Iterable[Record], language: Language = "ru") -> bytes:
    """Title rows, heading and the rows of every record without a draft, in the format of the file they came from: a
    workbook gives a workbook. The column «Ошибка» says what is wrong; a re-read file ignores it.
    """
    return layout.grid.returned(_rows(layout, records, language), layout.own_at, layout.width)


def _rows(layout: Layout, records: Iterable[Record], language: Language) -> Iterator[ReturnedRow]:
    for title in layout.titles:
        yield ReturnedRow(title)
    for number, level in enumerate(layout.levels):
        yield ReturnedRow(level, OWN_HEADING if number == 0 else "")
    for record in records:
        if record.draft is None:
            for row in record.rows:
                yield ReturnedRow(row, _words(record, row, language))


def _words(record: Record, row: SourceRow, language: Language) -> str:
    errors = [complaint for complaint in record.complaints if complaint.severity is Severity.ERROR]
    own = [complaint for complaint in errors if complaint.line == row.line] or errors
    return " ".join(_sentence(complaint, language) for complaint in own)


def _sentence(complaint: Complaint, language: Language) -> str:
    place = f"{complaint.place}: " if complaint.place else ""
    return f"{place}{complaint.message(language)} {complaint.remedy(language)}"
