"""What is kept of one's own case, opened for the people of its holder who keep it, and how it stands by the norms.

Everything goes through the door (`disclose_own`): who asks is judged, the entry is committed, and only then is anything
opened. Records serve their holder alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.decision_facts import DecisionFacts
from gateway.use_cases.disclose import disclose_own
from gateway.use_cases.house import House
from gateway.use_cases.keep_case_record import CHILD, require_keeper
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CaseCourse
from gateway.use_cases.record_practice_event import keeper
from gateway.use_cases.record_values import CaseRecord, RanTerm
from gateway.use_cases.values import Organisation, Requester, SubjectOnFile
from policies.case_records import (
    SCENARIO,
    Closing,
    Record,
    closing,
    in_order,
    latest,
    majority_on,
    person_of,
    spent,
)
from policies.norms import CaseFigures, Standing, case_norms
from policies.profile import CLOSED, OPENED, Profile
from schemas.ids import CaseId, SubjectId

MAX_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Member:
    """One of the family, under one's own pseudonym. `age` is None where no birth date is on file, `readable` whether the keys
    are there."""

    pseudonym: str
    kind: str
    age: int | None
    unborn: bool
    readable: bool


@dataclass(frozen=True, slots=True)
class CaseRecords:
    """Records with the latest first. `until` is when permanent support ends: the majority of the youngest child."""

    organisation: Organisation
    practice: str
    profile: Profile
    course: CaseCourse | None
    members: tuple[Member, ...]
    records: tuple[Record, ...]
    until: date | None
    lasts_until_majority: bool
    closing: Closing | None
    norms: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    organisation: Organisation
    profile: Profile
    course: CaseCourse | None
    case_id: CaseId
    actor: str
    members: Sequence[SubjectOnFile]
    rows: Sequence[CaseRecord]
    terms: Sequence[RanTerm]
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def sealed(self) -> list[tuple[SubjectId, str, bytes]]:
        return [(row.sealed_with, row.place, row.sealed) for row in self.rows]

    @property
    def entry(self) -> Mapping[str, JsonValue]:
        salt = self.rows[0].salt if self.rows else new_salt()
        return {
            "organisation": self.organisation.id,
            "actor": self.actor,
            "case": commitment(salt, self.case_id),
            "practice": self.organisation.practice or "",
        }


def read_case_records(house: House, requester: Requester, unverified_case: str, now: datetime) -> CaseRecords:
    """Raises Unavailable (case_unavailable), NotPermitted (practice_none, practice_not_yours, not_assigned,
    not_for_overseers)."""
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    found, opened, known = disclose_own(
        house, lambda unit: _find(house, unit, requester, case_id), EventKind.CASE_RECORDS_READ, now
    )
    profile, zone = found.profile, ZoneInfo(found.organisation.zone)
    names = {m.id: str(house.vault.subject_pseudonym(requester.organisation_id, m.id)) for m in found.members}
    records = tuple(in_order(_record(row, plain, names) for row, plain in zip(found.rows, opened, strict=True)))
    today = now.astimezone(zone).date()
    alive = house.vault.alive(names)
    members = tuple(_member(m, names[m.id], known[m.id], today, readable=m.id in alive) for m in found.members)
    children = [m for m in found.members if m.kind == CHILD and m.id in alive]
    scenario = latest(records, SCENARIO)
    lasts = bool(scenario and scenario.value and scenario.value["code"] in profile.until_majority)
    figures = CaseFigures(
        [(term.due_at, term.done_at) for term in found.terms] if found.terms else None,
        found.opened_at,
        found.closed_at,
        spent(records, today.year),
    )
    return CaseRecords(
        found.organisation,
        found.organisation.practice or "",
        profile,
        found.course,
        members,
        records,
        majority_on(known[m.id].birth_date for m in children) if lasts else None,
        lasts,
        closing(profile, records, [names[m.id] for m in children]),
        case_norms(profile, figures, now.astimezone(UTC), zone),
    )


def _find(house: House, unit: Unit, requester: Requester, case_id: CaseId) -> _Found:
    organisation, profile = keeper(house, unit, requester, case_id, lock=False)
    require_keeper(unit, requester, profile, case_id)
    practice = organisation.practice or ""
    records = unit.case_records
    opened_at, _ = records.first_and_last(case_id, organisation.id, practice, profile.into(OPENED))
    _, closed_at = records.first_and_last(case_id, organisation.id, practice, profile.into(CLOSED))
    return _Found(
        organisation,
        profile,
        unit.practices.course(case_id, organisation.id, practice),
        case_id,
        requester.actor,
        records.members(case_id),
        records.of_case(case_id, organisation.id, practice, MAX_RECORDS),
        records.terms(case_id, organisation.id, practice),
        opened_at,
        closed_at,
    )


def _record(row: CaseRecord, plain: bytes | None, names: Mapping[SubjectId, str]) -> Record:
    value = json.loads(plain) if plain else None
    about = names.get(row.sealed_with) if person_of(row.kind, value.get("part") if value else None) else None
    return Record(row.id, row.kind, about, row.at, row.recorded_at, value)


def _member(member: SubjectOnFile, name: str, known: DecisionFacts, today: date, *, readable: bool) -> Member:
    unborn = known.birth_date is not None and len(known.birth_date) == len("2026-03")
    return Member(name, member.kind, known.age_on(today), unborn, readable)
