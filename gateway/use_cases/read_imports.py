"""How far imports are and what became of their records, for the organisation that handed the files in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from adapters.report import ImportReport
from gateway.use_cases.apply_document import Applied
from gateway.use_cases.clear_imports import forget_file
from gateway.use_cases.house import House
from gateway.use_cases.import_report import LOSSES, applied_of, ended_report, report_of
from gateway.use_cases.import_values import REFUSED, Import
from gateway.use_cases.import_words import sealed_report
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, DocumentRejected, NotPermitted, Unavailable
from schemas.ids import is_id

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
        return own_import(unit, requester, import_id)


def raise_refusal(one: Import) -> None:
    """Raises DocumentRejected for a file that was refused as a whole, as whoever waits for it is told."""
    if one.state == REFUSED and one.refusal is not None:
        code, params = one.refusal
        raise DocumentRejected(code, **params)


@dataclass(frozen=True, slots=True)
class ImportSoFar:
    """An import, its report as far as it is, and what its records became where that was asked for."""

    one: Import
    report: ImportReport
    became: tuple[Applied, ...] = ()


def read_import_report(house: House, requester: Requester, import_id: str) -> ImportSoFar:
    """Raises as `read_import`."""
    one = read_import(house, requester, import_id)
    return ImportSoFar(one, _report(house, one))


def read_import_results(house: House, requester: Requester, import_id: str) -> ImportSoFar:
    """The same with what all its records became. Raises as `read_import`."""
    one = read_import(house, requester, import_id)
    with house.store.reading() as unit:
        became = applied_of(unit.imports.all_steps(one.id))
    return ImportSoFar(one, _report(house, one), became)


def _report(house: House, one: Import) -> ImportReport:
    """Of one that has ended, as it was put together then."""
    sealed = sealed_report(house, one.id)
    with house.store.reading() as unit:
        end = unit.imports.last_word(one.id)
        if end is not None:
            return ended_report(one, sealed.open_step(end).results[0])
        return report_of(one, sealed.open_steps(unit.imports.all_steps(one.id)))


def read_import_records(house: House, requester: Requester, import_id: str, after: int) -> Sequence[dict[str, Any]]:
    """What became of the records after this number, at most a thousand. Raises as `read_import`."""
    with house.store.reading() as unit:
        one = own_import(unit, requester, import_id)
        steps = sealed_report(house, one.id).open_steps(unit.imports.steps(one.id, after, RECORDS_ON_PAGE))
        rows = (row for step in steps for row in step.results)
        return [_without_losses(row) for row in islice((row for row in rows if row["record"] > after), RECORDS_ON_PAGE)]


def _without_losses(row: Mapping[str, Any]) -> dict[str, Any]:
    """What stands with it is of its whole step; the report has it."""
    return {name: value for name, value in row.items() if name != LOSSES}


def stop_import(house: House, requester: Requester, import_id: str) -> Import:
    """Stop one that is under way after its step, or forget the file of one that has ended, and the words of
    its sender in its report. May be repeated. Raises as
    `read_import`."""
    with house.store.writing() as unit:
        one = own_import(unit, requester, import_id, lock=True)
        if one.is_open:
            unit.imports.want_stop(one.id)
    if not one.is_open:
        forget_file(house, one.id)
        house.vault.forget_import_words(one.id)
    return read_import(house, requester, import_id)


def own_import(unit: Unit, requester: Requester, import_id: str, *, lock: bool = False) -> Import:
    """Of the requester's organisation. Raises as `read_import`."""
    _require(requester)
    found = unit.imports.get(requester.organisation_id, import_id, lock=lock) if is_id(import_id) else None
    if found is None:
        raise Unavailable("import_unavailable")
    return found


def _require(requester: Requester) -> None:
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
