"""What a table says and its record does not, or not to the letter: found by looking at the sender's own cells again.

Most cells are taken as they are, and that is seen without reading them. Only the others are read a second time, for the rule of
the loss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from adapters.losses import COMPLAINTS, Loss
from adapters.report import SourceRow
from adapters.tables.cells import Absence, CellFault, clean, is_absence_mark, split_values
from adapters.tables.dates import has_zone
from adapters.tables.fields import ABSENT
from adapters.tables.layout import Layout
from adapters.tables.profile import Column, Profile, plain_heading
from adapters.tables.values import BOOLEAN, KINDS, Reading
from adapters.texts import squeeze
from schemas.signs import DIRECTIONS, INVISIBLE, unseen_in, visible

_NOT_PLAIN: Final = re.compile(f"^['=@+#\\s]|\\s$|[\x00-\x1f\x7f{INVISIBLE}{DIRECTIONS}]")
_TEXTS: Final = frozenset({"text", "line"})
_NAMES: Final = frozenset({"name", "person_name"})
_NUMBERS: Final = frozenset({"number", "numbers", "snils", "ogrn", "inn", "oktmo", "clock"})
_DATES: Final = frozenset({"date", "partial_date", "instant"})
_RUSSIAN_DATE: Final = re.compile(r"\d{2}\.\d{2}\.\d{4}", re.ASCII)
_SNILS: Final = re.compile(r"\d{3}-\d{3}-\d{3} \d{2}", re.ASCII)


class CellLosses:
    """Looks at the cells of one table."""

    def __init__(self, layout: Layout, profile: Profile) -> None:
        self._layout = layout
        self._at_large = Reading(profile.zone, profile.document_system)
        self._persons = {person.name for person in profile.persons}
        self._dropped = dict(_dropped_columns(layout, profile))

    def of_file(self) -> Iterator[Loss]:
        """Columns and sheets that are not taken, each once; what stands in a column comes with its rows."""
        line = self._layout.heading.line
        for position, code in self._dropped.items():
            if position in self._layout.names:
                yield Loss(code, self._layout.names[position], line)
        for complaint in self._layout.grid.complaints:
            if complaint.code == "sheet_hidden":
                yield Loss("sheet_hidden", str(complaint.params["sheet"]))
        for number in getattr(self._layout.grid, "passed_over", ()):
            yield Loss("sheet_not_read", str(number))
        for aside in getattr(self._layout.grid, "asides", ()):
            place = self.place(aside.column) if aside.column is not None else ""
            yield Loss(aside.code, place, None if aside.row is None else aside.row + 1, None, aside.times)

    def of_row(self, row: SourceRow, record: int) -> Iterator[Loss]:
        """The losses of one row's cells."""
        columns = self._layout.columns
        for position, code in (row.looks or {}).items():
            yield Loss(code, self.place(position), row.line, record)
        for position in row.faults:  # of a column that nobody reads, and with nothing that the other losses would see
            if position not in columns and not (position < len(row.cells) and row.cells[position].strip()):
                yield Loss(self._dropped.get(position, "column_unheaded"), self.place(position), row.line, record)
        for position, raw in enumerate(row.cells):
            if not raw or raw.isspace():
                continue
            column = columns.get(position)
            if column is None:
                yield Loss(self.unread(position), self.place(position), row.line, record)
                continue
            if _is_literal(raw, column):
                continue
            for code in self._codes(raw, column, row, is_date=position in row.dates):
                yield Loss(code, self.place(position), row.line, record)

    def unread(self, position: int) -> str:
        """Why nothing of a column is taken."""
        if position == self._layout.own_at:
            return "column_own"
        return self._dropped.get(position, "column_unheaded")

    def place(self, position: int) -> str:
        """What the sender calls the column; its number where it has no heading."""
        return self._layout.names.get(position, str(position + 1))

    def _codes(self, raw: str, column: Column, row: SourceRow, *, is_date: bool) -> Iterator[str]:
        if is_date:  # a workbook holds a day and not its spelling
            yield from ("date_spelling",) if column.kind in _TEXTS else ()
            yield from ("zone_assumed",) if column.kind == "instant" else ()
            return
        if column.kind in _DATES - {"instant"} and _RUSSIAN_DATE.fullmatch(raw):
            yield "date_spelling"
            return
        if column.kind == "snils" and _SNILS.fullmatch(raw):
            yield "number_spelling"
            return
        try:
            yield from dict.fromkeys(self._read_again(raw, column, row))
        except CellFault:  # a good record has none; whoever keeps its row all the same did not take this cell
            yield "value_dropped"

    def _read_again(self, raw: str, column: Column, row: SourceRow) -> Iterator[str]:
        yield from unseen_in(raw)
        stripped = visible(raw).strip()
        if stripped != visible(raw):
            yield "spaces"
        if stripped[:1] == "'" or stripped[:2] == '="':
            yield "quoting"
        cell = clean(raw, returned=self._layout.is_disarmed)
        if cell.absence is Absence.KNOWN:
            yield self._absence(column)
            return
        yield from (COMPLAINTS[note] for note in cell.notes if note in COMPLAINTS)
        meant = column.values.get(plain_heading(cell.text), cell.text)
        if meant != cell.text:
            yield "code_translated"
        if not meant:
            return
        found = KINDS[column.kind](meant, self._reading(column, row))
        yield from (COMPLAINTS[note] for note in found.notes if note in COMPLAINTS)
        yield from _differences(column.kind, meant, found.value)

    def _absence(self, column: Column) -> str:
        if column.kind == BOOLEAN:
            return "code_translated"
        person, _, name = column.field.partition(".")
        return "absence_recorded" if name in ABSENT and person in self._persons else "absence_mark"

    def _reading(self, column: Column, row: SourceRow) -> Reading:
        if column.kind != "document_type":
            return self._at_large
        person = column.field.partition(".")[0]
        for position, other in self._layout.columns.items():
            if other.field == f"{person}.doc_system" and position < len(row.cells) and row.cells[position].strip():
                said = clean(row.cells[position]).text
                found = KINDS[other.kind](other.values.get(plain_heading(said), said), self._at_large)
                return Reading(self._at_large.zone, str(found.value))
        return self._at_large


