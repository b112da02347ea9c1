"""The incoming number (вх. №) that the recipient gives a message in its own journal; the outgoing one (исх. №) came with it."""

from __future__ import annotations

from datetime import date, datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.answer_message import find_message
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import BadInput, NotPermitted
from schemas.ids import MessageId
from schemas.nameless import require_no_person

LONGEST = 100


def register_incoming(
    house: House, requester: Requester, message_id: MessageId, number: str, on: date, now: datetime
) -> MessageOnFile:
    """The message with its number. A mistake is put right by giving another; each is an entry.

    Raises Unavailable (message_unavailable), NotPermitted (message_not_yours, not_assigned), BadInput (number_required).
    """
    number = number.strip()
    if not number or len(number) > LONGEST:
        raise BadInput("number_required", most=LONGEST)
    require_no_person({"number": number})
    with house.store.writing() as unit:
        message = find_message(unit, requester, message_id, now)
        if message.recipient_id != requester.organisation_id:
            raise NotPermitted("message_not_yours", event="register")
        unit.messages.register(message.id, number, on)
        append_entry(
            unit,
            EventKind.MESSAGE_REGISTERED,
            {
                "message": message.id,
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "number": commitment(new_salt(), number),
                "on": on.isoformat(),
            },
            now,
        )
        found = unit.messages.get(message_id, requester.organisation_id, now)
    assert found is not None
    return found
