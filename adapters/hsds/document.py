"""The JSON of the HSDS 3.0 API: a page of services, each with its organisation and everything about it nested.

Read are a page, a list or a single record, of services or of organisations with their services.
"""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import orjson

from adapters.directory_records import DirectoryReading
from adapters.hsds.profile import NESTINGS, Nesting, Row, Tables, table_profiles
from adapters.hsds.records import take_tables
from adapters.hsds.rejects import reject_document
from adapters.hsds.rows import tables_of
from adapters.limits import DEFAULT_LIMITS, Limits, too_large
from adapters.losses import Loss
from adapters.report import ImportReport
from adapters.tables.rejects import OWN_HEADING
from adapters.xml.guard import shown
from schemas.directory import Directory
from schemas.errors import DocumentRejected

FORMAT: Final = "hsds-json"
MAX_DEPTH: Final = 8

# --- out -------------------------------------------------------------------------------------------------------------


def write_document(directory: Directory, at: datetime) -> bytes:
    """A page with all services. An organisation without a service has no place in it: `left_out` names those."""
    tables = tables_of(directory, at)
    nested = _Nested(tables)
    services = [nested.record(row) for row in tables["service"]]
    page = {
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "first_page": True,
        "last_page": True,
        "empty": not services,
        "contents": services,
    }
    return orjson.dumps(page)


def left_out(directory: Directory) -> tuple[str, ...]:
    """Names of the organisations that the page of services does not show."""
    shown = {service.organisation_id for service in directory.services}
    return tuple(one.name for one in directory.organisations if one.id not in shown)


class _Nested:
    """Records with what belongs to them; a link to what a record stands in is left out."""

    def __init__(self, tables: Tables) -> None:
        self._by_id = {(table, row.get("id")): row for table, rows in tables.items() for row in rows}
        self._by_link: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for table, rows in tables.items():
            for row in rows:
                for column, value in row.values.items():
                    self._by_link[table, column, value].append(row)

    def record(self, row: Row, without: str = "") -> dict[str, Any]:
        numbers = {column.name for column in table_profiles()[row.table].columns if column.type == "number"}
        made: dict[str, Any] = {
            name: _number(value) if name in numbers else value
            for name, value in row.values.items()
            if value and name != without
        }
        for nesting in NESTINGS:
            if nesting.parent != row.table or nesting.key in _NOT_WRITTEN:
                continue
            if nesting.inside:
                made.pop(nesting.link, None)
                inner = self._by_id.get((nesting.child, row.get(nesting.link)))
                if inner is not None:
                    made[nesting.key] = self.record(inner)
            elif found := self._by_link.get((nesting.child, nesting.link, row.get("id"))):
                made[nesting.key] = [self.record(inner, nesting.link) for inner in found]
        return made


_NOT_WRITTEN: Final = frozenset({"services", "fundings"})


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() and "." not in text else value


# --- in --------------------------------------------------------------------------------------------------------------


def read_document(content: bytes, limits: Limits = DEFAULT_LIMITS) -> DirectoryReading:
    """The directory of a JSON document. Raises DocumentRejected for the document as a whole."""
    if len(content) > limits.max_bytes:
        raise too_large(limits)
    try:
        document = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise DocumentRejected("document_is_not_json") from None
    place, beside = "", tuple[str, ...]()
    if isinstance(document, dict) and isinstance(document.get("contents"), list):
        beside = tuple(key for key in document if key not in _PAGE)
        place, document = "/contents", document["contents"]
    records = document if isinstance(document, list) else [document]
    flat = _Flat(limits)
    for number, record in enumerate(records):
        if not isinstance(record, dict) or "id" not in record:
            raise DocumentRejected("hsds_not_a_document")
        is_service = "organization" in record or "organization_id" in record or "status" in record
        at = f"{place}/{number}" if isinstance(document, list) else ""
        flat.top = number
        flat.take(record, "service" if is_service else "organization", at, 0)
    reading = DirectoryReading(ImportReport(FORMAT), limits)
    for name, count in _said_twice(content).items():
        reading.report.losses.add(Loss("value_dropped", shown(name), times=count))
    for pointer in (*(f"/{shown(key)}" for key in beside), *flat.dropped):
        reading.report.losses.add(Loss("value_dropped", pointer))
    take_tables(flat.tables, reading)
    reading.report.dropped_columns.extend(flat.unknown)
    reading.rejects = functools.partial(reject_document, records, flat.tables)
    return reading


