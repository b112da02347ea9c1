"""Time has passed: what nobody decided, reviewed or did goes on to the next person. Run by the relay, round by round.

Nothing is released or refused by time alone (152-ФЗ ст. 16): a term that passes only finds somebody else to act.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.expire_messages import expire_messages
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import HEAD, notice, tell_deputies
from gateway.use_cases.values import Hold
from schemas.ids import OrganisationId

BATCH = 200


def escalate(house: House, now: datetime) -> int:
    """How many were passed on or found late in this round."""
    with house.store.reading() as unit:
        if not (unit.holds.is_overdue(now) or unit.timers.is_breached(now)):
            return 0
    with house.store.writing() as unit:
        holds = unit.holds.overdue(now, BATCH)
        for hold in holds:
            _pass_on(house, unit, hold, now)
        timers = unit.timers.breached(now, BATCH)
        unit.timers.mark_breached([timer.id for timer in timers], now)
        for timer in timers:
            append_entry(
                unit,
                EventKind.TIMER_BREACHED,
                {
                    "organisation": timer.organisation_id,
                    "timer": timer.timer,
                    "about": {timer.about_kind: timer.about},
                    "due_at": timer.due_at.isoformat() if timer.due_at else "none",
                },
                now,
            )
        expire_messages(house, unit, timers, now)
        unit.notices.add([notice(t.organisation_id, HEAD, "timer.breached", t.id, now) for t in timers])
    return len(holds) + len(timers)


def _pass_on(house: House, unit: Unit, hold: Hold, now: datetime) -> None:
    """To the next role of the chain; after the last one again to its head, so that it is never forgotten."""
    step = min(hold.step + 1, len(hold.chain) - 1)
    due_at = house.pack.due(house.pack.responsible.holds.timer, now, _zone(unit, hold.holder_id))
    unit.holds.save(replace(hold, step=step, due_at=due_at))
    append_entry(
        unit,
        EventKind.HOLD_ESCALATED,
        {"organisation": hold.holder_id, "hold": hold.id, "role": hold.chain[step], "due_at": due_at.isoformat()},
        now,
    )
    roles = dict.fromkeys((hold.chain[step], *((HEAD,) if step == hold.step else ())))
    unit.notices.add([notice(hold.holder_id, role, "hold.escalated", hold.id, now) for role in roles])
    if hold.first_by is not None:  # a deputy may be the second
        tell_deputies(unit, hold, "hold.escalated", now)


def _zone(unit: Unit, organisation_id: OrganisationId) -> str:
    organisation = unit.participants.organisation(organisation_id)
    return organisation.zone if organisation else "UTC"
