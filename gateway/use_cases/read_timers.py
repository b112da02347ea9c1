"""Terms that run for one's organisation, the most urgent first; and closing one whose matter was done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.run_timers import MESSAGE
from gateway.use_cases.tell_people import answers_for
from gateway.use_cases.values import Requester, Timer
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import EntryId, is_id, new_id

MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class ShownTimer:
    """A running term with its words. `closable`: whether somebody can say that it was done; that of a review ends by the
    review."""

    timer: Timer
    title: str
    breached: bool
    closable: bool


def read_timers(house: House, requester: Requester, now: datetime) -> Sequence[ShownTimer]:
    """No content: a term names a message, a fact, an emergency by identifier."""
    with house.store.reading() as unit:
        found = unit.timers.of(requester.organisation_id, MAX_ROWS)
        roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
    return [
        ShownTimer(
            timer,
            house.pack.timer_title(timer.timer),
            breached=timer.due_at is not None and timer.due_at <= now,
            closable=is_closable(house, roles, timer),
        )
        for timer in found
    ]


def close_timer(house: House, requester: Requester, timer_id: str, now: datetime) -> EntryId:
    """Say that what one's own term about a message obliges to was done; the other side's runs on. A term of a review ends by
    the review alone; where a message is reviewed, whoever reviews says so.

    Raises Unavailable (timer_unavailable), Conflict (timer_closed), NotPermitted (review_not_yours; not_for_overseers for
    an administrator).
    """
    if requester.role == "admin":
        raise NotPermitted("not_for_overseers")
    with house.store.writing() as unit:
        timer = unit.timers.get(timer_id if is_id(timer_id) else new_id())
        if timer is None or timer.organisation_id != requester.organisation_id:
            raise Unavailable("timer_unavailable")
        roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
        if not is_closable(house, roles, timer):
            raise NotPermitted("review_not_yours")
        if timer.done_at is not None:
            raise Conflict("timer_closed")
        unit.timers.close(timer.id, requester.actor, now)
        return append_entry(
            unit,
            EventKind.TIMER_CLOSED,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "timer": timer.timer,
                "about": {timer.about_kind: timer.about},
                "late": timer.due_at is not None and timer.due_at <= now,
            },
            now,
        )


def is_closable(house: House, roles: Collection[str], timer: Timer) -> bool:
    """By somebody who answers for these roles: what is to be reviewed is closed by who reviews."""
    if timer.about_kind != MESSAGE:
        return False
    row = house.pack.responsible.emergency
    return row is None or timer.timer != row.review or row.reviewer in roles
