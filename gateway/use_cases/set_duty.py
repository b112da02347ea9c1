"""When an organisation works, who is on duty, which numbers are rung: set by its own people or by the operator; read by
its own people. And the alerts that were made, with what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_people import desk_of
from gateway.use_cases.queue_values import TO_RING, Alert
from gateway.use_cases.values import Organisation, Requester
from schemas.duty import DutySchedule
from schemas.errors import BadInput, NotPermitted
from schemas.ids import EntryId, OrganisationId

MAX_ALERTS = 200


def set_duty(house: House, requester: Requester, schedule: DutySchedule, now: datetime) -> EntryId:
    """Replace the schedule of one's own organisation. Raises NotPermitted (queue_not_yours), BadInput (person_unknown: a
    contact has the login of somebody else)."""
    with house.store.writing() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
        if not desk.may(requester, house.pack.queues.roles.duty):
            raise NotPermitted("queue_not_yours")
        return _set(unit, requester.organisation_id, schedule, requester.actor, now)


def set_duty_as_operator(
    house: House, organisation_id: OrganisationId, schedule: DutySchedule, actor: str, now: datetime
) -> EntryId:
    """The same by the operator, on documents. Raises BadInput (organisation_unknown, person_unknown)."""
    with house.store.writing() as unit:
        if unit.participants.organisation(organisation_id) is None:
            raise BadInput("organisation_unknown")
        return _set(unit, organisation_id, schedule, actor, now)


def read_duty(house: House, organisation_id: OrganisationId) -> DutySchedule:
    """The schedule of one's own organisation; an empty one where none was set."""
    with house.store.reading() as unit:
        return unit.alerts.schedule(organisation_id) or DutySchedule()


def may_keep_duty(house: House, requester: Requester, now: datetime) -> bool:
    """Whether this requester keeps the duty list of its organisation."""
    with house.store.reading() as unit:
        return desk_of(unit, requester.organisation_id, now).may(requester, house.pack.queues.roles.duty)


def read_all_duty(house: House) -> tuple[Sequence[Organisation], Mapping[OrganisationId, DutySchedule]]:
    """For the operator: every organisation and every schedule."""
    with house.store.reading() as unit:
        return unit.participants.organisations(), unit.alerts.schedules()


def read_alerts(house: House, requester: Requester, now: datetime) -> Sequence[Alert]:
    """The newest alerts of one's own organisation, for who gives work to others. Raises NotPermitted
    (queue_not_yours)."""
    with house.store.reading() as unit:
        if not desk_of(unit, requester.organisation_id, now).may_assign(requester, house.pack.queues.roles):
            raise NotPermitted("queue_not_yours")
        return unit.alerts.of(requester.organisation_id, MAX_ALERTS)


def read_to_ring(house: House, requester: Requester) -> Sequence[Alert]:
    """Numbers of one's own organisation that wait for somebody who rings them."""
    with house.store.reading() as unit:
        return unit.alerts.of(requester.organisation_id, MAX_ALERTS, state=TO_RING)


def read_alerts_as_operator(
    house: House, organisation_id: OrganisationId | None, state: str | None = None
) -> Sequence[Alert]:
    """The newest alerts of one organisation, or of all."""
    with house.store.reading() as unit:
        return unit.alerts.of(organisation_id, MAX_ALERTS, state=state)


def _set(unit: Unit, organisation_id: OrganisationId, schedule: DutySchedule, actor: str, now: datetime) -> EntryId:
    staff, _ = unit.queues.staff(organisation_id, now)
    logins = {person.login for person in staff}
    if any(contact.login and contact.login not in logins for contact in schedule.contacts):
        raise BadInput("person_unknown")
    unit.alerts.set_schedule(organisation_id, schedule, actor, now)
    return append_entry(
        unit,
        EventKind.DUTY_CHANGED,
        {"organisation": organisation_id, "actor": actor, "contacts": len(schedule.contacts)},
        now,
    )
