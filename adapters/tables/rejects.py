"""The reject file: the bad rows in the sender's own format with one column more, to be corrected and sent again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

from adapters.report import Complaint, Record, Severity, SourceRow
from adapters.tables.cells import CellFault, clean
from adapters.tables.layout import Layout
from schemas.catalogue import Language

OWN_HEADING: Final = "Ошибка"


def reject_file(layout: Layout, records: Iterable[Record], language: Language = "ru") -> bytes:
    """Title rows, heading and the rows of every record without a draft, in the encoding and with the delimiter of the
    file they came from. The column «Ошибка» says what is wrong; a re-read file ignores it.

    Formulas of the sender are disarmed with an apostrophe, since the file will be opened in a spreadsheet.
    """
    out = StringIO(newline="")
    if layout.separator_line:
        out.write(f"sep={layout.delimiter}{layout.line_end}")
    writer = csv.writer(out, delimiter=layout.delimiter, lineterminator=layout.line_end)
    for title in layout.titles:
        writer.writerow(map(_disarmed, title.cells))
    writer.writerow(_with_own(layout, layout.heading, OWN_HEADING))
    for record in records:
        if record.draft is None:
            for row in record.rows:
                writer.writerow(_with_own(layout, row, _words(record, row, language)))
    return layout.source.encode(out.getvalue())


def _with_own(layout: Layout, row: SourceRow, words: str) -> list[str]:
    cells = [_disarmed(cell) for cell in row.cells]
    width = len(layout.heading.cells)
    cells += [""] * (width - len(cells))
    if layout.own_at is not None:
        cells[layout.own_at] = words
        return cells
    # Cells beyond the heading stay beyond it: they are what the complaint is about.
    return [*cells[:width], words, *cells[width:]]


def _words(record: Record, row: SourceRow, language: Language) -> str:
    errors = [complaint for complaint in record.complaints if complaint.severity is Severity.ERROR]
    own = [complaint for complaint in errors if complaint.line == row.line] or errors
    return " ".join(_sentence(complaint, language) for complaint in own)


def _sentence(complaint: Complaint, language: Language) -> str:
    place = f"{complaint.place}: " if complaint.place else ""
    return f"{place}{complaint.message(language)} {complaint.remedy(language)}"


def _disarmed(cell: str) -> str:
    try:
        clean(cell)
    except CellFault as fault:
        if fault.code == "formula_in_cell":
            return f"'{cell}"
    return cell
