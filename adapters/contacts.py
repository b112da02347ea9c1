"""A phone book as organisations of the directory: one for all rows that name it, with a phone for each of them.

A phone book lists people; the directory does not. Names are not kept, and a mobile phone beside a name is somebody's own.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.directory_records import DirectoryReading, Source, Where
from adapters.hsds.profile import derived_id
from adapters.limits import DEFAULT_LIMITS, Limits
from adapters.losses import Loss
from adapters.report import Complaint, ImportReport, Severity, Skipped, SourceRow
from adapters.tables.layout import Layout, refuse_wide_row
from adapters.tables.losses import CellLosses
from adapters.tables.profile import Profile, built_in
from adapters.tables.reader import read_layout
from adapters.tables.rejects import reject_file
from adapters.tables.rows import RowParser, RowValues, has_errors, skip_reason
from schemas.errors import DocumentRejected
from schemas.identifiers import compact

FORMAT: Final = "contacts"
_MOBILE: Final = re.compile(r"^(?:7|8)?9\d{9}$")
_POSTAL: Final = re.compile(r"\b(\d{6})\b")
_CITY: Final = re.compile(r"(?:^|[,\s])(?:г|гор|город)\.?\s+([А-ЯЁ][А-Яа-яЁё\- ]+?)(?=,|$)|^(Москва|Санкт-Петербург)\b")
_REGION: Final = re.compile(
    r"([А-ЯЁ][А-Яа-яЁё\- ]*?\s(?:обл(?:асть|\.)|край|республика)|Респ(?:ублика|\.)\s[А-ЯЁ][А-Яа-яЁё\- ]+)(?=,|\s|$)"
)
_CITIES: Final = frozenset({"Москва", "Санкт-Петербург", "Севастополь"})
_ONCE: Final = ("short_name", "kind", "ogrn", "inn", "email", "website")


def read_contacts(
    content: bytes, profile: Profile | None = None, limits: Limits = DEFAULT_LIMITS, sheet: int | None = None
) -> DirectoryReading:
    """The organisations of a table. Raises DocumentRejected for a file as a whole."""
    profile = profile or built_in(FORMAT)
    layout = read_layout(io.BytesIO(content), profile, limits, tuple(profile.defaults), sheet)
    report = ImportReport(FORMAT, dropped_columns=list(layout.dropped))
    for complaint in layout.complaints:
        report.complain(complaint)
    cells = CellLosses(layout, profile)
    for loss in cells.of_file():
        report.losses.add(loss)
    for title in layout.titles:
        report.skip(Skipped(title.line, "title" if any(map(str.strip, title.cells)) else "empty"))
    reading = DirectoryReading(report, limits, rejects=functools.partial(reject_file, layout))
    book = _Book(layout, reading, cells)
    for row in _rows(layout, profile, limits, report):
        book.row(row, profile.defaults)
    if not report.records and not book.organisations:
        raise DocumentRejected("document_without_rows")
    book.close()
    return reading


def _rows(layout: Layout, profile: Profile, limits: Limits, report: ImportReport) -> Iterator[RowValues]:
    parser = RowParser(layout, profile, limits)
    for row in layout.grid:
        if row.line <= layout.heading.line:
            continue
        refuse_wide_row(row, limits)
        if reason := skip_reason(row, layout):
            report.skip(Skipped(row.line, reason))
            continue
        yield parser.parse(row)


class _Book:
    """Rows gathered by organisation: by OGRN, else INN, else name. A row without any belongs to the one above."""

    def __init__(self, layout: Layout, reading: DirectoryReading, cells: CellLosses) -> None:
        self._layout, self._reading, self._cells = layout, reading, cells
        self.organisations: dict[str, tuple[int, dict[str, Any]]] = {}
        self._rows: dict[str, list[SourceRow]] = {}
        self._losses: dict[str, list[Loss]] = {}
        self._keys: dict[str, str] = {}
        self._last = ""

    def row(self, row: RowValues, defaults: Mapping[str, str]) -> None:
        """One row."""
        line = row.row.line
        if has_errors(row.complaints):
            self._refuse(row.row)
            for complaint in row.complaints:
                self._say(complaint.code, complaint.place, line, warning=complaint.severity is Severity.WARNING)
            self._last = ""
            return
        for complaint in row.complaints:
            self._say(complaint.code, complaint.place, line, warning=True)
        said = {**defaults, **row.message}
        names = [str(said[name]).casefold() for name in ("ogrn", "inn", "name") if name in said]
        key = next((self._keys[name] for name in names if name in self._keys), names[0] if names else self._last)
        self._keys |= dict.fromkeys(names, key)
        if not key:
            self._refuse(row.row)
            self._say("value_missing", self._layout.heading_of("name"), line)
            return
        self._last = key
        self._rows.setdefault(key, []).append(row.row)
        self._losses.setdefault(key, []).extend(self._cells.of_row(row.row, 0))
        for name in defaults.keys() - row.message.keys():
            self._lose("from_profile", name, line)
        _, values = self.organisations.setdefault(key, (line, {"name": said.get("name", ""), "phones": []}))
        for name in _ONCE:
            if name in said and values.setdefault(name, said[name]) != said[name]:
                self._say("contacts_disagree", self._layout.heading_of(name), line, warning=True)
                self._lose("value_dropped", name, line)
        if said.get("name", values["name"]) != values["name"]:
            self._lose("value_dropped", "name", line)
        self._phones(said, values, line)
        if "address" in said:
            self._address(str(said["address"]), values, line)

    def _phones(self, said: Mapping[str, Any], values: dict[str, Any], line: int) -> None:
        kept = False
        for phone in said.get("phone", ()):
            digits = compact(phone["number"]).strip("+").replace("(", "").replace(")", "")
            if _MOBILE.match(digits) and "person" in said:
                self._say("contacts_own_phone", self._layout.heading_of("phone"), line, warning=True)
                self._lose("value_dropped", "phone", line)
                continue
            note = " ".join(str(part) for part in (said.get("note"), phone.get("whose")) if part)
            found = {"number": phone["number"], **({"note": note} if note else {})}
            if extension := str(said.get("extension", "")):
                found["extension"] = extension
            kept = True
            if found not in values["phones"]:
                values["phones"].append(found)
        for name in ("person", *(() if kept else ("note", "extension"))):
            if name in said:
                self._lose("value_dropped", name, line)

    def _address(self, address: str, values: dict[str, Any], line: int) -> None:
        """The first address counts."""
        if values.setdefault("address", address) != address:
            self._lose("value_dropped", "address", line)
        elif "place" not in values and (place := self._place(address, line)):
            values["place"] = place
            self._lose("values_parted", "address", line)

    def _place(self, address: str, line: int) -> dict[str, str] | None:
        """The directory keeps an address in its parts; one that does not come apart is not guessed."""
        postal, city, region = _POSTAL.search(address), _CITY.search(address), _REGION.search(address)
        town = (city[1] or city[2]).strip() if city else ""
        land = town if town in _CITIES else region[1] if region else ""
        if not (postal and town and land):
            self._say("contacts_address_apart", self._layout.heading_of("address"), line, warning=True)
            self._lose("value_dropped", "address", line)
            return None
        street = address[city.end() if city else 0 :].strip(" ,")
        return {"address": street or address, "city": town, "region": land, "postal_code": postal[1]}

    def close(self) -> None:
        """Hand the organisations over."""
        for key, (line, values) in self.organisations.items():
            self._reading.begin()
            number = self._reading.report.records
            self._reading.rows[number] = tuple(self._rows[key])
            if "kind" not in values:
                self._losses[key].append(Loss("from_class", self._layout.heading_of("kind") or "kind", line))
            self._losses[key].append(Loss("identifier_derived", "id", line))
            self._reading.lost(number, *(loss._replace(record=number) for loss in self._losses[key]))
            made = {"kind": "other", **values, "phones": tuple(values["phones"])}
            made.pop("address", None)
            made["id"] = derived_id("organisation", made.get("ogrn", ""), made["name"])
            self._reading.organisation(made, self._where(line))

    def _refuse(self, row: SourceRow) -> None:
        """A row that belongs to no organisation is a record by itself."""
        self._reading.begin()
        self._reading.rows[self._reading.report.records] = (row,)

    def _lose(self, code: str, name: str, line: int) -> None:
        self._losses[self._last].append(Loss(code, self._layout.heading_of(name) or name, line))

    def _where(self, line: int) -> Where:
        def where(path: tuple[str | int, ...]) -> Source:
            name = {"phones": "phone", "place": "address"}.get(str(path[0]), str(path[0])) if path else ""
            return Source(self._layout.heading_of(name), line)

        return where

    def _say(self, code: str, place: str, line: int, *, warning: bool = False) -> None:
        severity = Severity.WARNING if warning else Severity.ERROR
        self._reading.tell(Complaint(code, severity, place, line, self._reading.report.records or None))
