"""What a file of HSDS says and the directory does not, or not as it would give it back in the same tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from adapters.directory_records import DirectoryReading
from adapters.hsds.links import OWNERS, Links, records_of
from adapters.hsds.profile import Row, Tables, own_id, table_profiles
from adapters.hsds.rows import tables_of
from adapters.losses import Loss, class_defaults
from adapters.tables.rejects import OWN_HEADING
from adapters.xml.guard import shown
from schemas.directory import Directory, DirectoryOrganisation, Service

_SEASONS: Final = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))
"""HSDS has offsets and no zones: either of the two that a zone may have says the same."""
_OWN: Final = OWN_HEADING.lower()
_Cell = tuple[str, str, str]


def list_losses(tables: Tables, reading: DirectoryReading) -> None:
    """The losses of every record that was taken, and of rows that belong to no record."""
    links, told = Links(tables), set[int]()
    waiting: list[Row] = []
    for number, row in enumerate(records_of(tables), start=1):
        made = _made(row, number, reading)
        if made is None:
            waiting.append(row)
            continue
        whole = links.of(row)
        rows = [one for one in whole if id(one) not in told]
        told.update(map(id, rows))
        ids = {(one.table, one.get("id")) for one in whole}
        reading.lost(number, *_record_losses(made, row, rows, ids, number))
    told.update(id(one) for row in waiting for one in links.of(row))  # these come back whole
    for row in (row for rows in tables.values() for row in rows if id(row) not in told):
        for column, text in row.values.items():
            if text:
                reading.report.losses.add(_loss(_left_out(row, column) or "value_dropped", row, column, None))


def _made(row: Row, number: int, reading: DirectoryReading) -> DirectoryOrganisation | Service | None:
    own = own_id(row.get("id"), row.table)
    if reading.number_of(own) != number:
        return None
    return reading.organisations.get(own) if row.table == "organization" else reading.services.get(own)


def _record_losses(
    made: DirectoryOrganisation | Service,
    record: Row,
    rows: Sequence[Row],
    ids: Collection[tuple[str, str]],
    number: int,
) -> Iterator[Loss]:
    expected = _cells_of(made)
    unmatched: list[tuple[Row, str]] = []
    for row in rows:
        for column in row.spaced:
            yield _loss("spaces", row, column, number)
        for column, text in row.values.items():
            if not text or (row is not record and _is_link(row, column, ids)):
                continue
            if code := _left_out(row, column):
                yield _loss(code, row, column, number)
            elif expected[row.table, column, text] > 0:
                expected[row.table, column, text] -= 1
            else:
                unmatched.append((row, column))
    left = Counter[tuple[str, str]]()
    for (table, column, _), count in expected.items():
        left[table, column] += count
    for row, column in unmatched:
        yield _loss(_of_unmatched(row, column, left, is_record=row is record), row, column, number)
    zoned = expected["attribute", "link_type", "time_zone"]
    left["attribute", "link_type"] -= zoned
    yield from _defaults(made, record, max(left["attribute", "link_type"], 0), number)
    if zoned and not any(row.get("timezone") for row in rows):
        yield _loss("zone_assumed", record, "hours", number)


def _of_unmatched(row: Row, column: str, left: Counter[tuple[str, str]], *, is_record: bool) -> str:
    """What became of a text that the directory would not write: another one that it would stands in its place, or none."""
    if is_record and column in {"id", "organization_id"}:
        return "identifier_derived"
    if column == "id" or not left[row.table, column]:
        return "value_dropped"
    left[row.table, column] -= 1
    return "value_respelt"


def _defaults(made: DirectoryOrganisation | Service, record: Row, codes: int, number: int) -> Iterator[Loss]:
    """`codes`: how many the record has that no attribute of the file says."""
    for path in class_defaults(made):
        yield _loss("from_class", record, ".".join(str(step) for step in path), number)
    if codes:
        yield _loss("from_class", record, "attributes", number)._replace(times=codes)


def _cells_of(made: DirectoryOrganisation | Service) -> Counter[_Cell]:
    """What the directory would write of a record, by table, column and text."""
    alone = Directory((made,), ()) if isinstance(made, DirectoryOrganisation) else Directory((), (made,))
    found: Counter[_Cell] = Counter()
    for season in _SEASONS:
        written = Counter(
            (table, column, text)
            for table, rows in tables_of(alone, season).items()
            for row in rows
            for column, text in row.values.items()
            if text
        )
        found |= written
    return found


def _is_link(row: Row, column: str, ids: Collection[tuple[str, str]]) -> bool:
    """A link says what a row belongs to, and where it was found says the same."""
    if column == "link_id":
        return any((owner, row.get(column)) in ids for owner in OWNERS)
    known = (one for one in table_profiles()[row.table].columns if one.name == column and one.carried)
    return any((one.refers_to, row.get(column)) in ids for one in known)


def _left_out(row: Row, column: str) -> str:
    """Why the directory has no place for a column."""
    if column == _OWN:
        return "column_own"
    if not column or column.isdigit():
        return "column_unheaded"
    known = next((one for one in table_profiles()[row.table].columns if one.name == column), None)
    if known is None:
        return "unknown_column"
    return "" if known.carried else "column_not_kept"


def _loss(code: str, row: Row, column: str, number: int | None) -> Loss:
    separator = "/" if row.line is None and row.place.startswith("/") else ": "
    return Loss(code, f"{row.place}{separator}{shown(column)}", row.line, number)
