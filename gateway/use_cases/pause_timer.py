"""Stop, run on and end the clock of one timer of the practice. Terms of the law and of a pack never stop."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CASE, CourseTimer, StoppedClock
from gateway.use_cases.record_practice_event import require_practice_role
from gateway.use_cases.run_practice_timers import clock_of, with_next
from gateway.use_cases.values import Organisation, Requester
from policies.profile import Profile
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import CaseId, EntryId, MessageId, is_id, new_id


@begin_anew
def pause_timer(house: House, requester: Requester, timer_id: str, reason: str, now: datetime) -> EntryId:
    """Stop the clock, for a reason that the practice has.

    Raises Unavailable (timer_unavailable), NotPermitted (timer_never_stops, practice_not_yours, not_assigned,
    not_for_overseers), Conflict (timer_closed, timer_paused, timer_passed), BadInput (reason_unknown).
    """
    with house.store.writing() as unit:
        timer, organisation, profile = _own(house, unit, requester, timer_id, now)
        if timer.paused_at is not None:
            raise Conflict("timer_paused")
        if timer.due_at <= now:
            raise Conflict("timer_passed")
        if reason not in profile.pause_reasons:
            raise BadInput("reason_unknown", reason=reason[:40])
        unit.practices.add_pause(StoppedClock(timer.id, now, None, reason, requester.actor))
        unit.practices.save([with_next(replace(timer, paused_at=now))])
        return _entry(unit, EventKind.TIMER_PAUSED, organisation, requester, timer, now, reason=reason)


@begin_anew
def resume_timer(house: House, requester: Requester, timer_id: str, now: datetime) -> EntryId:
    """Run on: the due instant moves by what the pause took.

    Raises as `pause_timer`, and Conflict (timer_runs).
    """
    with house.store.writing() as unit:
        timer, organisation, _ = _own(house, unit, requester, timer_id, now)
        if timer.paused_at is None:
            raise Conflict("timer_runs")
        unit.practices.end_pause(timer.id, now)
        pauses = unit.practices.pauses([timer.id])[timer.id]
        again = clock_of(house, unit, organisation).counted(replace(timer, paused_at=None), pauses, now)
        unit.practices.save([again])
        return _entry(
            unit, EventKind.TIMER_RESUMED, organisation, requester, timer, now, due_at=again.due_at.isoformat()
        )


@begin_anew
def finish_timer(house: House, requester: Requester, timer_id: str, now: datetime) -> EntryId:
    """Say that it was done. A timer that repeats begins its next round.

    Raises as `pause_timer`.
    """
    with house.store.writing() as unit:
        timer, organisation, profile = _own(house, unit, requester, timer_id, now)
        if timer.paused_at is not None:
            unit.practices.end_pause(timer.id, now)
        done = with_next(replace(timer, done_at=now, done_by=requester.actor, paused_at=None))
        unit.practices.save([done])
        clock = clock_of(house, unit, organisation)
        row = profile.timers.get(timer.timer)
        if row is not None and row.repeats and clock.chosen.runs(timer.timer):
            unit.practices.start(clock.started(timer.practice, timer.timer, timer.about_kind, timer.about, now))
        late = "yes" if not timer.reminder and timer.due_at <= now else "no"
        return _entry(unit, EventKind.TIMER_CLOSED, organisation, requester, timer, now, late=late)


def _own(
    house: House, unit: Unit, requester: Requester, timer_id: str, now: datetime
) -> tuple[CourseTimer, Organisation, Profile]:
    wanted = timer_id if is_id(timer_id) else new_id()
    timer = unit.practices.get(wanted, requester.organisation_id, lock=True)
    other = unit.timers.get(wanted)
    if timer is None:
        if other is not None and other.organisation_id == requester.organisation_id:
            raise NotPermitted("timer_never_stops")
        raise Unavailable("timer_unavailable")
    organisation = unit.participants.organisation(requester.organisation_id)
    profile = house.practices.get(timer.practice)
    if organisation is None or profile is None:
        raise Unavailable("timer_unavailable")
    require_practice_role(unit, requester, profile.may.record)
    require_assigned(unit, requester, _case_of(unit, requester, timer, now))
    if timer.done_at is not None:
        raise Conflict("timer_closed")
    return timer, organisation, profile


def _case_of(unit: Unit, requester: Requester, timer: CourseTimer, now: datetime) -> CaseId:
    if timer.about_kind == CASE:
        return CaseId(timer.about)
    message = unit.messages.get(MessageId(timer.about), requester.organisation_id, now)
    if message is None:
        raise Unavailable("timer_unavailable")
    return message.case_id


def _entry(
    unit: Unit,
    kind: EventKind,
    organisation: Organisation,
    requester: Requester,
    timer: CourseTimer,
    now: datetime,
    **more: str,
) -> EntryId:
    return append_entry(
        unit,
        kind,
        {
            "organisation": organisation.id,
            "actor": requester.actor,
            "practice": timer.practice,
            "timer": timer.timer,
            "row": timer.id,
            **more,
        },
        now,
    )
