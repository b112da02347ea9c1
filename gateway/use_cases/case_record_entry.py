"""Seal a record of one's own case and write it with its entry. The caller has judged who keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.record_values import CaseRecord, place_of
from gateway.use_cases.values import Organisation, Requester, SubjectOnFile
from schemas.errors import Unavailable
from schemas.ids import CaseId, EntryId, SubjectId, new_id

PARENT = "parent"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What is kept, `at` when it was so. `about`: one of the family; nobody: the family as a whole."""

    organisation: Organisation
    case_id: CaseId
    kind: str
    value: Mapping[str, Any]
    at: datetime
    about: SubjectId | None = None


def add_record(house: House, unit: Unit, requester: Requester, new: NewRecord, now: datetime) -> EntryId:
    """The entry says which kind was kept and never what: a type of case or a scenario often betrays an illness, so the
    strictest category holds for all. Raises Unavailable (case_unavailable) where nobody of the family has keys any more."""
    subject_id = new.about or _for_the_family(house, unit.case_records.members(new.case_id))
    record_id, salt = new_id(), new_salt()
    plain = json.dumps(dict(new.value), ensure_ascii=False).encode()
    sealed = house.vault.seal_words(subject_id, place_of(record_id), plain)
    practice = new.organisation.practice or ""
    entry_id = append_entry(
        unit,
        EventKind.CASE_RECORD_KEPT,
        {
            "organisation": new.organisation.id,
            "actor": requester.actor,
            "case": commitment(salt, new.case_id),
            "practice": practice,
            "kind": new.kind,
            "at": new.at.isoformat(),
        },
        now,
    )
    unit.case_records.add(
        CaseRecord(
            record_id,
            new.case_id,
            new.organisation.id,
            practice,
            new.kind,
            new.at,
            now,
            requester.actor,
            entry_id,
            salt,
            subject_id,
            sealed,
        )
    )
    return entry_id


def _for_the_family(house: House, members: Sequence[SubjectOnFile]) -> SubjectId:
    """With a parent, whose illness it may betray, else with the first child: what is said of a family ends with them."""
    alive = house.vault.alive([member.id for member in members])
    kept = [member for member in members if member.id in alive]
    for member in (*(m for m in kept if m.kind == PARENT), *kept):
        return member.id
    raise Unavailable("case_unavailable")
