"""A party asked about what was put to it: whose turn it is has changed, so the term of its answer stands still until the
other side has replied.

What had passed already, or had ended by an earlier answer, does not stand still: the reply begins a term of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import MESSAGE, CourseTimer, StoppedClock
from gateway.use_cases.run_practice_timers import Clock, clock_of, with_next
from gateway.use_cases.values import MessageOnFile
from policies.profile import Profile


def stop_for_question(house: House, unit: Unit, message: MessageOnFile, actor: str, now: datetime) -> None:
    """The sender's terms about this message stand still, for the reason that its practice has for it."""
    found = _profile_of_sender(house, unit, message)
    if found is None:
        return
    _, profile = found
    for timer in unit.practices.running_about(MESSAGE, message.id, message.sender_id, lock=True):
        row = profile.timers.get(timer.timer)
        if row is None or row.asked is None or timer.paused_at is not None:
            continue
        if (
            timer.due_at <= now
        ):  # it had passed: its breach stays recorded, and nobody is told again of a silence that ended
            unit.practices.save([with_next(replace(timer, done_at=now, done_by=actor))])
            continue
        unit.practices.add_pause(StoppedClock(timer.id, now, None, row.asked, actor))
        unit.practices.save([with_next(replace(timer, paused_at=now))])
        _entry(unit, EventKind.TIMER_PAUSED, timer, actor, now, reason=row.asked)


def go_on_after_reply(house: House, unit: Unit, message: MessageOnFile, actor: str, now: datetime) -> None:
    """The clock runs on, or a new term begins where none stands."""
    found = _profile_of_sender(house, unit, message)
    if found is None:
        return
    clock, profile = found
    running = unit.practices.running_about(MESSAGE, message.id, message.sender_id, lock=True)
    for timer in running:
        row = profile.timers.get(timer.timer)
        if row is None or row.asked is None or timer.paused_at is None:
            continue
        unit.practices.end_pause(timer.id, now)
        pauses = unit.practices.pauses([timer.id])[timer.id]
        again = clock.counted(replace(timer, paused_at=None), pauses, now)
        unit.practices.save([again])
        _entry(unit, EventKind.TIMER_RESUMED, timer, actor, now, due_at=again.due_at.isoformat())
    known = {timer.timer for timer in running}
    for code, side in profile.started_by_message(message.type).items():
        row = profile.timers[code]
        if side == "sender" and row.each and row.asked and code not in known and clock.chosen.runs(code):
            practice = clock.organisation.practice or ""
            unit.practices.start(clock.started(practice, code, MESSAGE, message.id, now))


def _profile_of_sender(house: House, unit: Unit, message: MessageOnFile) -> tuple[Clock, Profile] | None:
    sender = unit.participants.organisation(message.sender_id)
    profile = house.practices.get(sender.practice) if sender else None
    return (clock_of(house, unit, sender), profile) if sender and profile else None


def _entry(unit: Unit, kind: EventKind, timer: CourseTimer, actor: str, now: datetime, **more: str) -> None:
    append_entry(
        unit,
        kind,
        {
            "organisation": timer.organisation_id,
            "actor": actor,
            "practice": timer.practice,
            "timer": timer.timer,
            "row": timer.id,
            **more,
        },
        now,
    )
