"""Tables in: a layout, a stream of records and complaints, a report that has already begun.

What a row is says the profile: a message, a family, a signal of a journal, an answer. Rows that follow each other and
belong together are one record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import BinaryIO, Final, Protocol

from adapters.limits import DEFAULT_LIMITS, MEGABYTE, Limits, held, read_all
from adapters.report import Complaint, Draft, ImportReport, Record, Severity, Skipped, SourceRow, weightiest
from adapters.tables.answers import AnswerAssembler
from adapters.tables.encoding import find_text
from adapters.tables.grid import csv_grids
from adapters.tables.intake import FamilyAssembler, SignalAssembler
from adapters.tables.layout import Layout, find_layout, refuse_wide_row
from adapters.tables.messages import MessageAssembler
from adapters.tables.parts import is_workbook
from adapters.tables.profile import ANSWER, FAMILY, MESSAGE, SIGNAL, Profile, referrals_profile
from adapters.tables.record_losses import TableLosses
from adapters.tables.rows import RowParser, RowValues, has_errors, skip_reason
from adapters.tables.workbook import open_workbook
from schemas.errors import DocumentRejected

LARGEST_WORKBOOK: Final = 50 * MEGABYTE
"""A workbook is held in memory, however long a file may be that is read in parts."""
_BEGINNING: Final = 16
"""Bytes by which a workbook is known."""
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TableReading:
    """A register being read. `records` is read once, in order; `report` already holds what concerns the whole file.

    Whoever takes the records adds each to the report, after its own word on it (`Record.refuse`).
    """

    layout: Layout
    report: ImportReport
    records: Iterator[Record]


def read_table(
    stream: BinaryIO,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
    defaults: Mapping[str, str] = _NOTHING,
    sheet: int | None = None,
) -> TableReading:
    """Opens a register by `profile` (the default one when None). `defaults` are fields the caller knows for every row,
    such as `sender_ogrn` from the sign-in; a cell in the file wins over them. `sheet` is the number of a sheet of a
    workbook, where several would do.

    CSV is read by chunks of a stream that can seek, from where it stands, while `records` are taken: it stays open until
    then, and after `seek` the same reading can be made again. A workbook, or a stream that cannot seek, is held in memory.

    Raises DocumentRejected for a file that cannot be read as a whole: empty, over a limit, not text, a workbook,
    without a heading row or without a required column. While `records` are read it may still be raised for a row with
    too many columns, too many records, or no row at all.
    """
    profile = profile or referrals_profile()
    layout = read_layout(stream, profile, limits, tuple(defaults), sheet)
    report = ImportReport(layout.grid.form, dropped_columns=list(layout.dropped))
    for complaint in layout.complaints:
        report.complain(complaint)
    report.losses_of = losses = TableLosses(layout, profile, defaults)
    for loss in losses.of_file():
        report.losses.add(loss)
    for row in layout.titles:
        report.skip(Skipped(row.line, "title" if any(map(str.strip, row.cells)) else "empty"))
    parser = RowParser(layout, profile, limits)
    assembler = _ASSEMBLERS[profile.record](parser, profile, {**profile.defaults, **defaults})
    return TableReading(layout, report, _TableReader(layout, parser, limits, report, assembler).records())


def read_layout(
    stream: BinaryIO, profile: Profile, limits: Limits, given: Sequence[str] = (), sheet: int | None = None
) -> Layout:
    """The table of a file, CSV or workbook, by its content and not by its name. Raises DocumentRejected."""
    stream = held(stream, limits)
    start = stream.tell()
    beginning = stream.read(_BEGINNING)
    stream.seek(start)
    if is_workbook(beginning):
        content = read_all(stream, replace(limits, max_bytes=min(limits.max_bytes, LARGEST_WORKBOOK)))
        return find_layout(open_workbook(content, limits, sheet), profile, limits, given, exclusive=False)
    return find_layout(csv_grids(find_text(stream)), profile, limits, given)


class Assembler(Protocol):
    """What rows that belong together are: a message, a family, a signal, an answer."""

    def key(self, row: RowValues) -> object:
        """Rows that follow each other with equal keys are one record. None for a refused row that does not say whose it is: it
        is of the record that goes on below it, else one by itself."""
        ...

    def draft(self, rows: Sequence[RowValues]) -> tuple[Draft | None, list[Complaint]]:
        """The record of rows without errors, and the complaints about it as a whole."""
        ...

    def disagreements(self, rows: Sequence[RowValues]) -> Iterable[Complaint]:
        """Where rows of one record contradict each other."""
        ...


_Assemblers = Mapping[str, Callable[[RowParser, Profile, Mapping[str, str]], Assembler]]
_ASSEMBLERS: Final[_Assemblers] = {
    MESSAGE: MessageAssembler,
    FAMILY: FamilyAssembler,
    SIGNAL: SignalAssembler,
    ANSWER: AnswerAssembler,
}


class _TableReader:
    def __init__(
        self, layout: Layout, parser: RowParser, limits: Limits, report: ImportReport, assembler: Assembler
    ) -> None:
        self._layout, self._parser, self._limits = layout, parser, limits
        self._report, self._assembler = report, assembler

    def records(self) -> Iterator[Record]:
        number = 0
        for number, rows in enumerate(filter(self._is_seen, self._groups()), start=1):
            if number > self._limits.max_records:
                raise DocumentRejected("document_too_many_records", limit=self._limits.max_records)
            yield self._record(number, rows)
        if number == 0:
            raise DocumentRejected("document_without_rows")

    def _is_seen(self, rows: Sequence[RowValues]) -> bool:
        """Whether anybody sees a row of it: else its sender does not hand it in."""
        if not all(row.unseen for row in rows):
            return True
        for row in rows:
            self._report.skip(Skipped(row.row.line, "hidden"))
        return False

    def _groups(self) -> Iterator[list[RowValues]]:
        """Rows that belong together: of a message whose rows have one between them that nobody can read, nothing is taken."""
        most = self._limits.max_record_rows
        group: list[RowValues] = []
        unclear: list[RowValues] = []
        key: object = None
        for row in self._rows():
            this = self._assembler.key(row)
            if this is None and len(unclear) < most:
                unclear.append(row)
                continue
            if group and this is not None and this == key:
                group += (*unclear, row)
            else:
                if group:
                    yield group
                yield from ([one] for one in unclear)
                group, key = [row], this
            unclear = []
            if len(group) > most:
                raise DocumentRejected("record_too_many_rows", line=group[0].row.line, limit=most)
        if group:
            yield group
        yield from ([one] for one in unclear)

    def _rows(self) -> Iterator[RowValues]:
        layout = self._layout
        for row in layout.grid:
            if row.line <= layout.heading.line:
                continue
            refuse_wide_row(row, self._limits)
            reason = skip_reason(row, layout)
            if reason and not (row.hidden and skip_reason(replace(row, hidden=False), layout) is None):
                self._report.skip(Skipped(row.line, reason))
                continue
            own = row if layout.own_at is None else _without(row, layout.own_at)
            values = self._parser.parse(own)
            values.row = row
            if row.hidden:
                values.unseen = True
                values.complaints = [Complaint("row_not_seen", Severity.ERROR, "", row.line)]
            yield values

    def _record(self, number: int, rows: list[RowValues]) -> Record:
        complaints = [complaint for row in rows for complaint in row.complaints]
        if len(whole := [row for row in rows if not row.damaged]) > 1:
            complaints += self._assembler.disagreements(whole)
        draft: Draft | None = None
        if not has_errors(complaints):
            draft, found = self._assembler.draft(rows)
            complaints += found
        kept: tuple[Complaint, ...] = ()
        if complaints:
            kept = tuple(replace(one, record=number) for one in weightiest(complaints, self._limits.max_complaints))
            draft = None if has_errors(complaints) else draft
        return Record(number, rows[0].row.line, draft, kept, tuple([row.row for row in rows]))


def _without(row: SourceRow, position: int) -> SourceRow:
    """The row with the cell of the reject file's own column emptied."""
    if position >= len(row.cells):
        return row
    return replace(row, cells=(*row.cells[:position], "", *row.cells[position + 1 :]))
