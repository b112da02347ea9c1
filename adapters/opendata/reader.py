"""A set of open data in: an archive or the files of a folder with a passport, or the table alone. Of several tables the
newest is read. Headings may be Latin or Russian, the delimiter a comma, a semicolon or a tab, the encoding cp1251 too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.archives import is_zip, unpack
from adapters.directory_records import DirectoryReading, Source, Where
from adapters.hsds.profile import derived_id
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.opendata.columns import OpenColumn, columns_by_heading, known_heading, open_columns
from adapters.opendata.hours import read_exceptions, read_week
from adapters.report import ImportReport
from adapters.tables.cells import CellFault, clean, split_values
from adapters.tables.dates import parse_date
from adapters.tables.encoding import decode
from schemas.codes import find_code, recognise
from schemas.directory import (
    APPLY_WAYS,
    AUDIENCES,
    FEES,
    ORGANISATION_KINDS,
    SERVICE_FORMS,
    SERVICE_KINDS,
    SERVICE_STATUSES,
)
from schemas.errors import DocumentRejected

FORMAT: Final = "opendata"
_DATA: Final = re.compile(r"^data-(\d{4}-?\d\d-?\d\d|\d{8})(?:T?\d{2,6})?(?:-structure.*)?\.csv$", re.IGNORECASE)
_LISTED: Final = {
    "organisation.kind": ORGANISATION_KINDS,
    "service.kinds": SERVICE_KINDS,
    "service.form": SERVICE_FORMS,
    "service.status": SERVICE_STATUSES,
    "service.audiences": AUDIENCES,
    "service.apply_by": APPLY_WAYS,
    "service.fee": FEES,
    "service.urgencies": "mezhved_urgency",
}
_MANY: Final = frozenset(
    {
        f"service.{name}"
        for name in ("kinds", "territories", "districts", "audiences", "urgencies", "apply_by", "documents")
    }
)
_YES: Final = frozenset({"да", "1", "true", "истина"})
_YEAR_FIRST: Final = re.compile(r"^(19|20)\d{6}$")
_LEAST_KNOWN: Final = 2


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
    return _Reader(decode(files[name]), name, limits).read()


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
    def __init__(self, text: str, file: str, limits: Limits) -> None:
        self._file = file
        self._text = text
        self._reading = DirectoryReading(ImportReport(FORMAT), limits)
        self._columns: list[OpenColumn | None] = []
        self._organisations: dict[tuple[str, ...], str] = {}

    def read(self) -> DirectoryReading:
        rows = self._rows()
        self._heading(next(rows, (1, []))[1])
        for line, cells in rows:
            if any(cell.strip() for cell in cells):
                self._row(line, cells)
        return self._reading

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        first = next((line for line in self._text.splitlines() if line.strip()), "")
        if not first:
            raise DocumentRejected("document_empty")
        lines = csv.reader(io.StringIO(self._text, newline=""), delimiter=max(",;\t", key=first.count))
        before = 0
        try:
            for cells in lines:
                line, before = before + 1, lines.line_num
                yield line, cells
        except csv.Error:
            self._reading.complain("hsds_file_unreadable", Source(self._file, before + 1))

    def _heading(self, cells: list[str]) -> None:
        if len(cells) > self._reading.limits.max_columns:
            raise DocumentRejected("document_too_many_columns", line=1, limit=self._reading.limits.max_columns)
        known = columns_by_heading()
        self._columns = [known.get(known_heading(cell)) for cell in cells]
        if len([column for column in self._columns if column]) < _LEAST_KNOWN:
            raise DocumentRejected("opendata_heading_unknown")
        for cell, column in zip(cells, self._columns, strict=True):
            if column is None and cell.strip():
                self._reading.report.dropped_columns.append(cell.strip())

    def _row(self, line: int, cells: list[str]) -> None:
        if len(cells) > len(self._columns):
            self._reading.complain("extra_columns", Source(self._file, line), warning=True)
        texts, faults = self._cells(cells)
        given = {name: text for name, text in texts.items() if text}
        # A cell that says nothing (a formula, an error of Excel) may have held an age: the record stays out.
        if any(field.startswith("organisation.") for field, _ in faults):
            self._refuse(line, faults)
            return
        organisation_id = self._organisation(given, line)
        if faults:
            self._refuse(line, faults)
        elif any(name.startswith("service.") for name in given):
            self._reading.begin()
            self._service(given, organisation_id, line)

    def _cells(self, cells: list[str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
        texts: dict[str, str] = {}
        faults: list[tuple[str, str]] = []
        for cell, column in zip(cells, self._columns, strict=False):
            if column is None:
                continue
            if len(cell) > self._reading.limits.max_cell:
                faults.append((column.field, "value_too_long"))
                continue
            try:
                texts[column.field] = clean(cell).text
            except CellFault as fault:
                faults.append((column.field, fault.code))
        return texts, faults

    def _refuse(self, line: int, faults: list[tuple[str, str]]) -> None:
        self._reading.begin()
        for field, code in faults:
            self._reading.complain(code, self._at(field, line))

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

    def _organisation(self, given: dict[str, str], line: int) -> str:
        """The organisation of a row: told once, found again by what the row says of it."""
        values = _values(given, "organisation")
        said = tuple(f"{name}={given[name]}" for name in sorted(given) if name.startswith("organisation."))
        key = (str(values["id"]).lower(),) if "id" in values else said
        if key in self._organisations:
            return self._organisations[key]
        values.setdefault("id", derived_id("organisation", values.get("ogrn", ""), values.get("name", "")))
        values.setdefault("kind", "other")
        place = {name: value for name, value in values.pop("place", {}).items() if value is not None}
        if place:
            values["place"] = place
        self._organisations[key] = str(values["id"]).lower()
        self._reading.begin()
        self._reading.organisation(values, self._where("organisation", line))
        return self._organisations[key]

    def _service(self, given: dict[str, str], organisation_id: str, line: int) -> None:
        values = _values(given, "service")
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


def _values(given: dict[str, str], owner: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    lists: dict[str, dict[str, list[str]]] = {}
    for field, text in given.items():
        mine, _, path = field.partition(".")
        if mine != owner or path.startswith("hours"):
            continue
        name, _, part = path.partition(".")
        if part and name in {"phones", "places"}:
            lists.setdefault(name, {})[part] = split_values(text)
        elif part:
            values.setdefault(name, {})[part] = _plain(part, text)
        elif field in _MANY:
            values[name] = tuple(_code(field, each) for each in split_values(text))
        else:
            values[name] = _plain(name, _code(field, text))
    for name, parts in lists.items():
        count = max(map(len, parts.values()))
        values[name] = tuple(
            {part: _plain(part, found[place]) for part, found in parts.items() if place < len(found) and found[place]}
            for place in range(count)
        )
    return values


def _code(field: str, text: str) -> str:
    system = _LISTED.get(field)
    entry = recognise(system, text) if system else None
    return entry.code if entry else text


def _plain(name: str, text: str) -> object:
    if name in {"synthetic", "night_calls"}:
        return text.casefold() in _YES
    if name in {"latitude", "longitude"}:
        return text.replace(",", ".")
    if name in {"stated_on", "assured_on"}:
        return _day(text)
    return text


def _day(text: str) -> object:
    """A day as people write it; what is none is left for the record to refuse."""
    try:
        value, _ = parse_date(text)
    except CellFault:
        return text
    return value.date() if isinstance(value, datetime) else value
