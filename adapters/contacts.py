"""A phone book as organisations of the directory: one for all rows that name it, with a phone for each of them.

A phone book lists people; the directory does not. Names are not kept, and a mobile phone beside a name is somebody's own.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
_NAMES: Final = ("ogrn", "inn", "name")
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
    if not book.groups:
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


@dataclass(slots=True)
class _Group:
    """The rows of one organisation, from its first line: what they say, and what there is to say of them."""

    line: int
    values: dict[str, Any]
    rows: list[SourceRow] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether one of its rows cannot be read: then all of them come back, since each says a part of the whole."""
        return has_errors(self.complaints)


class _Book:
    """Rows gathered by organisation: by OGRN, else INN, else name. A row without any belongs to the one above."""

    def __init__(self, layout: Layout, reading: DirectoryReading, cells: CellLosses) -> None:
        self._layout, self._reading, self._cells = layout, reading, cells
        self.groups: dict[str, _Group] = {}
        self._keys: dict[str, str] = {}
        self._last = ""

    def row(self, row: RowValues, defaults: Mapping[str, str]) -> None:
        """One row."""
        line = row.row.line
        said = {**defaults, **row.message, **self._taken_back(row)}
        key = self._key(row, said)
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = _Group(line, {"name": said.get("name", ""), "phones": []})
            if not any(name in said for name in _NAMES) and not has_errors(row.complaints):
                group.complaints.append(self._complaint("value_missing", "name", line, warning=False))
        self._last = key
        group.rows.append(row.row)
        group.complaints += row.complaints
        if group.is_refused:
            return
        group.losses.extend(self._cells.of_row(row.row, 0))
        for name in defaults.keys() - row.message.keys():
            self._lose("from_profile", name, line)
        values = group.values
        for name in _ONCE:
            if name in said and values.setdefault(name, said[name]) != said[name]:
                self._warn("contacts_disagree", name, line)
                self._lose("value_dropped", name, line)
        if said.get("name", values["name"]) != values["name"]:
            self._lose("value_dropped", "name", line)
        self._phones(said, values, line)
        if "address" in said:
            self._address(str(said["address"]), values, line)

    def _key(self, row: RowValues, said: Mapping[str, Any]) -> str:
        """The organisation of a row. One that may name another, unreadably, and what follows it without a name stand apart."""
        names = [str(said[name]).casefold() for name in _NAMES if name in said]
        named_at = {self._layout.heading_of(name) for name in _NAMES} | {""}
        is_apart = has_errors(row.complaints) and any(one.place in named_at for one in row.complaints)
        above = "" if is_apart else self._last
        key = next((self._keys[name] for name in names if name in self._keys), names[0] if names else above)
        key = key or f"\n{row.row.line}"  # no name has such a sign
        self._keys |= dict.fromkeys(names, key)
        return key

    def _taken_back(self, row: RowValues) -> Mapping[str, str]:
        """A name that is struck out is somebody's all the same, and so is the telephone beside it."""
        fields = {self._layout.columns[at].field for at in row.row.looks or () if at in self._layout.columns}
        return {"person": ""} if "person" in fields - row.message.keys() else {}

    def _phones(self, said: Mapping[str, Any], values: dict[str, Any], line: int) -> None:
        kept = False
        for phone in said.get("phone", ()):
            digits = compact(phone["number"]).strip("+").replace("(", "").replace(")", "")
            if _MOBILE.match(digits) and "person" in said:
                self._warn("contacts_own_phone", "phone", line)
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
            self._warn("contacts_address_apart", "address", line)
            self._lose("value_dropped", "address", line)
            return None
        street = address[city.end() if city else 0 :].strip(" ,")
        return {"address": street or address, "city": town, "region": land, "postal_code": postal[1]}

    def close(self) -> None:
        """Hand the organisations over, in the order of the file."""
        for group in self.groups.values():
            self._reading.begin()
            number = self._reading.report.records
            self._reading.rows[number] = tuple(group.rows)
            for complaint in group.complaints:
                self._reading.tell(replace(complaint, record=number))
            if not group.is_refused:
                self._take(group, number)

    def _take(self, group: _Group, number: int) -> None:
        values, line = group.values, group.line
        if "kind" not in values:
            group.losses.append(Loss("from_class", self._layout.heading_of("kind") or "kind", line))
        group.losses.append(Loss("identifier_derived", "id", line))
        self._reading.lost(number, *(loss._replace(record=number) for loss in group.losses))
        made = {"kind": "other", **values, "phones": tuple(values["phones"])}
        made.pop("address", None)
        made["id"] = derived_id("organisation", made.get("ogrn", ""), made["name"])
        self._reading.organisation(made, self._where(line))

    def _lose(self, code: str, name: str, line: int) -> None:
        self.groups[self._last].losses.append(Loss(code, self._layout.heading_of(name) or name, line))

    def _where(self, line: int) -> Where:
        def where(path: tuple[str | int, ...]) -> Source:
            name = {"phones": "phone", "place": "address"}.get(str(path[0]), str(path[0])) if path else ""
            return Source(self._layout.heading_of(name), line)

        return where

    def _warn(self, code: str, name: str, line: int) -> None:
        self.groups[self._last].complaints.append(self._complaint(code, name, line, warning=True))

    def _complaint(self, code: str, name: str, line: int, *, warning: bool) -> Complaint:
        severity = Severity.WARNING if warning else Severity.ERROR
        return Complaint(code, severity, self._layout.heading_of(name), line)
