"""A phone call that was made about a message: which office line, when, with which result. No word of the family.

It becomes a part of the course of the message that both sides see.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.house import House
from gateway.use_cases.queue_values import Call
from gateway.use_cases.values import Requester
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import EntryId, MessageId, new_id

REACHED: Final = "reached"
RESULTS: Final = (REACHED, "no_answer", "busy", "wrong_line")
LINES: Final = ("112", "published_elsewhere")
"""Lines that are not on the other office's list: the emergency number, and a number found elsewhere (not kept)."""
SLACK: Final = timedelta(minutes=5)
"""By how much a clock on a wall may be ahead."""


def record_call(
    house: House,
    requester: Requester,
    message_id: MessageId,
    line: str,
    rang_at: datetime,
    result: str,
    now: datetime,
) -> EntryId:
    """Either side of a message records a call: of the other's listed numbers, or one of `LINES`.

    Raises Unavailable (message_unavailable), NotPermitted (not_for_overseers, not_assigned), BadInput (call_line_unknown,
    call_result_unknown, call_time).
    """
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    with house.store.writing() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now)
        if message is None:
            raise Unavailable("message_unavailable")
        require_assigned(unit, requester, message.case_id)
        sides = {message.sender_id, message.recipient_id}
        other = next((side for side in sides if side != requester.organisation_id), message.recipient_id)
        # Whoever rings the duty line of one's own office records that too.
        listed = set(LINES)
        for side in (message.recipient_id, other):
            schedule = unit.alerts.schedule(side)
            if schedule is not None and not (side == message.sender_id and message.sender_protected):
                listed |= {phone.number for phone in schedule.duty_line} | {schedule.published_phone or ""}
        if not line or line not in listed:
            raise BadInput("call_line_unknown")
        if result not in RESULTS:
            raise BadInput("call_result_unknown", result=result, known=", ".join(RESULTS))
        if rang_at.utcoffset() is None or not message.submitted_at - SLACK <= rang_at <= now + SLACK:
            raise BadInput("call_time")
        unit.queues.add_call(
            Call(new_id(), message_id, requester.organisation_id, requester.actor, line, min(rang_at, now), result, now)
        )
        if result == REACHED:
            unit.alerts.rung(message_id, message.recipient_id, now)
        return append_entry(
            unit,
            EventKind.CALL_RECORDED,
            {
                "message": message_id,
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "line": line,
                "rang_at": min(rang_at, now).isoformat(),
                "result": result,
            },
            now,
        )
