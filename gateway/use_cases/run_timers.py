"""Terms that run: what a ruling obliges to by a date (rules 3.6 and 5) becomes a row that somebody is reminded by.

Which obligation starts which timer, for whom and when, is data of the pack. The same duty about the same thing runs once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.use_cases.enter_queue import queue_delivered
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_practice_timers import start_by_messages
from gateway.use_cases.values import MessageOnFile, Organisation, Timer
from policies.ruling import Ruling
from schemas.ids import MessageId, new_id
from schemas.lifecycle import Event
from schemas.messages import message_types

MESSAGE = "message"
NOW = "now"
DELIVERED = "delivered"


def last_day_before(due_at: datetime, zone: str) -> date:
    """The last day on which something is in time that is due at `due_at`, where `zone` is."""
    return (due_at - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def start_timers(
    house: House,
    unit: Unit,
    message: MessageOnFile,
    holder: Organisation,
    recipient: Organisation,
    rulings: Iterable[Ruling],
    now: datetime,
) -> None:
    """Start what the rulings on a message oblige its two sides to, for what goes out. The recipient owes something only
    from when it comes: no term tells it of a message that has not come, or of anybody who is not in it."""
    found: dict[tuple[str, str], Timer] = {}
    ruled = [category for ruling in rulings for category in ruling.by_category.values()]
    for code in sorted({code for category in ruled if category.effect.releases for code in category.obligations}):
        started = house.pack.obligation_timer(code)
        if started is None:
            continue
        timer, starts = started
        concerned = house.pack.concerns(code)
        sides = [holder] if concerned == "holder" else [recipient] if concerned == "recipient" else [holder, recipient]
        for side in sides:
            row = Timer(new_id(), timer, side.id, MESSAGE, message.id, DELIVERED if side is recipient else starts)
            if row.starts == NOW:
                row = replace(row, started_at=now, due_at=house.pack.due(timer, now, side.zone))
            found[timer, side.id] = row
    unit.timers.start(list(found.values()))


def start_unaccepted(house: House, unit: Unit, message: MessageOnFile) -> None:
    """What rests on a consent and asks to be taken on does not lie unaccepted for ever: the term runs from its delivery."""
    term = house.pack.responsible.unaccepted
    kind = message_types().get(message.type)
    asks = kind is not None and Event.ACCEPT in kind.events
    if term is not None and asks and house.pack.rests_on_consent(message.purpose):
        unit.timers.start([Timer(new_id(), term, message.recipient_id, MESSAGE, message.id, DELIVERED)])


def delivered(house: House, unit: Unit, message_ids: Collection[MessageId], now: datetime) -> None:
    """These messages lie in their recipients' queues: what waited for that runs from now, what it was owed by is done."""
    queue_delivered(house, unit, message_ids, now)
    unit.timers.done(MESSAGE, message_ids, house.pack.timers_ended_by(DELIVERED), "gateway", now)
    for timer in unit.timers.waiting_for(DELIVERED, message_ids):
        organisation = unit.participants.organisation(timer.organisation_id)
        zone = organisation.zone if organisation else "UTC"
        unit.timers.run(replace(timer, started_at=now, due_at=house.pack.due(timer.timer, now, zone)))
    start_by_messages(house, unit, message_ids, now)
