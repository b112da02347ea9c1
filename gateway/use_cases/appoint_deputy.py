"""Agree on a person, of another organisation too, who may decide as the second of two: of adoption secrecy, for example."""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.tell_people import HEAD, answers_for, notice
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, Conflict, NotPermitted
from schemas.ids import EntryId


def appoint_deputy(house: House, requester: Requester, login: str, now: datetime, *, ends: bool = False) -> EntryId:
    """The head appoints, or ends it. Raises NotPermitted (head_only), BadInput (person_unknown), Conflict (not_a_deputy)."""
    with house.store.writing() as unit:
        people = unit.participants.people_of(requester.organisation_id)
        if HEAD not in answers_for(people, requester.person_id):
            raise NotPermitted("head_only")
        person = unit.participants.person_by_login(login)
        if person is None or not person.active:
            raise BadInput("person_unknown")
        if ends:
            if not unit.holds.dismiss(requester.organisation_id, person.id, now):
                raise Conflict("not_a_deputy")
        else:
            if requester.organisation_id not in unit.holds.deputy_for(person.id, now):
                unit.holds.appoint(requester.organisation_id, person.id, now)
            unit.notices.add([notice(person.organisation_id, HEAD, "deputy.appointed", person.id, now)])
        return append_entry(
            unit,
            EventKind.DEPUTY_APPOINTED,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "person": person.id,
                "change": "ended" if ends else "recorded",
            },
            now,
        )
