"""Who of an organisation works on a case (rules 3.8): its head, its curator, or somebody who works on it already, says so.

An organisation assigns its own people to a case it has a relation to. Whoever opens the first message of a case that
nobody of the organisation works on takes it by that. From then on only those who are assigned see it (POL-ROLE-3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import HEAD, answers_for
from gateway.use_cases.values import Person, Requester
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, OrganisationId, PersonId

ASSIGNMENT = "assignment"
MAY_ASSIGN = frozenset({HEAD, "coordinator", "senior_curator"})
"""Roles that may assign others to any case of their organisation; everybody assigned to a case may hand it on."""
CURATOR = "curator"
"""May assign to a case that nobody of the organisation works on yet."""


@begin_anew
def assign_case(
    house: House, requester: Requester, unverified_case: str, login: str, now: datetime, *, ends: bool = False
) -> EntryId:
    """Assign a person of one's own organisation to a case, or end that.

    Raises Unavailable (case_unavailable), NotPermitted (assign_not_yours), BadInput (person_unknown), Conflict
    (already_assigned, not_assigned_yet).
    """
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.writing() as unit:
        if not unit.recorded_facts.case_is_related(requester.organisation_id, case_id, now):
            raise Unavailable("case_unavailable")
        assigned = assigned_now(unit, requester.organisation_id, case_id)
        if not _may_assign(unit, requester, assigned):
            raise NotPermitted("assign_not_yours")
        person = unit.participants.person_by_login(login)
        if person is None or person.organisation_id != requester.organisation_id or not (person.active or ends):
            raise BadInput("person_unknown")
        if not ends:
            if person.id in assigned:
                raise Conflict("already_assigned")
            return _assign(unit, requester, case_id, person.id, now)
        salt = unit.recorded_facts.unassign(case_id, requester.organisation_id, person.id, now)
        if salt is None:
            raise Conflict("not_assigned_yet")
        return _entry(unit, requester, case_id, person.id, "ended", salt, now)


def _may_assign(unit: Unit, requester: Requester, assigned: Sequence[PersonId]) -> bool:
    if requester.person_id is None:
        return True  # a partner's system answers for who of its people does this
    roles = requester.roles
    if requester.role == "caseworker":  # an overseer assigns as a head, and not because there is none
        roles |= answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
    return bool(roles & MAY_ASSIGN) or requester.person_id in assigned or (not assigned and CURATOR in roles)


def read_assigned(house: House, requester: Requester, unverified_case: str, now: datetime) -> tuple[Person, ...]:
    """Who of one's own organisation works on the case. Raises Unavailable (case_unavailable)."""
    case_id = house.vault.resolve_case(requester.organisation_id, unverified_case)
    with house.store.reading() as unit:
        if not unit.recorded_facts.case_is_related(requester.organisation_id, case_id, now):
            raise Unavailable("case_unavailable")
        found = [unit.participants.person(p) for p in unit.recorded_facts.assigned(case_id, requester.organisation_id)]
    return tuple(person for person in found if person is not None)


def take_case(unit: Unit, requester: Requester, case_id: CaseId, now: datetime) -> None:
    """The person who opens first takes the case, where nobody of its organisation works on it. A system takes nothing."""
    person_id = requester.person_id
    if person_id is None or assigned_now(unit, requester.organisation_id, case_id):
        return
    _assign(unit, requester, case_id, person_id, now)


def assigned_now(unit: Unit, organisation_id: OrganisationId, case_id: CaseId) -> Sequence[PersonId]:
    """Who works on the case, for whoever is about to change that: of two at once the second sees what the first did."""
    unit.facts.lock(f"case:{case_id}")
    return unit.recorded_facts.assigned(case_id, organisation_id)


def require_assigned(unit: Unit, requester: Requester, case_id: CaseId) -> None:
    """Raises NotPermitted (not_assigned) for a person who does not work on a case that others work on."""
    person_id = requester.person_id
    assigned = unit.recorded_facts.assigned(case_id, requester.organisation_id) if person_id else ()
    if assigned and person_id not in assigned:
        raise NotPermitted("not_assigned")


def give_case(unit: Unit, requester: Requester, case_id: CaseId, person_id: PersonId, now: datetime) -> None:
    """Whoever was given a message works on its case: for the steps of a queue, which know who may."""
    _assign(unit, requester, case_id, person_id, now)


def leave_case(unit: Unit, requester: Requester, case_id: CaseId, person_id: PersonId, now: datetime) -> None:
    """The reverse; nothing where this person does not work on the case."""
    salt = unit.recorded_facts.unassign(case_id, requester.organisation_id, person_id, now)
    if salt is not None:
        _entry(unit, requester, case_id, person_id, "ended", salt, now)


def _assign(unit: Unit, requester: Requester, case_id: CaseId, person_id: PersonId, now: datetime) -> EntryId:
    salt = new_salt()
    unit.recorded_facts.assign(case_id, requester.organisation_id, person_id, requester.actor, salt, now)
    return _entry(unit, requester, case_id, person_id, "recorded", salt, now)


def _entry(
    unit: Unit, requester: Requester, case_id: CaseId, person_id: PersonId, change: str, salt: bytes, now: datetime
) -> EntryId:
    return append_entry(
        unit,
        EventKind.FACT_RECORDED,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "fact": ASSIGNMENT,
            "change": change,
            "case": commitment(salt, case_id),
            "person": person_id,
        },
        now,
    )
