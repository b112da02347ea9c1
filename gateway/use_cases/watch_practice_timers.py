"""Terms of practices that come near or pass: who must act is told, then the next of the chain. Run by the relay.

The chain is data of the practice; each step is told once. Nothing is decided, opened or closed by time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import MESSAGE, CourseTimer, DeliveredMessage
from gateway.use_cases.run_practice_timers import Clock, clocks_of, with_next
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Notice
from policies.profile import ChainStep, EscalationRow
from policies.terms import due_at
from schemas.ids import MessageId

BATCH = 200
NEAR, REMINDS, PASSED, ANOTHER = "term.near", "term.reminds", "term.passed", "term.passed_there"
"""Kinds of notices. The last one goes to the other side of a message and names the message alone."""


def watch_practice_timers(house: House, now: datetime) -> int:
    """How many were looked at in this round: nothing waits, one statement."""
    with house.store.reading() as unit:
        if not unit.practices.is_waiting(now):
            return 0
    with house.store.writing() as unit:
        waiting = unit.practices.waiting(now, BATCH)
        clocks = clocks_of(house, unit, {timer.organisation_id for timer in waiting})
        about = [MessageId(timer.about) for timer in waiting if timer.about_kind == MESSAGE]
        messages = {found.id: found for found in unit.practices.delivered(about)} if about else {}
        saved: list[CourseTimer] = []
        notices: list[Notice] = []
        for timer in waiting:
            after, told = _look(unit, clocks[timer.organisation_id], timer, messages, now)
            saved.append(after)
            notices += told
        unit.practices.save(saved)
        unit.notices.add(notices)
    return len(waiting)


def _look(
    unit: Unit, clock: Clock, timer: CourseTimer, messages: Mapping[MessageId, DeliveredMessage], now: datetime
) -> tuple[CourseTimer, list[Notice]]:
    profile = clock.profile(timer.practice)
    if profile is None:
        return replace(timer, next_at=None), []
    chain = clock.chain(timer.practice, timer.timer)
    if timer.reminder or now < timer.due_at:
        kind = REMINDS if timer.reminder else NEAR
        _entry(unit, EventKind.TIMER_WARNED, timer, now)
        return with_next(replace(timer, warned_at=now)), _tell(timer, profile.escalation.chain[0], kind, messages, now)
    step = timer.step
    if timer.breached_at is None:
        _entry(unit, EventKind.TIMER_BREACHED, timer, now)
        timer = replace(timer, breached_at=now)
    else:
        _entry(unit, EventKind.TIMER_ESCALATED, timer, now, step=step + 1)
    told = _tell(timer, chain[step], PASSED, messages, now) if step < len(chain) else []
    following = step + 1
    next_at = _next(clock, profile.escalation, now) if following < len(chain) else None
    return replace(timer, step=following, next_at=next_at), told


def _next(clock: Clock, row: EscalationRow, now: datetime) -> datetime:
    place = clock.house.pack.place(clock.organisation.zone)
    return due_at(now, row.step.term, place.zone, place.calendar)


def _tell(
    timer: CourseTimer, step: ChainStep, kind: str, messages: Mapping[MessageId, DeliveredMessage], now: datetime
) -> list[Notice]:
    found = [notice(timer.organisation_id, role, kind, timer.id, now) for role in step.roles]
    message = messages.get(MessageId(timer.about)) if timer.about_kind == MESSAGE else None
    if step.both and message is not None:
        other = message.sender_id if timer.organisation_id == message.recipient_id else message.recipient_id
        found.append(notice(other, HEAD, ANOTHER, message.id, now))
    return found


def _entry(unit: Unit, kind: EventKind, timer: CourseTimer, now: datetime, **more: int) -> None:
    append_entry(
        unit,
        kind,
        {
            "organisation": timer.organisation_id,
            "practice": timer.practice,
            "timer": timer.timer,
            "row": timer.id,
            "due_at": timer.due_at.isoformat(),
            **more,
        },
        now,
    )
