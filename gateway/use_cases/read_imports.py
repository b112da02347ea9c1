"""How far imports are, what became of their records, and the refused rows back: for the organisation that handed them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from adapters.report import ImportReport, Record
from adapters.tables.rejects import reject_file
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.apply_document import Applied
from gateway.use_cases.clear_imports import forget_file
from gateway.use_cases.house import House
from gateway.use_cases.import_report import applied_of, complaints_of, report_of
from gateway.use_cases.import_values import REFUSED, Import
from gateway.use_cases.open_import import open_import
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, DocumentRejected, NotPermitted, Unavailable
from schemas.ids import EntryId, is_id

ON_PAGE: Final = 50
RECORDS_ON_PAGE: Final = 1_000


def read_imports(
    house: House, requester: Requester, before: str | None = None, limit: int = ON_PAGE
) -> Sequence[Import]:
    """The organisation's, the newest first, from after `before`. Raises NotPermitted (not_for_overseers), BadInput
    (field_invalid)."""
    _require(requester)
    if before is not None and not is_id(before):
        raise BadInput("field_invalid", place="before", rule="UUID")
    with house.store.reading() as unit:
        return unit.imports.of_organisation(requester.organisation_id, before, limit)


def read_import(house: House, requester: Requester, import_id: str) -> Import:
    """Raises NotPermitted (not_for_overseers), Unavailable (import_unavailable)."""
    with house.store.reading() as unit:
        return _own(unit, requester, import_id)


def raise_refusal(one: Import) -> None:
    """Raises DocumentRejected for a file that was refused as a whole, as whoever waits for it is told."""
    if one.state == REFUSED and one.refusal is not None:
        code, params = one.refusal
        raise DocumentRejected(code, **params)


@dataclass(frozen=True, slots=True)
class ImportSoFar:
    """An import, and its report as far as it is."""

    one: Import
    report: ImportReport


def read_import_report(house: House, requester: Requester, import_id: str) -> ImportSoFar:
    """Raises as `read_import`."""
    with house.store.reading() as unit:
        one = _own(unit, requester, import_id)
        return ImportSoFar(one, report_of(one, unit.imports.all_steps(one.id)))


def read_import_results(house: House, requester: Requester, import_id: str) -> tuple[Applied, ...]:
    """What all its records became. Raises as `read_import`."""
    with house.store.reading() as unit:
        one = _own(unit, requester, import_id)
        return applied_of(unit.imports.all_steps(one.id))


def read_import_records(house: House, requester: Requester, import_id: str, after: int) -> Sequence[dict[str, Any]]:
    """What became of the records after this number, at most a thousand. Raises as `read_import`."""
    with house.store.reading() as unit:
        one = _own(unit, requester, import_id)
        rows = (row for step in unit.imports.steps(one.id, after, RECORDS_ON_PAGE) for row in step.results)
        return [dict(row) for row in islice((row for row in rows if row["record"] > after), RECORDS_ON_PAGE)]


@dataclass(frozen=True, slots=True)
class Returned:
    """Refused rows in the sender's own format: `form` is csv or xlsx."""

    content: bytes
    form: str
    entry_id: EntryId


def return_refused(house: House, requester: Requester, import_id: str, now: datetime) -> Returned:
    """The refused rows, read again from the sealed file; the entry is committed before they leave.

    Raises as `read_import`; BadInput (import_still_runs, import_nothing_refused), DocumentRejected (import_file_gone).
    """
    one = read_import(house, requester, import_id)
    if one.is_open:
        raise BadInput("import_still_runs")
    if not one.rejected:
        raise BadInput("import_nothing_refused")
    with house.store.reading() as unit:
        refused = {
            int(row["record"]): complaints_of(row)
            for step in unit.imports.all_steps(one.id)
            for row in step.results
            if not row["accepted"]
        }
    asker = replace(one, actor=requester.actor, roles=requester.roles, scopes=requester.scopes)
    with open_import(house, asker, now) as opened:
        read = opened.source.read()
        if read.layout is None:
            raise BadInput("import_nothing_refused")
        content = reject_file(read.layout, list(_refused(read.records, refused)))
        form = read.report.format
    with house.store.writing() as unit:
        entry: dict[str, str | int] = {
            "organisation": one.organisation_id,
            "actor": requester.actor,
            "import": one.id,
            "digest": one.digest,
            "records": len(refused),
        }
        entry_id = append_entry(unit, EventKind.FILE_RETURNED, entry, now)
    return Returned(content, form, entry_id)


def stop_import(house: House, requester: Requester, import_id: str) -> Import:
    """Stop one that is under way after its step, or forget the file of one that has ended. May be repeated. Raises as
    `read_import`."""
    with house.store.writing() as unit:
        one = _own(unit, requester, import_id, lock=True)
        if one.is_open:
            unit.imports.want_stop(one.id)
    if not one.is_open:
        forget_file(house, one.id)
    return read_import(house, requester, import_id)


def _refused(records: Iterator[Record], refused: dict[int, Any]) -> Iterator[Record]:
    for record in records:
        if record.number in refused:
            yield replace(record, draft=None, complaints=tuple(refused[record.number]))


def _own(unit: Unit, requester: Requester, import_id: str, *, lock: bool = False) -> Import:
    _require(requester)
    found = unit.imports.get(requester.organisation_id, import_id, lock=lock) if is_id(import_id) else None
    if found is None:
        raise Unavailable("import_unavailable")
    return found


def _require(requester: Requester) -> None:
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
