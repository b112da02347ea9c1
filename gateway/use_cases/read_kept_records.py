"""Read what one's organisation keeps of its own lists. It goes back to whom it came from; the entry is committed first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.tables.profile import FAMILY
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.keep_records import KINDS, Kept, own_record, require_keeper
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Unavailable
from schemas.ids import is_id
from schemas.intake import FamilyDraft, SignalDraft

PAGE = 25


@dataclass(frozen=True, slots=True)
class KeptPage:
    """Records with their content, latest first; how many there are of each kind; where the next page begins."""

    records: tuple[tuple[KeptRecord, Kept], ...]
    counts: Mapping[str, int]
    next: str | None


def count_kept(house: House, requester: Requester) -> Mapping[str, int]:
    """How many of each kind. Raises NotPermitted (not_for_overseers)."""
    require_keeper(requester)
    with house.store.reading() as unit:
        return unit.kept_records.count(requester.organisation_id)


def read_kept(house: House, requester: Requester, kind: str, now: datetime, *, after: str | None = None) -> KeptPage:
    """Raises NotPermitted (not_for_overseers), BadInput (kept_kind_unknown)."""
    require_keeper(requester)
    if kind not in KINDS:
        raise BadInput("kept_kind_unknown", known=", ".join(KINDS))
    with house.store.writing() as unit:
        before = unit.kept_records.get(requester.organisation_id, after) if after and is_id(after) else None
        found = [
            record
            for record in unit.kept_records.page(requester.organisation_id, kind, before, PAGE + 1)
            if record.expires_at > now
        ]
        counts = unit.kept_records.count(requester.organisation_id)
        shown = found[:PAGE]
        _entry(unit, requester, shown, kind, now)
    opened = _opened(house, shown)
    pairs = tuple((record, opened[record.id]) for record in shown if record.id in opened)
    return KeptPage(pairs, counts, shown[-1].id if len(found) > PAGE else None)


def read_kept_record(house: House, requester: Requester, record_id: str, now: datetime) -> tuple[KeptRecord, Kept]:
    """One of them. Raises NotPermitted (not_for_overseers), Unavailable (kept_unavailable)."""
    with house.store.writing() as unit:
        record = own_record(unit, requester, record_id, now, lock=False)
        _entry(unit, requester, [record], record.kind, now)
    found = _opened(house, [record]).get(record.id)
    if found is None:
        raise Unavailable("kept_unavailable")
    return record, found


def _entry(unit: Unit, requester: Requester, records: Sequence[KeptRecord], kind: str, now: datetime) -> None:
    append_entry(
        unit,
        EventKind.KEPT_READ,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "kind": kind,
            "count": len(records),
        },
        now,
    )


def _opened(house: House, records: Sequence[KeptRecord]) -> Mapping[str, Kept]:
    plain = house.vault.open_drafts({record.key_id: record.sealed for record in records})
    return {record.id: parse_kept(record.kind, plain[record.key_id]) for record in records if record.key_id in plain}


def parse_kept(kind: str, plain: bytes) -> Kept:
    """What was kept."""
    return (FamilyDraft if kind == FAMILY else SignalDraft).model_validate_json(plain)
