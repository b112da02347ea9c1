"""Somebody is away from day to day, and a substitute does the work; without one it lies on the head's list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import leave_case
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_people import Desk, absence_key, desk_of
from gateway.use_cases.queue_values import Absence
from gateway.use_cases.values import Requester
from schemas.days import is_countable
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import MessageId, is_id, new_id

LONGEST = timedelta(days=1200)
"""Longer than any leave, care of a child up to three years among it."""
BATCH = 20


@begin_anew
def record_absence(
    house: House, requester: Requester, login: str, first: date, last: date, substitute: str | None, now: datetime
) -> Absence:
    """From the first to the last day, both counted, where the organisation is. One's own, or by who gives work to others.

    Raises NotPermitted (queue_not_yours), BadInput (person_unknown, substitute_unknown, absence_dates), Conflict
    (absence_overlaps).
    """
    with house.store.writing() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
        person = next((p for p in desk.staff if p.login == login.strip().lower() and p.active), None)
        mine = person is not None and person.id == requester.person_id
        if not mine and not desk.may_assign(requester, house.pack.queues.roles):
            raise NotPermitted("queue_not_yours")
        if person is None:
            raise BadInput("person_unknown")
        other = desk.colleague(substitute) if substitute else None
        if substitute and (other is None or other.id == person.id):
            raise BadInput("substitute_unknown")
        from_at, to_at = _span(unit, requester, first, last, now)
        unit.facts.bump([absence_key(person.id)])  # of two who record at once the second waits here, and sees the first
        for known in unit.queues.absences(requester.organisation_id, from_at):
            if known.person_id == person.id and known.from_at < to_at:
                raise Conflict("absence_overlaps")
        absence = Absence(
            new_id(),
            requester.organisation_id,
            person.id,
            other.id if other else None,
            from_at,
            to_at,
            requester.actor,
            now,
        )
        unit.queues.add_absence(absence)
        _entry(unit, requester, absence, "recorded", now)
    return absence


@begin_anew
def end_absence(house: House, requester: Requester, absence_id: str, now: datetime) -> None:
    """Somebody is back earlier, or does not go. Raises Unavailable (absence_unavailable), NotPermitted
    (queue_not_yours)."""
    with house.store.writing() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
        absence = unit.queues.absence(absence_id if is_id(absence_id) else new_id())
        if absence is None or absence.organisation_id != requester.organisation_id:
            raise Unavailable("absence_unavailable")
        unit.facts.bump([absence_key(absence.person_id)])
        absence = unit.queues.absence(absence_id)
        if absence is None or absence.to_at <= max(now, absence.from_at):  # it is over, or was ended before
            raise Unavailable("absence_unavailable")
        if absence.person_id != requester.person_id and not desk.may_assign(requester, house.pack.queues.roles):
            raise NotPermitted("queue_not_yours")
        unit.queues.end_absence(absence.id, max(now, absence.from_at) if absence.from_at < now else absence.from_at)
        _entry(unit, requester, absence, "ended", now)
        give_back(unit, now)


def give_back(unit: Unit, now: datetime) -> int:
    """Cases of whom somebody stood in for go back, unless the substitute has work of its own in them. How many were."""
    over = unit.queues.over(now, BATCH)
    for standing in over:
        gateway = Requester(standing.organisation_id, "gateway")
        if not unit.queues.others_open(standing.case_id, standing.person_id, _NO_MESSAGE):
            leave_case(unit, gateway, standing.case_id, standing.person_id, now)
    unit.queues.end_stand_ins([standing.id for standing in over], now)
    return len(over)


def read_absences(house: House, requester: Requester, now: datetime) -> tuple[Sequence[Absence], Desk]:
    """Absences that have not ended, and the desk: whoever works in the organisation may know who is there."""
    with house.store.reading() as unit:
        return unit.queues.absences(requester.organisation_id, now), desk_of(unit, requester.organisation_id, now)


_NO_MESSAGE = MessageId("")  # none is left out


def _span(unit: Unit, requester: Requester, first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    if not (is_countable(first) and is_countable(last)):
        raise BadInput("absence_dates")
    organisation = unit.participants.organisation(requester.organisation_id)
    zone = ZoneInfo(organisation.zone if organisation else "UTC")
    from_at = max(datetime.combine(first, time.min, zone), now)  # what has passed is no absence any more
    to_at = datetime.combine(last + timedelta(days=1), time.min, zone)
    if last < first or to_at <= now or to_at - from_at > LONGEST:
        raise BadInput("absence_dates")
    return from_at, to_at


def _entry(unit: Unit, requester: Requester, absence: Absence, change: str, now: datetime) -> None:
    append_entry(
        unit,
        EventKind.ABSENCE_RECORDED,
        {
            "organisation": requester.organisation_id,
            "actor": requester.actor,
            "person": absence.person_id,
            "substitute": absence.substitute_id or "none",
            "change": change,
        },
        now,
    )
