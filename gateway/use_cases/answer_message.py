"""Answer a message that was opened: accept, reject with a coded reason and alternatives, or acknowledge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, ReceiptOnFile, Requester
from schemas.codes import REJECT_REASONS, find_code
from schemas.errors import BadInput, NotPermitted, Unavailable
from schemas.ids import MessageId, OrganisationId
from schemas.lifecycle import Actor, Event, advance

KINDS = {
    Event.ACCEPT: EventKind.MESSAGE_ACCEPTED,
    Event.REJECT: EventKind.MESSAGE_REJECTED,
    Event.ACKNOWLEDGE: EventKind.MESSAGE_ACKNOWLEDGED,
}


def answer_message(
    house: House,
    requester: Requester,
    message_id: MessageId,
    event: Event,
    now: datetime,
    *,
    reason: str | None = None,
    alternatives: Sequence[OrganisationId] = (),
) -> MessageOnFile:
    """The message in its new state.

    Raises Unavailable (message_unavailable), NotPermitted (not_assigned), Conflict (message_state_conflict), BadInput
    (reason_required, reason_unknown): a refusal is an informed one, so it has a coded reason.
    """
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if event is Event.REJECT and reason is None:
        raise BadInput("reason_required")
    if reason is not None and find_code(REJECT_REASONS, reason) is None:
        raise BadInput("reason_unknown", reason=reason)
    with house.store.writing() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now, lock=True)
        if message is None or message.recipient_id != requester.organisation_id:
            raise Unavailable("message_unavailable")
        require_assigned(unit, requester, message.case_id)
        state = advance(message.state, event, Actor.RECIPIENT)
        receipt = ReceiptOnFile(state, now, requester.organisation_id, requester.actor)
        unit.messages.advance(message_id, receipt, reason=reason, alternatives=alternatives)
        append_entry(
            unit,
            KINDS[event],
            {
                "message": message_id,
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                **({"reason": reason, "alternatives": list(alternatives)} if reason else {}),
            },
            now,
        )
        answered = unit.messages.get(message_id, requester.organisation_id, now)
    assert answered is not None
    return answered
