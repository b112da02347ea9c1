"""A message by consent that nobody took on in its term ends, and what it brought is removed (pack: `unaccepted`).

What a family agreed to pass on for help is not left lying where no help came from. The course of the message, its receipts
and its entries stay: they hold nothing of the family.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.move_message import THE_GATEWAY, move
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Timer
from schemas.ids import MessageId
from schemas.lifecycle import Event, State

WAITING = frozenset({State.DELIVERED, State.OPENED})


def expire_messages(house: House, unit: Unit, breached: Collection[Timer], now: datetime) -> None:
    """Of the terms that have just passed, those of messages that nobody accepted."""
    term = house.pack.responsible.unaccepted
    for timer in breached:
        if timer.timer != term:
            continue
        message = unit.messages.by_id(MessageId(timer.about), now)
        if message is None or message.state not in WAITING:
            continue
        removed = unit.messages.remove_sections(message.id)
        move(unit, message, Event.EXPIRE, THE_GATEWAY, now, details={"timer": timer.timer, "sections": removed})
        unit.timers.close(timer.id, "gateway", now)
        unit.notices.add(
            [
                notice(side, HEAD, "message.expired", message.id, now)
                for side in (message.sender_id, message.recipient_id)
            ]
        )
