"""Apply one answer that came in a file: by the use cases that the API calls for it, and once.

Its number is remembered in the unit of work that applies it, so a file that comes twice, or half before a crash, changes
nothing more. A message that is not the answerer's answers like one that does not exist (law 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import rfc8785

from gateway.use_cases.answer_message import Answer, answer_message, check_answer, require_open, side_of
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.house import House
from gateway.use_cases.named_organisation import organisation_named
from gateway.use_cases.open_message import open_message
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.answers import RECEIVED, AnswerDraft
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.ids import DeliveryId, MessageId
from schemas.lifecycle import Event, State

_OF_RECIPIENT: Final = frozenset(Event) - {Event.CANCEL, Event.RECALL, Event.ENTER_IN_ERROR, Event.REPLY}


@dataclass(slots=True)
class Rehearsed:
    """What earlier answers of a file that is only rehearsed would have done: states of messages, digests by number."""

    states: dict[MessageId, State] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)


def apply_answer(house: House, requester: Requester, draft: AnswerDraft, now: datetime) -> tuple[MessageId, bool]:
    """The message, and whether the answer said anything new.

    Raises Unavailable (message_unavailable) and what `open_message` and `answer_message` do.
    """
    with house.store.reading() as unit:
        message, told = _named(unit, requester, draft, now)
        applied = unit.delivery_events.applied(requester.organisation_id, draft.operation_id)
    if draft.event == RECEIVED:
        return message.id, _acknowledge(house, requester, told, now)
    event = Event(draft.event)
    if event is Event.OPEN:
        return message.id, _open(house, requester, message, now)
    if applied is None and _opens_first(requester, message, event):
        _open(house, requester, message, now)  # who answers a message has opened it
    with house.store.reading() as unit:
        said = _said(unit, draft)
    answer_message(house, requester, message.id, event, now, said)
    return message.id, applied is None


def rehearse_answer(
    house: House, requester: Requester, draft: AnswerDraft, now: datetime, earlier: Rehearsed | None = None
) -> None:
    """The same questions, and nothing is done; `earlier` takes what this answer would have done. Raises as `apply_answer`."""
    earlier = earlier or Rehearsed()
    with house.store.reading() as unit:
        message, _ = _named(unit, requester, draft, now)
        if draft.event == RECEIVED:
            return
        if requester.role != "caseworker":
            raise NotPermitted("not_for_overseers")
        require_assigned(unit, requester, message.case_id)
        message, event = replace(message, state=earlier.states.get(message.id, message.state)), Event(draft.event)
        if event is Event.OPEN:
            _require_recipient(requester, message)
        if event is Event.OPEN or _opens_first(requester, message, event):
            message = replace(message, state=State.OPENED if message.state is State.DELIVERED else message.state)
        if event is not Event.OPEN:
            message = _rehearse(unit, requester, message, event, _said(unit, draft), earlier)
        earlier.states[message.id] = message.state


def _rehearse(
    unit: Unit, requester: Requester, message: MessageOnFile, event: Event, said: Answer, earlier: Rehearsed
) -> MessageOnFile:
    assert said.operation is not None
    number, digest = said.operation
    before = earlier.operations.get(number) or unit.delivery_events.applied(requester.organisation_id, number)
    if before == digest:
        return message
    if before is not None:
        raise Conflict("operation_id_reused", operation_id=number)
    row = check_answer(message, event, side_of(requester, message, event), said)
    require_open(unit, message, row)
    earlier.operations[number] = digest
    return replace(message, state=row.next)


def _named(
    unit: Unit, requester: Requester, draft: AnswerDraft, now: datetime
) -> tuple[MessageOnFile, Sequence[DeliveryId]]:
    """The message that is answered, and its deliveries. Raises Unavailable (message_unavailable)."""
    message_id, told = unit.delivery_events.named(
        requester.organisation_id, draft.delivery_id or "", draft.message_id or ""
    )
    message = unit.messages.get(message_id or MessageId(""), requester.organisation_id, now)
    if message is None:
        raise Unavailable("message_unavailable")
    return message, told


def _opens_first(requester: Requester, message: MessageOnFile, event: Event) -> bool:
    return event in _OF_RECIPIENT and message.recipient_id == requester.organisation_id


def _acknowledge(house: House, requester: Requester, told: Sequence[DeliveryId], now: datetime) -> bool:
    with house.store.writing() as unit:
        return unit.delivery_events.acknowledge(requester.organisation_id, told, requester.actor, now) > 0


def _open(house: House, requester: Requester, message: MessageOnFile, now: datetime) -> bool:
    """A receipt that it was opened. No category is asked: nothing is decrypted for a file (law 3)."""
    _require_recipient(requester, message)
    if message.state is not State.DELIVERED:
        return False
    open_message(house, requester, message.id, now, ())
    return True


def _require_recipient(requester: Requester, message: MessageOnFile) -> None:
    if message.recipient_id != requester.organisation_id:
        raise NotPermitted("message_not_yours", event=Event.OPEN.value)


def _said(unit: Unit, draft: AnswerDraft) -> Answer:
    """Raises BadInput (recipient_unknown)."""
    digest = hashlib.sha256(rfc8785.dumps(draft.model_dump(mode="json"))).hexdigest()
    return Answer(
        reason=draft.reason,
        words=draft.words,
        alternatives=tuple(organisation_named(unit, ogrn).id for ogrn in draft.alternatives),
        none_because=draft.none_because,
        statute=draft.statute,
        operation=(draft.operation_id, digest),
    )
