"""What a row of open data says and the directory does not, or not as the writer would write it; and what that says where
the row is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.directory_records import DirectoryReading
from adapters.losses import Loss
from adapters.opendata.columns import OpenColumn, open_columns
from adapters.opendata.writer import cell_of
from adapters.report import SourceRow
from adapters.tables.cells import Absence, CellFault, clean, guard, split_values
from adapters.tables.grid import CsvGrid
from adapters.xml.guard import shown
from schemas.directory import DirectoryOrganisation, Service

_ZONE: Final = "service.hours.zone"
_DAYS: Final = frozenset({"service.stated_on", "service.assured_on"})


@dataclass(slots=True)
class Heading:
    """The headings of a table: columns by their positions, None for those that nobody knows."""

    file: str
    row: SourceRow
    columns: Sequence[OpenColumn | None]
    grid: CsvGrid
    own_at: int | None = None

    def place(self, position: int) -> str:
        """What the sender calls a column; its number where it has no heading."""
        name = self.row.cells[position].strip() if position < len(self.row.cells) else ""
        return f"{self.file}: {shown(name) or position + 1}"

    def left_out(self, position: int) -> str:
        """Why a column that no field has is not taken."""
        if position == self.own_at:
            return "column_own"
        has_name = position < len(self.row.cells) and self.row.cells[position].strip()
        return "unknown_column" if has_name else "column_unheaded"


@dataclass(slots=True)
class RowRead:
    """A row with the identifiers and numbers of its records. `tells` says whether the organisation was made of this row."""

    row: SourceRow
    organisation_id: str
    organisation: int
    tells: bool
    service_id: str = ""
    service: int | None = None


@dataclass(slots=True)
class RowLosses:
    """Asked once all rows are read."""

    reading: DirectoryReading
    heading: Heading
    rows: list[RowRead] = field(default_factory=list)

    def list_all(self) -> None:
        """The losses of every row whose records were taken: what is said of the organisation a second time belongs to the
        service beside it."""
        for one in self.rows:
            service = self.reading.services.get(one.service_id) if one.service else None
            if service is not None and self.reading.number_of(service.id) != one.service:
                service = None
            organisation = self.reading.organisations.get(one.organisation_id)
            if organisation is None or (one.service and service is None and not one.tells):
                continue
            of_row = one.service or one.organisation
            of_organisation = one.organisation if one.tells else of_row
            for owner, value, number in (
                ("organisation", organisation, of_organisation),
                ("service", service, of_row),
            ):
                if value is not None:
                    self.reading.lost(number, *self._of(one, owner, value, number))
            if not one.service or service is not None:
                self.reading.lost(of_row, *self._unknown(one, of_row))

    def _unknown(self, one: RowRead, number: int) -> Iterator[Loss]:
        for position, raw in enumerate(one.row.cells):
            known = self.heading.columns[position] if position < len(self.heading.columns) else None
            if known is None and raw.strip():
                yield Loss(self.heading.left_out(position), self.heading.place(position), one.row.line, number)

    def _of(self, one: RowRead, owner: str, value: DirectoryOrganisation | Service, number: int) -> Iterator[Loss]:
        silent = {column.field: column for column in open_columns() if column.field.startswith(f"{owner}.")}
        for position, column in enumerate(self.heading.columns):
            if column is None or not column.field.startswith(f"{owner}."):
                continue
            raw = one.row.cells[position] if position < len(one.row.cells) else ""
            if raw.strip():
                silent.pop(column.field, None)
                expected = cell_of(value, column.field.partition(".")[2])
                for code in _differences(column, raw, expected):
                    yield Loss(code, self.heading.place(position), one.row.line, number)
        if owner == "service" or one.tells:
            for field_name, column in silent.items():
                if cell_of(value, field_name.partition(".")[2]):
                    yield Loss(_default(field_name), f"{self.heading.file}: {column.heading_ru}", one.row.line, number)


def _default(name: str) -> str:
    if name.endswith(".id"):
        return "identifier_derived"
    return "zone_assumed" if name == _ZONE else "from_class"


def _differences(column: OpenColumn, raw: str, expected: str) -> Iterator[str]:
    if raw in {expected, guard(expected)}:
        return
    try:
        cell = clean(raw, returned=True)
    except CellFault:  # a record that was taken has none
        yield "value_dropped"
        return
    if raw != raw.strip():
        yield "spaces"
    if cell.absence is not None:
        yield "absence_mark" if cell.absence is Absence.KNOWN else "unknown_mark"
        return
    if cell.text == expected:
        if raw.strip() != expected:
            yield "control_characters" if "control_characters" in cell.notes else "quoting"
        return
    yield _rule(column, cell.text, expected)


def _rule(column: OpenColumn, text: str, expected: str) -> str:
    if not expected or len(split_values(expected)) < len(split_values(text)):
        return "value_dropped"
    if column.field in _DAYS:
        return "date_spelling"
    if text.casefold() == expected.casefold():
        return "letter_case"
    if " ".join(text.split()) == expected:
        return "spaces"
    is_number = any(map(str.isdigit, expected)) and not any(map(str.isalpha, expected))
    return "number_spelling" if is_number else "value_respelt"
