"""Who saw this family, when, why, by which rule: the log as the DPO of the holder reads it.

Metadata only (META): ids, times, purposes, categories, rules. Reading is a decision of the pack (purpose of oversight)
and itself an entry, committed before the first row leaves (law 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.facts import local_day
from gateway.use_cases.house import House
from gateway.use_cases.values import DisclosureRow, Requester
from policies.facts import Facts
from schemas import categories as c
from schemas.errors import NotPermitted
from schemas.ids import EntryId, OrganisationId

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class LogReading:
    """Rows newest first, names of the organisations in them, and for each entry its place in the tree (None: not yet).
    `exported`: of readings that left as a file its format."""

    rows: tuple[DisclosureRow, ...]
    names: Mapping[OrganisationId, str]
    places: Mapping[EntryId, int | None]
    entry_id: EntryId
    exported: Mapping[EntryId, str] = field(default_factory=dict)


def read_log(
    house: House, requester: Requester, now: datetime, *, case: str | None = None, limit: int = MAX_ROWS
) -> LogReading:
    """The disclosures of the requester's own cases, or of one of them. Raises NotPermitted for anybody but a DPO."""
    with house.store.reading() as unit:
        organisation = unit.participants.organisation(requester.organisation_id)
    assert organisation is not None
    today = local_day(now, organisation.zone)
    ruling = house.pack.decide(
        Facts(
            org=house.pack.kind_of(organisation.kind, organisation.registers, "OVERSIGHT"),
            org_id=organisation.id,
            source=house.pack.kind_of(organisation.kind, organisation.registers, "OVERSIGHT"),
            purpose="OVERSIGHT",
            today=today,
            role=requester.role,
            requested=(c.LOG_METADATA,),
            agreement=organisation.has_agreement(today),
        )
    ).by_category[c.LOG_METADATA]
    case_id = house.vault.resolve_case(organisation.id, case) if case else None
    with house.store.writing() as unit:
        entry_id = append_entry(
            unit,
            EventKind.LOG_READ,
            {
                "organisation": organisation.id,
                "actor": requester.actor,
                "ruling": [ruling.effect.value, ruling.rule],
                "one_case": case_id is not None,
            },
            now,
        )
    if ruling.effect.value != "P":
        raise NotPermitted("dpo_only")
    with house.store.reading() as unit:
        rows: Sequence[DisclosureRow] = unit.log.disclosures(organisation.id, case_id, min(limit, MAX_ROWS))
        names = {known.id: known.name for known in unit.participants.organisations()}
        places = unit.log.places([row.entry_id for row in rows])
        exported = unit.exports.read_by([row.entry_id for row in rows])
    return LogReading(tuple(rows), names, places, entry_id, exported)
