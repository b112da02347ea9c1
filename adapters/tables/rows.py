"""One row of a register: which rows carry none, and the fields of one that does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from adapters.limits import Limits
from adapters.paths import get, put
from adapters.report import WHOLE_ROW, Complaint, Severity, SourceRow
from adapters.tables.cells import Absence, Cell, CellFault, clean
from adapters.tables.fields import ABSENT, NAME_PARTS, PERSON_PATHS, PHONE_PARTS
from adapters.tables.layout import Layout
from adapters.tables.profile import Column, PersonColumns, Profile, plain_heading
from adapters.tables.values import BOOLEAN, DATES, KINDS, Reading
from schemas.codes import KINSHIP

_TOTAL: Final = re.compile(r"^\s*(?:итого|всего)\b", re.IGNORECASE)
_NUMBERS: Final = 3


def skip_reason(row: SourceRow, layout: Layout) -> str | None:
    """Why the row carries no record: empty, hidden, numbers, total, repeated_heading; None when it carries one."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if not filled:
        return "empty"
    if row.hidden:
        return "hidden"
    if _TOTAL.match(filled[0]):
        return "total"
    if is_numbers(row):
        return "numbers"
    return "repeated_heading" if layout.repeats(row) else None


def is_numbers(row: SourceRow) -> bool:
    """Whether a row numbers the columns: 1, 2, 3…"""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    return len(filled) >= _NUMBERS and filled == [str(number) for number in range(1, len(filled) + 1)]


@dataclass(slots=True)
class RowValues:
    """What one row says: fields of the message, one child and one adult at most, and its complaints."""

    row: SourceRow
    message: dict[str, object] = field(default_factory=dict)
    persons: list[dict[str, object]] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)


