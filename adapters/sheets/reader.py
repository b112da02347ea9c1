"""Tables of canonical documents in: any delimiter and encoding, columns in any order, titles above; records and complaints out.

An empty cell says nothing, and a column that is not there says nothing either: then the default of the class holds. Only where
a field may be empty in spite of its default, an empty cell of a column that is there says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO, Final

from pydantic import BaseModel, ValidationError

from adapters.documents.rules import breaches_of
from adapters.documents.shape import Part, Shape, shape_of
from adapters.documents.simple import Simple
from adapters.formats import Context, FormatRecord, Reading
from adapters.limits import Limits, read_all
from adapters.losses import Loss
from adapters.report import Complaint, ImportReport, Severity, SourceRow
from adapters.rules import Breach, shape_breaches
from adapters.seen import Seen
from adapters.sheets.cells import YES, read
from adapters.sheets.columns import NUMBER, Fields, SheetColumn, columns_of, needs_mark, sheet_profile
from adapters.sheets.losses import beside_records, sheet_losses
from adapters.tables.cells import CellFault
from adapters.tables.encoding import find_text
from adapters.tables.grid import csv_grids
from adapters.tables.layout import Layout, find_layout, refuse_wide_row
from schemas.documents import DocumentKind
from schemas.errors import DocumentRejected
from schemas.messages import MessageDraft
from schemas.model import Model

TWICE: Final = "sheets_value_twice"
UNNUMBERED: Final = "sheets_number_missing"


class SheetHead(Model):
    """What a table says of itself: which documents it holds, by the heading of its first number."""

    kind: str


def read_sheet(kind: DocumentKind, stream: BinaryIO, context: Context) -> Reading:
    """The records of a table of this kind. Raises DocumentRejected for a file that cannot be read as a whole."""
    limits = context.limits
    source = find_text(BytesIO(read_all(stream, limits)))
    layout = find_layout(csv_grids(source), sheet_profile(kind), limits)
    report = ImportReport(f"{kind.code}-table")
    for complaint in layout.complaints:
        report.complain(complaint)
    reading = Reading(report, head=SheetHead(kind=kind.code))
    for loss in beside_records(layout):
        report.losses.add(loss)
    reading.records = _records(kind, layout, limits, report)
    return reading


def _records(kind: DocumentKind, layout: Layout, limits: Limits, report: ImportReport) -> Iterator[FormatRecord]:
    seen = Seen()
    group: list[_Line] = []
    number = 0
    for line in _lines(kind, layout, limits, report):
        if () in line.said and group:
            number += 1
            yield _Record(kind, layout, number, limits, seen).read(group)
            group = []
        group.append(line)
        if number >= limits.max_records:
            raise DocumentRejected("document_too_many_records", limit=limits.max_records)
        if len(group) > limits.max_record_elements:
            raise DocumentRejected("record_too_many_rows", line=line.row.line, limit=limits.max_record_elements)
    if group:
        yield _Record(kind, layout, number + 1, limits, seen).read(group)


@dataclass(slots=True)
class _Line:
    """A row that says something: its cells by the path of their columns, and the beginnings of these paths."""

    row: SourceRow
    said: dict[Fields, str]
    above: set[Fields] = field(default_factory=set)


def _lines(kind: DocumentKind, layout: Layout, limits: Limits, report: ImportReport) -> Iterator[_Line]:
    paths = {column.field or NUMBER: column.path for column in columns_of(kind)}
    places = {at: paths[column.field] for at, column in layout.columns.items()}
    for row in layout.grid:
        if row.line <= layout.heading.line:
            continue
        refuse_wide_row(row, limits)
        said = {path: row.cells[at] for at, path in places.items() if at < len(row.cells) and row.cells[at].strip()}
        if said or row.faults or any(map(str.strip, row.cells)):
            yield _Line(row, said, {path[:n] for path in said for n in range(len(path) + 1)})
        else:
            report.losses.add(Loss("row_empty", "", row.line, None))


class _Record:
    """Reads the rows of one document."""

    def __init__(self, kind: DocumentKind, layout: Layout, number: int, limits: Limits, seen: Seen) -> None:
        self._kind, self._layout, self._number, self._limits, self._seen = kind, layout, number, limits, seen
        self._columns = {column.path: column for column in columns_of(kind)}
        self._given = {column.field for column in layout.columns.values()}
        self._found: list[Complaint] = []

    def read(self, lines: Sequence[_Line]) -> FormatRecord:
        first = lines[0].row.line
        if () not in lines[0].said:
            self._complain(UNNUMBERED, (), first)
        for line in lines:
            for code in line.row.faults.values():
                self._complain(code, None, line.row.line)
            if any(map(str.strip, line.row.cells[self._layout.width :])):
                self._complain("extra_columns", None, line.row.line)
        values = self._values(shape_of(self._kind.model), (), lines)
        value = None if self._has_errors else self._valid(values, first)
        kept = tuple(self._found[: self._limits.max_complaints])
        key = str(getattr(value, self._kind.key, "")) if self._kind.key else ""
        if self._has_errors or value is None:
            return FormatRecord(self._number, first, None, kept, key)
        losses = tuple(
            sheet_losses(self._kind, value, [(one.row, one.said) for one in lines], self._layout, self._number)
        )
        return FormatRecord(self._number, first, value, kept, key, losses)

    def _valid(self, values: dict[str, object], line: int) -> BaseModel | None:
        try:
            value = self._kind.model.model_validate(values)
        except ValidationError as error:
            self._take(shape_breaches(error), line)
            return None
        if isinstance(value, MessageDraft):  # judged, with its repeats, by who takes messages of any format
            return value
        self._take(breaches_of(value), line)
        if self._kind.key and self._seen.add(str(getattr(value, self._kind.key))):
            self._complain("record_repeated", (self._kind.key,), line)
        return value

    def _values(self, shape: Shape, path: Fields, lines: Sequence[_Line]) -> dict[str, object]:
        target: dict[str, object] = {}
        for part in shape.parts:
            inner = (*path, part.field)
            if isinstance(part.of, Simple):
                self._simple(target, part, inner, lines)
            elif part.many:
                if items := [self._values(part.of, inner, item) for item in self._items(inner, lines)]:
                    target[part.field] = items
            elif part.required or self._is_there(part, inner, lines):
                target[part.field] = self._values(part.of, inner, lines)
        return target

    def _is_there(self, part: Part, path: Fields, lines: Sequence[_Line]) -> bool:
        """A part is there if anything of it is, or if its own cell says so."""
        if any(len(said) > len(path) and said[: len(path)] == path for line in lines for said in line.said):
            return True
        return needs_mark(part) and any(line.said.get(path, "").strip().casefold() == YES for line in lines)

    def _items(self, path: Fields, lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
        starts = [at for at, line in enumerate(lines) if path in line.said]
        stray = next((line for line in lines[: starts[0] if starts else None] if path in line.above), None)
        if stray is not None:
            self._complain(UNNUMBERED, path, stray.row.line)
        for at, end in itertools.pairwise([*starts, len(lines)]):
            yield lines[at:end]

    def _simple(self, target: dict[str, object], part: Part, path: Fields, lines: Sequence[_Line]) -> None:
        assert isinstance(part.of, Simple)
        found = [text for line in lines if path in line.said and (text := self._cell(line, path, part.of))]
        if part.many:
            if found:
                target[part.field] = found
        elif len(found) > 1:
            self._complain(TWICE, path, lines[0].row.line)
        elif found:
            target[part.field] = found[0]
        elif part.nillable and ".".join(path) in self._given:
            target[part.field] = None

    def _cell(self, line: _Line, path: Fields, simple: Simple) -> str:
        raw = line.said[path]
        if len(raw) > self._limits.max_cell:
            self._complain("cell_too_long", path, line.row.line, limit=self._limits.max_cell)
            return ""
        try:
            text, notes = read(raw, simple)
        except CellFault as fault:
            self._complain(fault.code, path, line.row.line)
            return ""
        for note in notes:
            self._complain(note, path, line.row.line, severity=Severity.WARNING)
        return text

    @property
    def _has_errors(self) -> bool:
        return any(complaint.severity is Severity.ERROR for complaint in self._found)

    def _take(self, breaches: Iterator[Breach] | Sequence[Breach], line: int) -> None:
        for breach in breaches:
            path = tuple(step for step in breach.path if isinstance(step, str))
            while path and path not in self._columns:
                path = path[:-1]
            self._complain(breach.code, path, line, severity=breach.severity)

    def _complain(
        self, code: str, path: Fields | None, line: int, *, severity: Severity = Severity.ERROR, **params: int
    ) -> None:
        column: SheetColumn | None = self._columns.get(path) if path is not None else None
        place = "" if column is None else self._layout.heading_of(column.field or NUMBER) or column.heading
        self._found.append(Complaint(code, severity, place, line, self._number, params))
