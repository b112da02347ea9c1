"""The data package: `datapackage.json` and a CSV file for each table, as an archive or as files of a folder."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from adapters.archives import is_zip, pack, unpack
from adapters.directory_records import DirectoryReading, Source
from adapters.hsds.profile import VERSION, Row, TableProfile, Tables, table_profiles
from adapters.hsds.records import take_tables
from adapters.hsds.rejects import reject_package
from adapters.hsds.rows import tables_of
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.losses import Loss
from adapters.report import ImportReport, Skipped
from adapters.tables.encoding import decode
from adapters.xml.guard import shown
from schemas.directory import Directory
from schemas.errors import DocumentRejected

FORMAT: Final = "hsds-csv"
DESCRIPTOR: Final = "datapackage.json"
HOMEPAGE: Final = "https://docs.openreferral.org/en/3.0/"


# --- out -------------------------------------------------------------------------------------------------------------


def write_package(directory: Directory, at: datetime) -> bytes:
    """The archive. `at` is the instant of the export."""
    return pack(package_files(directory, at))


def package_files(directory: Directory, at: datetime) -> Mapping[str, bytes]:
    """The files by name: the descriptor first, then the tables that have records."""
    tables = tables_of(directory, at)
    profiles = [profile for name, profile in table_profiles().items() if name in tables]
    files = {DESCRIPTOR: orjson.dumps(_descriptor(profiles, at), option=orjson.OPT_INDENT_2)}
    for profile in profiles:
        files[profile.file] = _table(profile, tables[profile.name])
    return files


def _table(profile: TableProfile, rows: list[Row]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    columns = [column.name for column in profile.columns]
    writer.writerow(columns)
    for row in rows:
        writer.writerow(row.get(column) for column in columns)
    return out.getvalue().encode("utf-8")


def _descriptor(profiles: list[TableProfile], at: datetime) -> dict[str, Any]:
    written = {profile.name for profile in profiles}
    return {
        "name": "human_services_data",
        "title": "Карта ресурсов (Human Services Data Specification)",
        "profile": "tabular-data-package",
        "version": VERSION,
        "homepage": HOMEPAGE,
        "created": at.isoformat(timespec="seconds"),
        "resources": [_resource(profile, written) for profile in profiles],
    }


def _resource(profile: TableProfile, written: set[str]) -> dict[str, Any]:
    keys = [column for column in profile.columns if column.refers_to in written and column.refers_to != profile.name]
    schema: dict[str, Any] = {
        "primaryKey": "id",
        "fields": [
            {
                "name": column.name,
                "type": column.type,
                "constraints": {"required": column.required, "unique": column.name == "id"},
            }
            for column in profile.columns
        ],
    }
    if keys:
        schema["foreignKeys"] = [
            {"fields": column.name, "reference": {"resource": column.refers_to, "fields": "id"}} for column in keys
        ]
    return {
        "name": profile.name,
        "path": profile.file,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


# --- in --------------------------------------------------------------------------------------------------------------


def read_package(content: bytes | Mapping[str, bytes], limits: Limits = DEFAULT_LIMITS) -> DirectoryReading:
    """The directory of an archive, or of the files of a folder by name. Raises DocumentRejected for a file as a whole."""
    if isinstance(content, bytes):
        if not is_zip(content):
            raise DocumentRejected("hsds_not_a_package")
        files = unpack(content, limits)
    else:
        files = content
        if sum(map(len, files.values())) > limits.max_unpacked:
            raise too_large(limits)
    reading = DirectoryReading(ImportReport(FORMAT), limits)
    tables: Tables = {}
    left = limits.max_elements
    named = _named(files)
    for name in files.keys() - dict(named).keys() - {DESCRIPTOR}:
        reading.report.losses.add(Loss("file_not_read", shown(name)))
    for name, table in named:
        rows = _rows(files[name], name, table, left, reading)
        left -= len(rows)
        tables.setdefault(table, []).extend(rows)
    if "organization" not in tables and "service" not in tables:
        raise DocumentRejected("hsds_no_tables")
    take_tables(tables, reading)
    reading.rejects = functools.partial(reject_package, files, tables)
    return reading


def _named(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """File names with their tables: as the descriptor says, else by their own names, in the singular or the plural."""
    known = {path: name for name, path in _paths(files.get(DESCRIPTOR, b""))}
    for profile in table_profiles().values():
        for name in (profile.file, f"{profile.name}.csv", f"{profile.name}s.csv"):
            known.setdefault(name, profile.name)
    return [(name, known[name.lower()]) for name in files if name.lower() in known]


def _paths(descriptor: bytes) -> list[tuple[str, str]]:
    try:
        document = orjson.loads(descriptor) if descriptor else {}
        return [
            (resource["name"], str(resource["path"]).rpartition("/")[2].lower())
            for resource in document.get("resources", ())
            if resource["name"] in table_profiles()
        ]
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return []  # the names of the files say the same


def _rows(content: bytes, file: str, table: str, left: int, reading: DirectoryReading) -> list[Row]:
    if not content.strip():
        return []
    rows: list[Row] = []
    try:
        for line, values, spaced, has_more in _lines(decode(content), file, reading):
            if len(rows) >= left:
                _refuse_rows(reading)
            if has_more:
                reading.complain("extra_columns", Source(file, line), warning=True)
            rows.append(Row(table, values, file, line, spaced=spaced))
    except DocumentRejected as error:
        if error.code != "document_is_not_text":
            raise
        reading.complain("hsds_file_unreadable", Source(file))
    except csv.Error:
        reading.complain("hsds_file_unreadable", Source(file, len(rows) + 2))
    return rows


def _lines(
    text: str, file: str, reading: DirectoryReading
) -> Iterator[tuple[int, dict[str, str], tuple[str, ...], bool]]:
    """Line, values by column, those with spaces around them, and whether there are more cells than columns, which then come by
    their numbers. Empty rows are passed over."""
    lines = csv.reader(io.StringIO(text, newline=""))
    heading = [name.strip().lower() for name in next(lines, [])]
    if len(heading) > reading.limits.max_columns:
        raise DocumentRejected("document_too_many_columns", line=1, limit=reading.limits.max_columns)
    before = lines.line_num
    for cells in lines:
        line, before = before + 1, lines.line_num
        if not any(map(str.strip, cells)):
            reading.report.skip(Skipped(line, "empty"))
            continue
        values: dict[str, str] = {}
        spaced = []
        for at, cell in enumerate(cells):
            name = heading[at] if at < len(heading) and heading[at] else str(at + 1)
            if values.get(name) and cell.strip():
                reading.report.losses.add(Loss("value_dropped", f"{file}: {name}", line))
            if values.get(name) and not cell.strip():
                continue
            values[name] = cell.strip()
            if cell != values[name]:
                spaced.append(name)
        yield line, values, tuple(spaced), len(cells) > len(heading)


def _refuse_rows(reading: DirectoryReading) -> None:
    raise DocumentRejected("document_too_many_elements", limit=reading.limits.max_elements)
