"""Give a person of one's own file an identifier of one's own: after a transfer the new holder knows only its pseudonym."""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.resolve_subjects import OWN_REFERENCE
from gateway.use_cases.values import Requester
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import EntryId


def name_subject(house: House, requester: Requester, pseudonym: str, ref: str, now: datetime) -> EntryId:
    """Raises Unavailable (subject_unavailable) for anybody who is not of one's own file, Conflict (ref_taken), NotPermitted
    (not_for_overseers)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    organisation_id = requester.organisation_id
    subject_id = house.vault.resolve_subject(organisation_id, pseudonym)
    with house.store.writing() as unit:
        unit.facts.lock(f"registry:{organisation_id}")  # nobody else gives the same reference at this moment
        ((named,),) = house.vault.find_subjects(organisation_id, [[(OWN_REFERENCE, ref)]])
        holders = unit.recorded_facts.holder_of([subject_id, *sorted(named)])
        if holders.get(subject_id) != organisation_id:
            raise Unavailable("subject_unavailable")
        if any(holders.get(other) == organisation_id for other in named - {subject_id}):
            raise Conflict("ref_taken")
        if subject_id not in named:
            house.vault.index_subjects(organisation_id, {subject_id: [(OWN_REFERENCE, ref)]})
        return append_entry(
            unit,
            EventKind.SUBJECT_NAMED,
            {
                "organisation": organisation_id,
                "actor": requester.actor,
                "subject": commitment(new_salt(), subject_id),
            },
            now,
        )
