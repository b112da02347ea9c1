"""Open a message that was delivered to one's organisation. The first opening is a fact of its own, with its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import take_case
from gateway.use_cases.disclose import DisclosedCase, RuledCase, disclose
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, Gathered, MessageOnFile, ReceiptOnFile, Requester, SealedSection
from schemas.errors import Unavailable
from schemas.ids import Category, EntryId, MessageId, is_id, new_id
from schemas.lifecycle import Actor, Event, State, advance
from schemas.sections import MESSAGE_SECTIONS


@dataclass(frozen=True, slots=True)
class MessageScope:
    """One message of the requester's queue."""

    message_id: MessageId
    name: str = "message"

    def gather(self, unit: Unit, requester: Requester, now: datetime) -> Gathered:
        return unit.facts.of_message(requester.organisation_id, self.message_id, now, requester.person_id)

    def fetch(self, unit: Unit, cases: Sequence[CaseOnFile], categories: Sequence[Category]) -> Sequence[SealedSection]:
        del cases
        return unit.messages.sections(self.message_id, categories)


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """The message with its receipts, and its content after the door."""

    message: MessageOnFile
    content: DisclosedCase
    entry_id: EntryId


def open_message(
    house: House,
    requester: Requester,
    message_id: MessageId,
    now: datetime,
    categories: Sequence[Category] | None = None,
) -> OpenedMessage:
    """Raises Unavailable (message_unavailable) for a message that does not exist or is another organisation's."""
    if not is_id(message_id):  # it becomes part of the record of the attempt: what somebody typed must not (law 8)
        message_id = MessageId(new_id())
    with house.store.reading() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now)
    mine = message is not None and message.recipient_id == requester.organisation_id
    asked = tuple(categories) if categories is not None else tuple(MESSAGE_SECTIONS)
    question = (
        Question(message.purpose, asked, trigger=message.trigger or "", statute=message.statute or "")
        if message is not None and mine
        else Question("", asked)
    )

    def alongside(unit: Unit, ruled: Sequence[RuledCase]) -> None:
        on_file = ruled[0].case.message
        if on_file is None or on_file.state is not State.DELIVERED or requester.role != "caseworker":
            return  # an overseer sees no content, so the message is not opened by that
        if not ruled[0].case.assigned:
            return  # neither does somebody who is not assigned to the case
        state = advance(on_file.state, Event.OPEN, Actor.RECIPIENT)
        unit.messages.advance(message_id, ReceiptOnFile(state, now, requester.organisation_id, requester.actor))
        append_entry(
            unit,
            EventKind.MESSAGE_OPENED,
            {"message": message_id, "organisation": requester.organisation_id, "actor": requester.actor},
            now,
        )
        take_case(unit, requester, ruled[0].case.case_id, now)

    try:
        disclosed = disclose(house, requester, question, MessageScope(message_id), now, alongside=alongside)
    except Unavailable:
        raise Unavailable("message_unavailable") from None
    with house.store.reading() as unit:
        current = unit.messages.get(message_id, requester.organisation_id, now)
    assert current is not None
    return OpenedMessage(current, disclosed.cases[0], disclosed.entry_id)
