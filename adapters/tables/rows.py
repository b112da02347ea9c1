"""One row of a register: which rows carry none, and the fields of one that does."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.limits import Limits
from adapters.report import WHOLE_ROW, Complaint, Severity, SourceRow
from adapters.tables.as_they_stood import DELIMITERS, OTHER_DELIMITER
from adapters.tables.cells import Absence, Cell, CellFault, clean, plain
from adapters.tables.fields import ABSENT
from adapters.tables.layout import Layout, filled_cells
from adapters.tables.persons import person_of
from adapters.tables.profile import Column, Profile, plain_heading
from adapters.tables.quotes import NOT_CLOSED
from adapters.tables.values import BOOLEAN, DATES, DOCUMENT_SYSTEM, DOCUMENT_TYPE, READERS, REMEMBERED, Reading

_TOTAL: Final = re.compile(r"^\s*(?:итого|всего)\b", re.IGNORECASE)
_NUMBERS: Final = 3
STRUCK: Final = "struck_out"
WARNED: Final = frozenset({STRUCK, "cell_hidden"})
"""Looks of a cell that say that it, or a part of it, is not taken."""
TELLS_APART: Final = frozenset({"case_ref", "group", "operation_id", "name", "ogrn", "inn"})
"""Fields that say whose a row is: without a struck one it would seem to be that of the row above."""
_REMEMBERED_AT_MOST, _REMEMBERED_LENGTH = 1_000, 100  # so that no file fills the memory with cells


def skip_reason(row: SourceRow, layout: Layout) -> str | None:
    """Why the row carries no record: empty, hidden, struck, numbers, total, repeated_heading; None when it carries one."""
    filled = filled_cells(row)
    if not filled:
        return "struck" if row.looks and STRUCK in row.looks.values() else "empty"
    if row.hidden:
        return "hidden"
    if row.faults.get(WHOLE_ROW) == NOT_CLOSED:  # whatever it begins with, rows may stand in its quotes
        return None
    if _TOTAL.match(filled[0]):
        return "total"
    if _are_numbers(filled):
        return "numbers"
    return "repeated_heading" if layout.repeats(row, filled) else None


def is_numbers(row: SourceRow) -> bool:
    """Whether a row numbers the columns: 1, 2, 3…"""
    return _are_numbers(filled_cells(row))


def _are_numbers(filled: Sequence[str]) -> bool:
    if len(filled) < _NUMBERS or filled[0] != "1":
        return False
    return filled == [str(number) for number in range(1, len(filled) + 1)]


@dataclass(slots=True)
class RowValues:
    """What one row says: fields of the message, one child and one adult at most, and its complaints. `damaged`: it is wrong as
    a whole, so that nothing of it is known. `unseen`: it is hidden."""

    row: SourceRow
    message: dict[str, object] = field(default_factory=dict)
    persons: list[dict[str, object]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    damaged: bool = False
    unseen: bool = False


class _Place:
    """Where the cells of a column go: to the record (`owner` 0) or to one of its persons, under which name. `is_plain`
    where a text is read by its kind alone; `known` are values that were read before, by their cells."""

    __slots__ = ("column", "is_plain", "known", "name", "of_person", "owner", "position", "read", "remembers")

    def __init__(self, position: int, column: Column, persons: Sequence[str]) -> None:
        owner, _, inner = column.field.partition(".")
        self.position, self.column = position, column
        self.of_person = owner in persons
        self.owner = persons.index(owner) + 1 if self.of_person else 0
        self.name = inner if self.of_person else column.field
        self.read = READERS[column.kind]
        self.is_plain = not column.values and column.kind != DOCUMENT_TYPE
        self.remembers = column.kind in REMEMBERED
        self.known: dict[str, object] = {}

    def remember(self, raw: str, value: object) -> None:
        """Keeps a value of a kind that comes again, for the next cell like this one."""
        if len(raw) <= _REMEMBERED_LENGTH and len(self.known) < _REMEMBERED_AT_MOST:
            self.known[raw] = value


_Said = Sequence[dict[str, object]]
"""What the cells of a row say, by name: of the record, then of each of its persons."""


class RowParser:
    """Reads rows by a layout and a profile. Of what it read it keeps the values of `REMEMBERED` kinds, a few of each."""

    def __init__(self, layout: Layout, profile: Profile, limits: Limits) -> None:
        self._layout = layout
        self._profile = profile
        self._limits = limits
        self._width = layout.width
        self._reading = Reading(profile.zone, profile.document_system)
        persons = [person.name for person in profile.persons]
        places = [_Place(position, column, persons) for position, column in layout.columns.items()]
        self._places = sorted(places, key=_systems_first)
        self._systems = [place for place in self._places if place.column.kind == DOCUMENT_SYSTEM]
        rest = {place.position: place for place in self._places if place.column.kind != DOCUMENT_SYSTEM}
        self._by_position = [rest.get(position) for position in range(self._width)]

    def parse(self, row: SourceRow) -> RowValues:
        """The fields of a row and the complaints about its cells."""
        values = RowValues(row)
        said: _Said = [values.message, *({} for _ in self._profile.persons)]
        fault = row.faults.get(WHOLE_ROW)
        if fault is None and len(row.cells) > self._width and self._layout.has_more(row):
            fault = "extra_columns"
        if fault is not None:
            values.damaged = True
            values.complaints.append(Complaint(fault, Severity.ERROR, "", row.line))
        elif row.faults or row.dates or row.looks:
            self._odd_cells(row, said, values)
        else:
            self._cells(row.cells, said, values)
        for columns, own in zip(self._profile.persons, said[1:], strict=True):
            if own:
                complain = functools.partial(self._complain, values)
                values.persons.append(person_of(columns, own, self._profile.document_system, complain))
        return values

    def still_says(self, row: SourceRow, name: str) -> str:
        """What can be read of a field in a row that is wrong as a whole; "" where nothing can, or it cannot be told apart."""
        at = next((at for at, column in self._layout.columns.items() if column.field == name), None)
        cells: Sequence[str] = row.cells
        if row.faults.get(WHOLE_ROW) == OTHER_DELIMITER:
            cells = max((row.cells[0].split(delimiter) for delimiter in DELIMITERS), key=len)
        said = cells[at].strip().strip('"') if at is not None and at < len(cells) else ""
        return "" if any(delimiter in said for delimiter in DELIMITERS) else said

    def complaint(self, code: str, name: str, line: int, severity: Severity = Severity.ERROR) -> Complaint:
        """A complaint about a field, at the sender's own heading or, where there is no column, at the profile's."""
        column = self._profile.by_field.get(name)
        place = self._layout.heading_of(name) or (column.heading if column else "")
        return Complaint(code, severity, place, line)

    def _cells(self, cells: Sequence[str], said: _Said, values: RowValues) -> None:
        for system in self._systems:
            if system.position < len(cells):
                self._cell(system, cells[system.position], said, values)
        reading, max_cell = self._reading, self._limits.max_cell
        for place, raw in zip(itertools.compress(self._by_position, cells), filter(None, cells), strict=False):
            if place is None:
                continue
            if (known := place.known.get(raw)) is not None:
                said[place.owner][place.name] = known
            elif place.is_plain and len(raw) <= max_cell and (text := plain(raw)):
                try:
                    value, notes = place.read(text, reading)
                except CellFault as fault:
                    values.complaints.append(self.complaint(fault.code, place.column.field, values.row.line))
                    continue
                said[place.owner][place.name] = value
                if notes:
                    self._warn(notes, place, values)
                elif place.remembers:
                    place.remember(raw, value)
            else:
                self._cell(place, raw, said, values)

    def _odd_cells(self, row: SourceRow, said: _Said, values: RowValues) -> None:
        """Cells of a workbook some of which are broken or hold dates."""
        looks = row.looks or {}
        for place in self._places:
            position = place.position
            raw = row.cells[position] if position < len(row.cells) else ""
            if looks.get(position) in WARNED:
                is_error = place.column.field in TELLS_APART and not raw
                severity = Severity.ERROR if is_error else Severity.WARNING
                values.complaints.append(self.complaint(looks[position], place.column.field, row.line, severity))
            if position in row.faults:
                values.complaints.append(self.complaint(row.faults[position], place.column.field, row.line))
            elif position in row.dates and place.column.kind not in DATES and len(raw) <= self._limits.max_cell:
                if raw and not raw.isspace():  # «12-34» becomes a day of December
                    values.complaints.append(self.complaint("date_in_cell", place.column.field, row.line))
            elif raw:
                self._cell(place, raw, said, values)

    def _cell(self, place: _Place, raw: str, said: _Said, values: RowValues) -> None:
        """A cell of any kind, whatever a spreadsheet did to it."""
        if not raw or raw.isspace():
            return
        column, line = place.column, values.row.line
        if len(raw) > self._limits.max_cell:
            fault = self.complaint("cell_too_long", column.field, line)
            values.complaints.append(replace(fault, params={"limit": self._limits.max_cell}))
            return
        try:
            cell = clean(raw, returned=self._layout.is_disarmed)
            if cell.absence is Absence.KNOWN and column.kind == BOOLEAN:
                cell = Cell(cell.mark)  # «нет» is an answer here
            text = column.values.get(plain_heading(cell.text), cell.text) if column.values else cell.text
            value, notes = place.read(text, self._reading_for(place, said)) if text else (None, ())
        except CellFault as fault_found:
            values.complaints.append(self.complaint(fault_found.code, column.field, line))
            return
        if cell.absence is Absence.KNOWN:
            if place.of_person and place.name in ABSENT:
                said[place.owner][place.name] = Absence.KNOWN
            else:
                self._warn(("absence_mark",), place, values)
        self._warn((*cell.notes, *notes), place, values)
        if text:
            said[place.owner][place.name] = value

    def _warn(self, notes: Iterable[str], place: _Place, values: RowValues) -> None:
        for note in notes:
            values.complaints.append(self.complaint(note, place.column.field, values.row.line, Severity.WARNING))

    def _reading_for(self, place: _Place, said: _Said) -> Reading:
        """A code means nothing without its system: the document's own column wins over the profile."""
        if place.column.kind != DOCUMENT_TYPE:
            return self._reading
        system = said[place.owner].get("doc_system")
        return replace(self._reading, document_system=system) if isinstance(system, str) else self._reading

    def _complain(self, values: RowValues, code: str, field: str) -> None:
        complaint = self.complaint(code, field, values.row.line)
        told = code == "document_incomplete" and any(one.place == complaint.place for one in values.complaints)
        if not told:  # a refused cell has said so itself
            values.complaints.append(complaint)


def _systems_first(place: _Place) -> tuple[bool, int]:
    return place.column.kind != DOCUMENT_SYSTEM, place.position


def has_errors(complaints: Sequence[Complaint]) -> bool:
    """Whether one of them keeps the record out."""
    return bool(complaints) and any(complaint.severity is Severity.ERROR for complaint in complaints)
