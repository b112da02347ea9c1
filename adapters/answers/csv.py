"""Answers as a table, read as tolerantly as the registers of referrals: delimiter, encoding, titles, spellings of headings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from functools import cache
from io import BytesIO
from typing import Final

from adapters.answers.records import AnswerRecord, answer_fields, make_record
from adapters.limits import DEFAULT_LIMITS, Limits, read_all
from adapters.report import Complaint, Severity, SourceRow
from adapters.tables.cells import CellFault, clean, split_values
from adapters.tables.encoding import find_text
from adapters.tables.grid import csv_grids
from adapters.tables.layout import Layout, find_layout, refuse_wide_row
from adapters.tables.profile import Column, Profile
from adapters.tables.rejects import OWN_HEADING
from adapters.tables.rows import skip_reason
from schemas.errors import DocumentRejected

_NAME: Final = "answers"


@cache
def answers_profile() -> Profile:
    """The columns of answers as a profile of tables."""
    columns = tuple(Column(field.field, field.heading, "line", field.also) for field in answer_fields())
    required = (("event",), ("delivery_id", "message_id"))
    return Profile(_NAME, 1, UTC, "", {}, required, OWN_HEADING, frozenset(), columns)


def read_answer_csv(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[AnswerRecord]:
    """Raises DocumentRejected for a file that cannot be read as a whole; nothing was yielded then."""
    source = find_text(BytesIO(read_all(BytesIO(content), limits)))
    try:
        layout = find_layout(csv_grids(source), answers_profile(), limits)
    except DocumentRejected as found:
        if found.code != "heading_not_found":
            raise
        raise DocumentRejected("answers_heading_unknown") from None
    rows = []
    for row in layout.grid:
        if row.line > layout.heading.line and skip_reason(row, layout) is None:
            refuse_wide_row(row, limits)
            rows.append(row)
        if len(rows) > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
    if rows and "quote_not_closed" in rows[-1].faults.values():
        raise DocumentRejected("document_truncated", line=rows[-1].line)
    if not rows:
        raise DocumentRejected("answers_empty")
    for number, row in enumerate(rows, start=1):
        yield _record(row, layout, number, limits)


def _record(row: SourceRow, layout: Layout, number: int, limits: Limits) -> AnswerRecord:
    values: dict[str, str | list[str]] = {}
    complaints: list[Complaint] = []
    many = {field.field for field in answer_fields() if field.many}
    if any(map(str.strip, row.cells[layout.width :])):
        complaints.append(Complaint("extra_columns", Severity.ERROR, "", row.line, number))
    complaints += [Complaint(code, Severity.ERROR, "", row.line, number) for code in row.faults.values()]
    for position, column in layout.columns.items():
        raw = row.cells[position] if position < len(row.cells) else ""
        place = layout.heading_of(column.field)
        if len(raw) > limits.max_cell:
            complaints.append(
                Complaint("cell_too_long", Severity.ERROR, place, row.line, number, {"limit": limits.max_cell})
            )
            continue
        try:
            text = clean(raw).text
        except CellFault as fault:
            complaints.append(Complaint(fault.code, Severity.ERROR, place, row.line, number))
            continue
        values[column.field] = split_values(text) if text and column.field in many else text
    places = {field.field: layout.heading_of(field.field) or field.heading for field in answer_fields()}
    return make_record(values, places, number, row.line, complaints)