class RowParser:
    """Reads rows by a layout and a profile. Keeps nothing between rows."""

    def __init__(self, layout: Layout, profile: Profile, limits: Limits) -> None:
        self._layout = layout
        self._profile = profile
        self._limits = limits
        self._at_large = Reading(profile.zone, profile.document_system)
        self._persons = {person.name for person in profile.persons}
        self._columns = sorted(layout.columns.items(), key=_systems_first)

    def parse(self, row: SourceRow) -> RowValues:
        """The fields of a row and the complaints about its cells."""
        values = RowValues(row)
        fields = self._fields(row, values)
        for person in self._profile.persons:
            self._person(person, fields, values)
        values.message = {name: value for name, value in fields.items() if name.partition(".")[0] not in self._persons}
        return values

    def complaint(self, code: str, name: str, line: int, severity: Severity = Severity.ERROR) -> Complaint:
        """A complaint about a field, at the sender's own heading or, where there is no column, at the profile's."""
        column = self._profile.by_field.get(name)
        place = self._layout.heading_of(name) or (column.heading if column else "")
        return Complaint(code, severity, place, line)

    def _fields(self, row: SourceRow, values: RowValues) -> dict[str, object]:
        fault = row.faults.get(WHOLE_ROW)
        if fault is None and any(map(str.strip, row.cells[self._layout.width :])):
            fault = "extra_columns"
        if fault is not None:
            values.complaints.append(Complaint(fault, Severity.ERROR, "", row.line))
            return {}
        fields: dict[str, object] = {}
        for position, column in self._columns:
            raw = row.cells[position] if position < len(row.cells) else ""
            if position in row.faults:
                values.complaints.append(self.complaint(row.faults[position], column.field, row.line))
            elif raw and not raw.isspace():
                self._read(raw, column, fields, values, is_date=position in row.dates)
        return fields

    def _read(
        self, raw: str, column: Column, fields: dict[str, object], values: RowValues, *, is_date: bool = False
    ) -> None:
        line = values.row.line
        if len(raw) > self._limits.max_cell:
            fault = self.complaint("cell_too_long", column.field, line)
            values.complaints.append(replace(fault, params={"limit": self._limits.max_cell}))
            return
        if is_date and column.kind not in DATES:  # «12-34» becomes a day of December
            values.complaints.append(self.complaint("date_in_cell", column.field, line))
            return
        try:
            cell = clean(raw, returned=self._layout.is_disarmed)
            if cell.absence is Absence.KNOWN and column.kind == BOOLEAN:
                cell = Cell(cell.mark)  # «нет» is an answer here
            text = column.values.get(plain_heading(cell.text), cell.text)
            found = KINDS[column.kind](text, self._reading(column, fields)) if text else None
        except CellFault as fault_found:
            values.complaints.append(self.complaint(fault_found.code, column.field, line))
            return
        if cell.absence is Absence.KNOWN:
            if column.field.partition(".")[2] in ABSENT and column.field.partition(".")[0] in self._persons:
                fields[column.field] = Absence.KNOWN
            else:
                values.complaints.append(self.complaint("absence_mark", column.field, line, Severity.WARNING))
        for note in (*cell.notes, *(found.notes if found else ())):
            values.complaints.append(self.complaint(note, column.field, line, Severity.WARNING))
        if found is not None:
            fields[column.field] = found.value

    def _reading(self, column: Column, fields: dict[str, object]) -> Reading:
        """A code means nothing without its system: the document's own column wins over the profile."""
        system = fields.get(f"{column.field.partition('.')[0]}.doc_system") if column.kind == "document_type" else None
        return replace(self._at_large, document_system=system) if isinstance(system, str) else self._at_large

    def _person(self, columns: PersonColumns, fields: dict[str, object], values: RowValues) -> None:
        person = columns.name
        own = {name.partition(".")[2]: value for name, value in fields.items() if name.startswith(f"{person}.")}
        if not own:
            return
        content: dict[str, object] = {"kind": columns.kind}
        if columns.role:
            content["role"] = columns.role
        absent = {name for name, value in own.items() if value is Absence.KNOWN}
        own = {name: value for name, value in own.items() if name not in absent}
        names = [str(own[part]) for part in NAME_PARTS if part in own]
        if names and "full_name" not in own:
            own["full_name"] = " ".join(names)
        for name, path in PERSON_PATHS.items():
            if name in own and name not in PHONE_PARTS:
                put(content, path, own[name])
        self._phones(person, own, content, values)
        self._absences(person, absent, content, values)
        self._document(person, content, values)
        if get(content, ("family", "kinship", "code")) is not None:
            put(content, ("family", "kinship", "system"), own.get("kinship_system", KINSHIP))
        elif "kinship_system" in own:
            values.complaints.append(self.complaint("kinship_incomplete", f"{person}.kinship", values.row.line))
        for address in ("address", "registered"):
            found = get(content, ("whereabouts", address))
            if found is not None and get(found, ("text",)) is None:
                values.complaints.append(self.complaint("address_incomplete", f"{person}.{address}", values.row.line))
        values.persons.append(content)

    def _absences(self, person: str, names: set[str], content: dict[str, object], values: RowValues) -> None:
        """«Нет» beside a value of the same thing is a contradiction; in several columns of one thing it is said once."""
        for name, (section, code) in ABSENT.items():
            if name not in names:
                continue
            if get(content, (section, code)) is not None:
                values.complaints.append(self.complaint("absence_contradicts", f"{person}.{name}", values.row.line))
                continue
            said = get(content, (section, "absent"))
            found = said if isinstance(said, tuple) else ()
            put(content, (section, "absent"), (*found, code) if code not in found else found)

    def _phones(self, person: str, own: dict[str, object], content: dict[str, object], values: RowValues) -> None:
        given = own.get("phone")
        if isinstance(given, tuple) and any(isinstance(part, dict) for part in given):
            put(content, ("contact", "phones"), list(given))
            return
        numbers, whose, when = (_list(own.get(part)) for part in PHONE_PARTS)
        if not (numbers or whose or when):
            return
        if any(notes and len(notes) != len(numbers) for notes in (whose, when)):
            values.complaints.append(self.complaint("phones_disagree", f"{person}.phone", values.row.line))
        elif not all(numbers):
            values.complaints.append(self.complaint("phone_number_missing", f"{person}.phone", values.row.line))
        else:
            blank = [""] * len(numbers)
            phones = [
                {"number": number, "whose": owner or None, "when": hours or None}
                for number, owner, hours in zip(numbers, whose or blank, when or blank, strict=True)
            ]
            put(content, ("contact", "phones"), phones)

    def _document(self, person: str, content: dict[str, object], values: RowValues) -> None:
        document = get(content, ("identifiers", "document"))
        if not isinstance(document, dict):
            return
        document.setdefault("system", self._profile.document_system)
        if "type" not in document or "number" not in document:
            missing = "doc_number" if "number" not in document else "doc_type"
            told = {complaint.place for complaint in values.complaints}
            complaint = self.complaint("document_incomplete", f"{person}.{missing}", values.row.line)
            if complaint.place not in told:  # a refused cell has said so itself
                values.complaints.append(complaint)


def _systems_first(item: tuple[int, Column]) -> tuple[bool, int]:
    position, column = item
    return column.kind != "document_system", position


def _list(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, tuple) else []


def has_errors(complaints: Iterable[Complaint]) -> bool:
    """Whether one of them keeps the record out."""
    return any(complaint.severity is Severity.ERROR for complaint in complaints)
