"""Tables of canonical documents in: any delimiter and encoding, columns in any order, titles above; records and complaints out.

An empty cell says nothing, and a column that is not there says nothing either: then the default of the class holds. Only where
a field may be empty in spite of its default, an empty cell of a column that is there says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from pydantic import BaseModel, ValidationError

from adapters.documents.shape import Part, Shape, shape_of
from adapters.documents.simple import Simple
from adapters.formats import Context, FormatRecord, Reading
from adapters.limits import Limits
from adapters.paths import Path
from adapters.report import WHOLE_ROW, Complaint, ImportReport, Severity, Skipped, weightiest
from adapters.rules import shape_breaches
from adapters.seen import Seen
from adapters.sheets.cells import YES, is_day, read
from adapters.sheets.columns import NUMBER, Fields, columns_of, format_name, needs_mark, sheet_profile
from adapters.sheets.lines import NOT_SEEN, Line, lines_of
from adapters.sheets.losses import sheet_losses
from adapters.tables.cells import CellFault
from adapters.tables.layout import Layout, filled_cells
from adapters.tables.losses import CellLosses
from adapters.tables.reader import read_layout
from schemas.directory import DirectoryOrganisation, Service
from schemas.documents import DocumentKind
from schemas.errors import DocumentRejected
from schemas.model import Model

TWICE: Final = "sheets_value_twice"
TOO_LARGE: Final = "sheets_document_too_large"
_CELLS: Final = 2
"""Cells for each element that a document may have in XML: also what equals a default has its cell."""
UNNUMBERED: Final = "sheets_number_missing"


class SheetHead(Model):
    """What a table says of itself: which documents it holds, by the heading of its first number."""

    kind: str


def read_sheet(kind: DocumentKind, stream: BinaryIO, context: Context) -> Reading:
    """The records of a table of this kind. Raises DocumentRejected for a file that cannot be read as a whole."""
    limits, layout = context.limits, layout_of(kind, stream, context)
    report = ImportReport(format_name(kind), place_of=lambda _, path: _heading(kind, layout, path))
    for complaint in layout.complaints:
        report.complain(complaint)
    reading = Reading(report, head=SheetHead(kind=kind.code))
    cells = CellLosses(layout, sheet_profile(kind))
    for loss in cells.of_file():
        report.losses.add(loss)
    for row in layout.titles:
        report.skip(Skipped(row.line, "title" if filled_cells(row) else "empty"))
    reading.records = _records(kind, layout, limits, report, cells)
    return reading


def layout_of(kind: DocumentKind, stream: BinaryIO, context: Context) -> Layout:
    """Where the headings stand and what is below them, in CSV or a workbook. Raises DocumentRejected for a file that is no
    table of this kind."""
    return read_layout(stream, sheet_profile(kind), context.limits, (), context.sheet)


def _records(
    kind: DocumentKind, layout: Layout, limits: Limits, report: ImportReport, cells: CellLosses
) -> Iterator[FormatRecord]:
    seen = Seen()
    for number, group in enumerate(groups_of(kind, layout, limits, report), start=1):
        yield _Record(kind, layout, number, limits, seen, cells).read(group)


def groups_of(kind: DocumentKind, layout: Layout, limits: Limits, report: ImportReport) -> Iterator[Sequence[Line]]:
    """The rows of each document. Raises DocumentRejected for too many of them."""
    group: list[Line] = []
    number, cells = 0, 0
    for line in lines_of(kind, layout, limits, report):
        if line.begins and group:
            if _is_seen(group, report):
                yield group
            group = []
        if not group:
            number += 1
        group.append(line)
        cells = max(1, len(line.said)) + (cells if len(group) > 1 else 0)
        if number > limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        if cells > _CELLS * limits.max_record_elements:
            raise DocumentRejected(TOO_LARGE, line=group[0].row.line, limit=_CELLS * limits.max_record_elements)
    if not number:
        raise DocumentRejected("document_without_rows")
    if _is_seen(group, report):
        yield group


def _is_seen(group: Sequence[Line], report: ImportReport) -> bool:
    """Whether anybody sees a row of it: else its sender does not hand it in."""
    if not all(line.unseen for line in group):
        return True
    for line in group:
        report.skip(Skipped(line.row.line, line.unseen))
    return False


def _heading(kind: DocumentKind, layout: Layout, path: Path) -> str:
    """What stands over the column of a field, or of what it is part of; "" for the document as a whole."""
    fields = tuple(step for step in path if isinstance(step, str))
    columns = {column.path: column for column in columns_of(kind)}
    while fields and fields not in columns:
        fields = fields[:-1]
    if not fields:
        return ""
    return layout.heading_of(columns[fields].field) or columns[fields].heading


class _Record:
    """Reads the rows of one document."""

    def __init__(
        self, kind: DocumentKind, layout: Layout, number: int, limits: Limits, seen: Seen, cells: CellLosses
    ) -> None:
        self._cells = cells
        self._kind, self._layout, self._number, self._limits, self._seen = kind, layout, number, limits, seen
        self._given = {column.field for column in layout.columns.values()}
        self._found: list[Complaint] = []
        self._at: dict[Path, int] = {}

    def stands(self, path: Path) -> tuple[str, int]:
        """The column of a field, and the line in which it stands, or in which what it is part of begins."""
        place, known = _heading(self._kind, self._layout, path), path
        while known not in self._at:
            known = known[:-1]
        return place, self._at[known]

    def read(self, lines: Sequence[Line]) -> FormatRecord:
        first = self._at[()] = lines[0].row.line
        if () not in lines[0].said:
            self._complain(UNNUMBERED, (), first)
        for line in lines:
            if line.unseen:
                self._told(NOT_SEEN, "", line.row.line)
                continue
            for at, code in line.row.faults.items():
                if at == WHOLE_ROW or at in self._layout.columns:
                    self._told(code, self._layout.names.get(at, ""), line.row.line)
            for path, code in line.wrong.items():
                self._complain(code, path, line.row.line)
            if self._layout.has_more(line.row):
                self._complain("extra_columns", None, line.row.line)
        values = self._values(shape_of(self._kind.model), (), (), lines)
        value = None if self._has_errors else self._valid(values)
        kept = weightiest(self._found, self._limits.max_complaints)
        key = str(getattr(value, self._kind.key, "")) if self._kind.key else ""
        if self._has_errors or value is None:
            return FormatRecord(self._number, first, None, kept, key, stands=self.stands)
        rows = [(one.row, one.said | one.marks) for one in lines]
        losses = tuple(sheet_losses(self._kind, value, rows, self._layout, self._cells, self._number))
        return FormatRecord(self._number, first, value, kept, key, losses, self.stands)

    def _valid(self, values: dict[str, object]) -> BaseModel | None:
        """Rules of form, and repeats, are judged by who takes documents of any format (`adapters.record_formats`); what the
        directory takes as a whole has none of them, and is known by its identifier here."""
        try:
            value = self._kind.model.model_validate(values)
        except ValidationError as error:
            for breach in shape_breaches(error):
                self._told(breach.code, *self.stands(breach.path), breach.severity)
            return None
        if isinstance(value, DirectoryOrganisation | Service) and self._seen.add(value.id):
            self._complain("record_repeated", (self._kind.key,), self._at["id",])
        return value

    def _values(self, shape: Shape, path: Fields, at: Path, lines: Sequence[Line]) -> dict[str, object]:
        """`at` is the path with the positions of what may be there several times."""
        target: dict[str, object] = {}
        for part in shape.parts:
            inner, here = (*path, part.field), (*at, part.field)
            if isinstance(part.of, Simple):
                self._simple(target, part, inner, here, lines)
            elif part.many:
                if items := list(self._items(inner, lines)):
                    target[part.field] = [
                        self._part(part.of, inner, (*here, place), item) for place, item in enumerate(items)
                    ]
            elif part.required or self._is_there(part, inner, lines):
                target[part.field] = self._part(part.of, inner, here, lines)
        return target

    def _part(self, shape: Shape, path: Fields, at: Path, lines: Sequence[Line]) -> dict[str, object]:
        self._at[at] = lines[0].row.line
        return self._values(shape, path, at, lines)

    def _is_there(self, part: Part, path: Fields, lines: Sequence[Line]) -> bool:
        """A part is there if anything of it is, or if its own cell says so."""
        if any(len(said) > len(path) and said[: len(path)] == path for line in lines for said in line.said):
            return True
        return needs_mark(part) and any(line.said.get(path, "").strip().casefold() == YES for line in lines)

    def _items(self, path: Fields, lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
        starts = [at for at, line in enumerate(lines) if path in line.said]
        stray = next((line for line in lines[: starts[0] if starts else None] if path in line.above), None)
        if stray is not None:
            self._complain(UNNUMBERED, path, stray.row.line)
        for at, end in itertools.pairwise([*starts, len(lines)]):
            yield lines[at:end]

    def _simple(self, target: dict[str, object], part: Part, path: Fields, at: Path, lines: Sequence[Line]) -> None:
        assert isinstance(part.of, Simple)
        found = [
            (text, line.row.line) for line in lines if path in line.said and (text := self._cell(line, path, part.of))
        ]
        if part.many:
            for place, (_, line) in enumerate(found):
                self._at[*at, place] = line
            if found:
                target[part.field] = [text for text, _ in found]
        elif len(found) > 1:
            self._complain(TWICE, path, found[1][1])
        elif found:
            target[part.field], self._at[at] = found[0]
        elif part.nillable and ".".join(path) in self._given:
            target[part.field] = None

    def _cell(self, line: Line, path: Fields, simple: Simple) -> str:
        raw = line.said[path]
        if path in line.dated and not is_day(simple):  # «12-34» becomes a day of December
            self._complain("date_in_cell", path, line.row.line)
            return ""
        if len(raw) > self._limits.max_cell:
            self._complain("cell_too_long", path, line.row.line, limit=self._limits.max_cell)
            return ""
        try:
            text, notes = read(raw, simple, returned=self._layout.is_disarmed)
        except CellFault as fault:
            self._complain(fault.code, path, line.row.line)
            return ""
        for note in notes:
            self._complain(note, path, line.row.line, severity=Severity.WARNING)
        return text

    @property
    def _has_errors(self) -> bool:
        return any(complaint.severity is Severity.ERROR for complaint in self._found)

    def _complain(
        self, code: str, path: Fields | None, line: int, *, severity: Severity = Severity.ERROR, **params: int
    ) -> None:
        place = ""
        if path is not None:
            number = columns_of(self._kind)[0].heading
            place = _heading(self._kind, self._layout, path) or self._layout.heading_of(NUMBER) or number
        self._told(code, place, line, severity, **params)

    def _told(self, code: str, place: str, line: int, severity: Severity = Severity.ERROR, **params: int) -> None:
        self._found.append(Complaint(code, severity, place, line, self._number, params))