def _dropped_columns(layout: Layout, profile: Profile) -> Iterator[tuple[int, str]]:
    told = {complaint.place: complaint.code for complaint in layout.complaints}
    for position, name in layout.names.items():
        if position in layout.columns or position == layout.own_at:
            continue
        code = told.get(name, "unknown_column")
        if layout.grid.hides(position):
            code = "column_hidden" if profile.find(name) or profile.find_lookalike(name) else code
        yield position, code if code in _COLUMNS else "unknown_column"


_COLUMNS: Final = frozenset({"unknown_column", "column_not_kept", "column_hidden"})


def _is_literal(raw: str, column: Column) -> bool:
    """Whether the cell is taken as it stands; False where that takes a second look."""
    if column.values or _NOT_PLAIN.search(raw):
        return False
    if column.kind in _TEXTS:
        return not is_absence_mark(raw)
    if column.kind in _NAMES:
        return not is_absence_mark(raw) and squeeze(raw) == raw
    return column.kind in {"snils", "ogrn"} and raw.isdecimal() and raw.isascii() and len(raw) in _WHOLE[column.kind]


_WHOLE: Final[Mapping[str, tuple[int, ...]]] = {"snils": (11,), "ogrn": (13, 15)}


def _differences(kind: str, text: str, value: object) -> Iterator[str]:
    """How a value differs from the text of its cell."""
    if isinstance(value, tuple):
        yield from _several(kind, text, value)
    elif isinstance(value, bool):
        if text != ("true" if value else "false"):
            yield "code_translated"
    elif isinstance(value, datetime):
        if text != value.isoformat():
            yield "date_spelling"
        if not has_zone(text):
            yield "zone_assumed"
    elif isinstance(value, date):
        if text != value.isoformat():
            yield "date_spelling"
    elif value != text:
        yield _respelt(kind, text, str(value))


def _several(kind: str, text: str, values: tuple[object, ...]) -> Iterator[str]:
    if kind == "phones":
        if [text] != [one["number"] for one in values if isinstance(one, dict)]:
            yield "values_parted"
        return
    if len(values) != 1 or values[0] != text:
        parts = split_values(text)
        if len(values) > 1 or len(parts) > 1 or parts[0] != text:
            yield "values_parted"
        if list(values) != parts:
            yield _respelt(kind, text, "")


def _respelt(kind: str, text: str, value: str) -> str:
    if kind in _DATES:
        return "date_spelling"
    if value and squeeze(text) == value:
        return "spaces"
    if kind in _NUMBERS:
        return "number_spelling"
    if kind in {"uuid", "document_system", "kinship_system"}:
        return "letter_case"
    return "value_respelt" if kind in _TEXTS | _NAMES | {"texts"} else "code_translated"