def _said_twice(content: bytes) -> Mapping[str, int]:
    """Names that one object has more than once, and how often too many: the last counts."""
    found: Counter[str] = Counter()

    def take(pairs: list[tuple[str, object]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            names = Counter(name for name, _ in pairs)
            found.update({name: count - 1 for name, count in names.items() if count > 1})

    with suppress(RecursionError):  # so deep lies nothing that is read
        json.loads(content, object_pairs_hook=take)
    return found


_PAGE: Final = frozenset(
    {"contents", "total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty"}
)


class _Flat:
    """Nested records as tables: each record once, with the links that nesting stood for."""

    def __init__(self, limits: Limits) -> None:
        self.tables: Tables = {}
        self.unknown: dict[str, None] = {}
        self.dropped: list[str] = []
        self.top = 0
        self._first: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._limits = limits
        self._count = 0
        self._nestings: dict[str, dict[str, Nesting]] = defaultdict(dict)
        for nesting in NESTINGS:
            self._nestings[nesting.parent][nesting.key] = nesting

    def take(self, record: Mapping[str, Any], table: str, at: str, depth: int) -> str:
        """Take a record and what is nested in it; returns its id."""
        if depth > MAX_DEPTH:
            raise DocumentRejected("document_too_deep", limit=MAX_DEPTH)
        self._count += 1
        if self._count > self._limits.max_elements:
            raise DocumentRejected("document_too_many_elements", limit=self._limits.max_elements)
        row = Row(table, {}, at, top=self.top)
        own = _text(record.get("id"))
        first = self._first.get((table, own)) if own else None
        is_new = first is None
        if first is None:
            self._first[table, own] = record
            self.tables.setdefault(table, []).append(row)
        else:
            self.dropped += [f"{at}/{shown(key)}" for key, value in record.items() if value != first.get(key)]
        nestings = self._nestings[table]
        for key, value in record.items():
            nesting = nestings.get(key)
            if nesting is None:
                self._plain(row, key, value)
            elif nesting.inside and isinstance(value, dict):
                row.values[nesting.link] = self.take(value, nesting.child, f"{at}/{key}", depth + 1)
            elif isinstance(value, list) and not nesting.inside:
                if is_new:
                    self._many(nesting, value, own, f"{at}/{key}", depth)
            elif value not in _NOTHING:
                self._leave_out(row.table, key, f"{at}/{key}")
        return own

    def _leave_out(self, table: str, key: str, at: str) -> None:
        self.unknown[f"{table_profiles()[table].file}: {key}"] = None
        self.dropped.append(at)

    def _plain(self, row: Row, key: str, value: object) -> None:
        if value in _NOTHING:
            return
        if isinstance(value, dict | list):
            self._leave_out(row.table, key, f"{row.place}/{shown(key)}")
            return
        name = key.lower() if key == OWN_HEADING else key
        row.values[name] = _text(value)
        if isinstance(value, str) and value != row.values[name]:
            row.spaced = (*row.spaced, name)

    def _many(self, nesting: Nesting, values: list[Any], owner: str, at: str, depth: int) -> None:
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                self._leave_out(nesting.parent, nesting.key, f"{at}/{number}")
                continue
            said: dict[str, str] = {
                nesting.link: owner,
                **({"link_entity": nesting.parent} if nesting.child == "attribute" else {}),
            }
            linked = {**value, **said}
            self.dropped += [f"{at}/{number}/{key}" for key in said if value.get(key, said[key]) != said[key]]
            self.take(linked, nesting.child, f"{at}/{number}", depth + 1)


_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
