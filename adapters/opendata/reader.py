"""A set of open data in: an archive or the files of a folder with a passport, or the table alone. Of several tables the
newest is read. Headings may be Latin or Russian, the delimiter a comma, a semicolon or a tab, the encoding cp1251 too.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from adapters.archives import is_zip, unpack
from adapters.directory_records import DirectoryReading, Source, Where
from adapters.hsds.profile import derived_id
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.losses import Loss
from adapters.opendata.columns import OpenColumn, columns_by_heading, known_heading, open_columns
from adapters.opendata.hours import read_exceptions, read_week
from adapters.opendata.losses import Heading, RowLosses, RowRead
from adapters.opendata.rejects import packed, returned
from adapters.opendata.values import values_of
from adapters.report import ImportReport, Skipped, SourceRow
from adapters.tables.cells import CellFault, clean
from adapters.tables.encoding import find_text
from adapters.tables.grid import CsvGrid
from adapters.tables.rejects import OWN_HEADING
from adapters.tables.text_file import TextFile
from adapters.xml.guard import shown
from schemas.codes import find_code
from schemas.directory import SERVICE_KINDS
from schemas.errors import DocumentRejected

FORMAT: Final = "opendata"
_DATA: Final = re.compile(r"^data-(\d{4}-?\d\d-?\d\d|\d{8})(?:T?\d{2,6})?(?:-structure.*)?\.csv$", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"^(19|20)\d{6}$")
_LEAST_KNOWN: Final = 2
_TOTAL: Final = re.compile(r"(?:итого|всего|итог)\b", re.IGNORECASE)


def read_set(content: bytes | Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> DirectoryReading:
    """The directory of a set. Raises DocumentRejected for a file as a whole."""
    if isinstance(content, bytes):
        files: Mapping[str, bytes] = unpack(content, limits) if is_zip(content) else {"data.csv": content}
        if len(content) > limits.max_bytes:
            raise too_large(limits)
    else:
        files = content
        if sum(map(len, files.values())) > limits.max_unpacked:
            raise too_large(limits)
    name = newest_table(files)
    reading = _Reader(find_text(io.BytesIO(files[name])), name, limits).read()
    for other in files.keys() - {name}:
        reading.report.losses.add(Loss("file_not_read", shown(other)))
    if not isinstance(content, bytes) or is_zip(content):
        reading.rejects = functools.partial(packed, name, reading.rejects)
    return reading


def newest_table(files: Mapping[str, bytes]) -> str:
    """The name of the table to read. Raises DocumentRejected (opendata_no_table)."""
    dated = sorted((_stamp(found[1]), name) for name in files if (found := _DATA.match(name)))
    if dated:
        return dated[-1][1]
    tables = [name for name in files if name.lower().endswith(".csv") and not name.lower().startswith(_NOT_TABLES)]
    if len(tables) != 1:
        raise DocumentRejected("opendata_no_table")
    return tables[0]


_NOT_TABLES: Final = ("meta", "structure", "list")


def _stamp(text: str) -> str:
    """A day as YYYYMMDD; some sets write it with the year last."""
    digits = text.replace("-", "")
    return digits if _YEAR_FIRST.match(digits) else digits[4:] + digits[2:4] + digits[:2]


class _Reader:
    def __init__(self, source: TextFile, file: str, limits: Limits) -> None:
        self._file = file
        self._source = source
        self._reading = DirectoryReading(ImportReport(FORMAT), limits, is_compared=True)
        self._columns: list[OpenColumn | None] = []
        self._organisations: dict[tuple[str, ...], tuple[str, int]] = {}
        self._own_at: int | None = None
        self._delimiter = ","

    def read(self) -> DirectoryReading:
        rows = self._rows()
        first = next(rows, SourceRow(1, ()))
        self._heading(first)
        grid = CsvGrid(self._source, self._delimiter)
        losses = RowLosses(self._reading, Heading(self._file, first, self._columns, grid, self._own_at))
        for row in rows:
            if reason := self._passed_over(row.cells, first.cells):
                self._reading.report.skip(Skipped(row.line, reason))
            else:
                losses.rows += self._row(row)
        losses.list_all()
        self._reading.rejects = functools.partial(returned, losses.heading)
        return self._reading

    def _passed_over(self, cells: Sequence[str], heading: Sequence[str]) -> str:
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            return "empty"
        if _TOTAL.match(filled[0]) and len(filled) <= _LEAST_KNOWN:
            return "total"
        return "repeated_heading" if list(cells) == list(heading) else ""

    def _rows(self) -> Iterator[SourceRow]:
        text = "".join(self._source.lines())
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not first:
            raise DocumentRejected("document_empty")
        self._delimiter = max(",;\t", key=first.count)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter)
        before = 0
        try:
            for cells in lines:
                line, before = before + 1, lines.line_num
                yield SourceRow(line, tuple(cells))
        except csv.Error:
            self._reading.complain("hsds_file_unreadable", Source(self._file, before + 1))

    def _heading(self, row: SourceRow) -> None:
        cells = row.cells
        if len(cells) > self._reading.limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=1, limit=self._reading.limits.max_columns)
        known = columns_by_heading()
        self._columns = [known.get(known_heading(cell)) for cell in cells]
        if len([column for column in self._columns if column]) < _LEAST_KNOWN:
            raise DocumentRejected("opendata_heading_unknown")
        for at, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
            if column is None and cell.strip() == OWN_HEADING and self._own_at is None:
                self._own_at = at
            elif column is None and cell.strip():
                self._reading.report.dropped_columns.append(cell.strip())
                self._reading.report.losses.add(
                    Loss("unknown_column", f"{self._file}: {shown(cell.strip())}", row.line)
                )

    def _row(self, row: SourceRow) -> Iterator[RowRead]:
        """What the row became; nothing where it is refused before anybody knows whose it is."""
        line, cells = row.line, row.cells
        if len(cells) > len(self._columns):
            self._reading.complain("extra_columns", Source(self._file, line), warning=True)
        texts, faults = self._cells(cells)
        given = {name: text for name, text in texts.items() if text}
        # A cell that says nothing (a formula, an error of Excel) may have held an age: the record stays out.
        if any(field.startswith("organisation.") for field, _ in faults):
            self._refuse(row, faults)
            return
        before = self._reading.report.records
        organisation_id, number = self._organisation(given, row)
        found = RowRead(row, organisation_id, number, tells=self._reading.report.records > before)
        if faults:
            self._refuse(row, faults)
            found.service = self._reading.report.records
        elif any(name.startswith("service.") for name in given):
            self._begin(row)
            found.service = self._reading.report.records
            found.service_id = self._service(given, organisation_id, line)
        yield found

    def _begin(self, row: SourceRow) -> None:
        self._reading.begin()
        self._reading.rows[self._reading.report.records] = (row,)

    def _cells(self, cells: Sequence[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
        texts: dict[str, str] = {}
        faults: list[tuple[str, str]] = []
        for cell, column in zip(cells, self._columns, strict=False):
            if column is None:
                continue
            if len(cell) > self._reading.limits.max_cell:
                faults.append((column.field, "value_too_long"))
                continue
            try:
                text = clean(cell, returned=self._own_at is not None).text
                texts[column.field] = text or texts.get(column.field, "")
            except CellFault as fault:
                faults.append((column.field, fault.code))
        return texts, faults

    def _refuse(self, row: SourceRow, faults: list[tuple[str, str]]) -> None:
        self._begin(row)
        for field, code in faults:
            self._reading.complain(code, self._at(field, row.line))

    def _at(self, field: str, line: int) -> Source:
        heading = next((column.heading_ru for column in open_columns() if column.field == field), field)
        return Source(f"{self._file}: {heading}", line)

    def _where(self, owner: str, line: int) -> Where:
        def where(path: tuple[str | int, ...]) -> Source:
            names = [str(part) for part in path if isinstance(part, str)]
            for field in (".".join([owner, *names]), f"{owner}.{names[0]}" if names else owner):
                for column in open_columns():
                    if column.field == field or column.field.startswith(field + "."):
                        return self._at(column.field, line)
            return Source(self._file, line)

        return where

    def _organisation(self, given: dict[str, str], row: SourceRow) -> tuple[str, int]:
        """The organisation of a row and its number: told once, found again by what the row says of it."""
        values = values_of(given, "organisation")
        said = tuple(f"{name}={given[name]}" for name in sorted(given) if name.startswith("organisation."))
        key = (str(values["id"]).lower(),) if "id" in values else said
        if key in self._organisations:
            return self._organisations[key]
        values.setdefault("id", derived_id("organisation", values.get("ogrn", ""), values.get("name", "")))
        values.setdefault("kind", "other")
        place = {name: value for name, value in values.pop("place", {}).items() if value is not None}
        if place:
            values["place"] = place
        self._begin(row)
        self._organisations[key] = str(values["id"]).lower(), self._reading.report.records
        self._reading.organisation(values, self._where("organisation", row.line))
        return self._organisations[key]

    def _service(self, given: dict[str, str], organisation_id: str, line: int) -> str:
        """Its identifier."""
        values = values_of(given, "service")
        values["organisation_id"] = organisation_id
        values.setdefault("id", derived_id("service", organisation_id, values.get("name", "")))
        given_kinds = values.get("kinds", ())
        values["kinds"] = tuple(code for code in given_kinds if find_code(SERVICE_KINDS, code))
        if len(values["kinds"]) < max(len(given_kinds), 1):
            self._reading.complain("directory_kind_unknown", self._at("service.kinds", line), warning=True)
        values["kinds"] = values["kinds"] or ("other",)
        hours = self._hours(given, line)
        if hours:
            values["hours"] = hours
        self._reading.service(values, self._where("service", line))
        return str(values["id"]).lower()

    def _hours(self, given: dict[str, str], line: int) -> dict[str, Any]:
        try:
            days = read_week(given.get("service.hours", ""))
            exceptions = read_exceptions(given.get("service.hours.exceptions", ""))
        except ValueError:
            self._reading.complain("opendata_hours_unreadable", self._at("service.hours", line), warning=True)
            return {}
        if not days and not exceptions:
            return {}
        return {
            "days": days,
            "exceptions": exceptions,
            "zone": given.get("service.hours.zone") or "Europe/Moscow",
        }
