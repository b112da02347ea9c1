"""Registers of referrals in: a layout, a stream of records and complaints, a report that has already begun.

One row is one referral with one child; rows that follow each other with the same message identifier are one message
with several children. Where the register has no identifiers, one is derived from the sender and the content, so that
sending the corrected file again creates no duplicates.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import BinaryIO, Final

from pydantic import ValidationError

from adapters.limits import DEFAULT_LIMITS, Limits, read_all
from adapters.report import Complaint, ImportReport, Record, Severity, Skipped, SourceRow
from adapters.rules import Breach, breaches, shape_breaches
from adapters.tables.encoding import decode
from adapters.tables.fields import field_of
from adapters.tables.grid import csv_grids
from adapters.tables.layout import Layout, find_layout, refuse_wide_row
from adapters.tables.parts import is_workbook
from adapters.tables.profile import Profile, referrals_profile
from adapters.tables.rows import RowParser, RowValues, skip_reason
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected
from schemas.messages import MessageDraft

ROW_NAMESPACE: Final = uuid.UUID("5b0f6a0e-2b1f-5c58-9a53-3f6f0c6f7d10")
"""The name space of derived message identifiers (UUID version 5). It never changes: repeats are recognised by it."""

_NOT_YET: Final = "00000000-0000-0000-0000-000000000000"
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TableReading:
    """A register being read. `records` is read once, in order; `report` already holds what concerns the whole file.

    Whoever takes the records adds each to the report, after its own word on it (`Record.refuse`).
    """

    layout: Layout
    report: ImportReport
    records: Iterator[Record]


def read_referrals(
    stream: BinaryIO,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
    defaults: Mapping[str, str] = _NOTHING,
    sheet: int | None = None,
) -> TableReading:
    """Opens a register by `profile` (the default one when None). `defaults` are fields the caller knows for every row,
    such as `sender_ogrn` from the sign-in; a cell in the file wins over them. `sheet` is the number of a sheet of a
    workbook, where several would do.

    Raises DocumentRejected for a file that cannot be read as a whole: empty, over a limit, not text, a workbook,
    without a heading row or without a required column. While `records` are read it may still be raised for a row with
    too many columns, too many records, or no row at all.
    """
    profile = profile or referrals_profile()
    layout = read_layout(read_all(stream, limits), profile, limits, tuple(defaults), sheet)
    report = ImportReport(layout.grid.form, dropped_columns=list(layout.dropped))
    for complaint in layout.complaints:
        report.complain(complaint)
    for row in layout.titles:
        report.skip(Skipped(row.line, "title" if any(map(str.strip, row.cells)) else "empty"))
    reader = _RegisterReader(layout, profile, limits, {**profile.defaults, **defaults}, report)
    return TableReading(layout, report, reader.records())


def read_layout(
    content: bytes, profile: Profile, limits: Limits, given: Sequence[str] = (), sheet: int | None = None
) -> Layout:
    """The table of a file, CSV or workbook, by its content and not by its name. Raises DocumentRejected."""
    if is_workbook(content):
        return find_layout(open_workbook(content, limits, sheet), profile, limits, given, exclusive=False)
    return find_layout(csv_grids(decode(content)), profile, limits, given)


class _RegisterReader:
    def __init__(
        self, layout: Layout, profile: Profile, limits: Limits, defaults: Mapping[str, str], report: ImportReport
    ) -> None:
        self._layout = layout
        self._limits = limits
        self._defaults = defaults
        self._report = report
        self._parser = RowParser(layout, profile, limits)
        self._seen: set[str] = set()

    def records(self) -> Iterator[Record]:
        number = 0
        for _, group in itertools.groupby(self._rows(), key=_message_key()):
            number += 1
            if number > self._limits.max_records:
                raise DocumentRejected("document_too_many_records", limit=self._limits.max_records)
            rows = list(itertools.islice(group, self._limits.max_record_rows + 1))
            if len(rows) > self._limits.max_record_rows:
                raise DocumentRejected(
                    "record_too_many_rows", line=rows[0].row.line, limit=self._limits.max_record_rows
                )
            yield self._record(number, rows)
        if number == 0:
            raise DocumentRejected("document_without_rows")

    def _rows(self) -> Iterator[RowValues]:
        layout = self._layout
        for row in layout.grid:
            if row.line <= layout.heading.line:
                continue
            refuse_wide_row(row, self._limits)
            if reason := skip_reason(row, layout):
                self._report.skip(Skipped(row.line, reason))
                continue
            own = row if layout.own_at is None else _without(row, layout.own_at)
            yield replace(self._parser.parse(own), row=row)

    def _record(self, number: int, rows: list[RowValues]) -> Record:
        first = rows[0]
        complaints = [complaint for row in rows for complaint in row.complaints]
        complaints += self._disagreements(rows)
        persons = _persons(rows)
        draft: MessageDraft | None = None
        if not _has_errors(complaints):
            draft, found = self._draft({**self._defaults, **first.message, "persons": persons}, rows)
            complaints += found
        kept = tuple(replace(complaint, record=number) for complaint in complaints[: self._limits.max_complaints])
        accepted = None if _has_errors(complaints) else draft
        return Record(number, first.row.line, accepted, kept, tuple(row.row for row in rows))

    def _draft(self, message: dict[str, object], rows: list[RowValues]) -> tuple[MessageDraft | None, list[Complaint]]:
        named = "operation_id" in message
        line = rows[0].row.line
        kinds = tuple(str(person["kind"]) for person in _persons(rows))
        try:
            draft = MessageDraft.model_validate({"operation_id": _NOT_YET, **message})
        except ValidationError as error:
            return None, [self._complaint(breach, kinds, line) for breach in shape_breaches(error)]
        if not named:
            draft = draft.model_copy(update={"operation_id": derived_operation_id(draft)})
        found = [self._complaint(breach, kinds, line) for breach in breaches(draft)]
        if draft.operation_id in self._seen:
            code, severity = ("message_id_repeated", Severity.ERROR) if named else ("row_repeated", Severity.WARNING)
            found.append(self._parser.complaint(code, "operation_id", line, severity))
        self._seen.add(draft.operation_id)
        return draft, found

    def _complaint(self, breach: Breach, kinds: tuple[str, ...], line: int) -> Complaint:
        return self._parser.complaint(breach.code, field_of(breach.path, kinds), line, breach.severity)

    def _disagreements(self, rows: list[RowValues]) -> Iterator[Complaint]:
        first = rows[0].message
        for row in rows[1:]:
            for name in sorted(first.keys() | row.message.keys()):
                if first.get(name) != row.message.get(name):
                    yield self._parser.complaint("rows_disagree", name, row.row.line)


def derived_operation_id(draft: MessageDraft) -> str:
    """The identifier of a message that came without one: the same content of the same sender gives the same."""
    content = draft.model_dump(mode="json", exclude_defaults=True, exclude={"operation_id"})
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return str(uuid.uuid5(ROW_NAMESPACE, f"{draft.sender_ogrn}\n{canonical}"))


def _persons(rows: list[RowValues]) -> list[dict[str, object]]:
    """Children in the order of the rows, then adults; an adult repeated beside each child is one adult."""
    children = [person for row in rows for person in row.persons if person["kind"] == "child"]
    adults: list[dict[str, object]] = []
    for row in rows:
        adults += [person for person in row.persons if person["kind"] != "child" and person not in adults]
    return children + adults


class _MessageKey:
    """Rows with the same message identifier belong together; a row without one stands alone."""

    def __init__(self) -> None:
        self._alone = itertools.count()

    def __call__(self, row: RowValues) -> object:
        return row.message.get("operation_id") or next(self._alone)


def _message_key() -> _MessageKey:
    return _MessageKey()


def _without(row: SourceRow, position: int) -> SourceRow:
    """The row with the cell of the reject file's own column emptied."""
    if position >= len(row.cells):
        return row
    return replace(row, cells=(*row.cells[:position], "", *row.cells[position + 1 :]))


def _has_errors(complaints: list[Complaint]) -> bool:
    return any(complaint.severity is Severity.ERROR for complaint in complaints)
