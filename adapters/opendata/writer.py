"""A set of open data: the passport `meta.csv`, the structure, and the table, one row for each service.

An organisation without services is a row of its own. The passport has commas, as its standard says; the table has `;`, a
byte order mark and quoted cells, as spreadsheets open it; formulas are disarmed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from adapters.archives import pack
from adapters.opendata.columns import OpenColumn, open_columns
from adapters.opendata.hours import write_exceptions, write_week
from adapters.tables.cells import guard, join_values
from adapters.tables.dates import russian
from schemas.directory import Directory, DirectoryOrganisation, Service

STANDARD: Final = "http://opendata.gosmonitor.ru/standard/3.0"
META: Final = "meta.csv"
Headings = Literal["latin", "russian"]


@dataclass(frozen=True, slots=True)
class Passport:
    """Who publishes the set. `inn` is that of the publisher and begins the identifier; `address` is the folder of the set
    on its site."""

    inn: str
    publisher: str
    phone: str = ""
    email: str = ""
    address: str = ""
    name: str = "resourcemap"
    title: str = "Карта ресурсов: организации и услуги для семей с детьми"
    description: str = "Куда семья может обратиться за помощью, для кого, когда и как."
    subject: str = "семья, дети, помощь, услуги"
    provenance: str = ""
    created: date | None = None


def write_set(directory: Directory, passport: Passport, on: date, headings: Headings = "latin") -> bytes:
    """The set as an archive. `on` is the day of the data and of the structure."""
    return pack(set_files(directory, passport, on, headings))


def set_files(directory: Directory, passport: Passport, on: date, headings: Headings = "latin") -> Mapping[str, bytes]:
    """The files by name."""
    stamp = on.strftime("%Y%m%d")
    structure, data = f"structure-{stamp}.csv", f"data-{stamp}-structure-{stamp}.csv"
    return {
        META: _meta(passport, stamp, structure, data),
        structure: _structure(),
        data: _data(directory, headings),
    }


def _meta(passport: Passport, stamp: str, structure: str, data: str) -> bytes:
    address = passport.address.rstrip("/")
    rows = [
        ("property", "value"),
        ("standardversion", STANDARD),
        ("identifier", f"{passport.inn}-{passport.name}"),
        ("title", passport.title),
        ("description", passport.description),
        ("creator", passport.publisher),
        ("created", (passport.created.strftime("%Y%m%d") if passport.created else stamp)),
        ("modified", stamp),
        ("subject", passport.subject),
        ("format", "csv"),
        ("provenance", passport.provenance),
        ("valid", ""),
        ("publishername", passport.publisher),
        ("publisherphone", passport.phone),
        ("publishermbox", passport.email),
        (data, f"{address}/{data}" if address else data),
        (structure, f"{address}/{structure}" if address else structure),
    ]
    return _csv(rows, ",").encode("utf-8")


def _structure() -> bytes:
    rows = [("field name", "english description", "russian description", "format")]
    rows += [(column.name, column.english, column.heading_ru, column.format) for column in open_columns()]
    return _csv(rows, ",").encode("utf-8")


def _data(directory: Directory, headings: Headings) -> bytes:
    columns = open_columns()
    rows = [tuple(column.heading_ru if headings == "russian" else column.name for column in columns)]
    organisations = {one.id: one for one in directory.organisations}
    used = set()
    for service in directory.services:
        used.add(service.organisation_id)
        rows.append(_row(organisations[service.organisation_id], service, columns))
    rows += [_row(one, None, columns) for one in directory.organisations if one.id not in used]
    return _csv(rows, ";", quoted=True).encode("utf-8-sig")


def _row(
    organisation: DirectoryOrganisation, service: Service | None, columns: tuple[OpenColumn, ...]
) -> tuple[str, ...]:
    owners: dict[str, Any] = {"organisation": organisation, "service": service}
    cells = []
    for column in columns:
        owner, _, path = column.field.partition(".")
        cells.append("" if owners[owner] is None else guard(cell_of(owners[owner], path)))
    return tuple(cells)


def cell_of(owner: DirectoryOrganisation | Service, path: str) -> str:
    """What stands in the column of a field (its path below the organisation or the service), before it is guarded."""
    if path.startswith("hours"):
        return _hours_cell(owner, path)
    name, _, part = path.partition(".")
    value = getattr(owner, name)
    if not part:
        return _text(value)
    if isinstance(value, tuple):
        parts = [_text(getattr(each, part)) for each in value]
        return join_values(parts) if any(parts) else ""
    return "" if value is None else _text(getattr(value, part))


def _hours_cell(owner: DirectoryOrganisation | Service, path: str) -> str:
    hours = owner.hours if isinstance(owner, Service) else None
    if hours is None:
        return ""
    if path == "hours":
        return write_week(hours.days)
    return hours.zone if path == "hours.zone" else write_exceptions(hours.exceptions)


def _text(value: object) -> str:
    match value:
        case None | False | ():
            return ""
        case True:
            return "да"
        case date():
            return russian(value)
        case float():
            return repr(value).replace(".", ",")
        case tuple():
            return join_values([str(each) for each in value])
        case _:
            return str(value)


def _csv(rows: Sequence[tuple[str, ...]], delimiter: str, *, quoted: bool = False) -> str:
    out = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return out.getvalue()
