"""What a delivery says. Nothing of a family, unless the endpoint is set to content: then what `disclose` releases to the
recipient's system at this very moment, with an entry of its own each time. It does not count as «opened».
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import rfc8785

from gateway.evidence.entry import format_instant
from gateway.partner.seals import SUITE_NAME, public_of, seal
from gateway.use_cases.delivery_values import DeliveryEvent, DeliveryKind, Endpoint, Parcel, Transport
from gateway.use_cases.disclose import DisclosedCase, disclose
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.message_document import content_document, draft_of
from gateway.use_cases.message_words import open_words
from gateway.use_cases.open_message import MessageScope
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import Unavailable
from schemas.ids import EntryId
from schemas.messages import MessageDraft
from schemas.sections import MESSAGE_SECTIONS

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Described:
    """A delivery in words: its body as canonical JSON, and the draft that other kinds of file are written from."""

    body: bytes
    draft: MessageDraft | None = None


def event_document(event: DeliveryEvent) -> dict[str, Any]:
    """Enough to pull, and nothing else: identifiers, codes and an instant."""
    return {
        "version": VERSION,
        "delivery": event.id,
        "event": event.kind.value,
        "message": event.message_id,
        "type": event.type,
        "urgency": event.urgency,
        "state": event.state,
        "at": format_instant(event.at),
    }


def describe_delivery(house: House, endpoint: Endpoint, parcel: Parcel, now: datetime) -> Described:
    """The body for this endpoint. Raises what `disclose` raises where content is wanted."""
    document = event_document(parcel.event)
    if parcel.sequence is not None:
        document["sequence"] = parcel.sequence
    draft = None
    if wants_content(endpoint, parcel.event):
        disclosed = _disclose(house, endpoint, parcel.event, now)
        if disclosed is not None:
            message, content, entry_id = disclosed
            document |= _content(house, endpoint, parcel.event, content, entry_id)
            if endpoint.transport is Transport.FILE:
                draft = _draft(house, endpoint, message, content)
    return Described(rfc8785.dumps(document), draft)


def wants_content(endpoint: Endpoint, event: DeliveryEvent) -> bool:
    """Whether content goes with this event to this endpoint."""
    if event.kind is not DeliveryKind.DELIVERED or not endpoint.content:
        return False
    # What others carry is sealed to the recipient, or has no content.
    return endpoint.transport is not Transport.NATS or endpoint.seal_key is not None


def _content(
    house: House, endpoint: Endpoint, event: DeliveryEvent, content: DisclosedCase, entry_id: EntryId
) -> Mapping[str, Any]:
    document = content_document(house, endpoint.organisation_id, content, entry_id)
    if endpoint.seal_key is None:
        return {"content": document}
    sealed = seal(public_of(endpoint.seal_key), rfc8785.dumps(document), event.id)
    return {"sealed": sealed, "suite": SUITE_NAME}


def _disclose(
    house: House, endpoint: Endpoint, event: DeliveryEvent, now: datetime
) -> tuple[MessageOnFile, DisclosedCase, EntryId] | None:
    organisation_id = endpoint.organisation_id
    with house.store.reading() as unit:
        message = unit.messages.get(event.message_id, organisation_id, now)
    if message is None or message.recipient_id != organisation_id:
        return None
    requester = Requester(organisation_id, f"endpoint:{endpoint.id}", scopes=frozenset({"messages.read"}))
    question = Question(
        message.purpose, tuple(MESSAGE_SECTIONS), trigger=message.trigger or "", statute=message.statute or ""
    )
    try:
        disclosed = disclose(house, requester, question, MessageScope(message.id), now)
    except Unavailable:
        return None
    return message, disclosed.cases[0], disclosed.entry_id


def _draft(house: House, endpoint: Endpoint, message: MessageOnFile, content: DisclosedCase) -> MessageDraft | None:
    with house.store.reading() as unit:
        sender = unit.participants.organisation(message.sender_id)
        recipient = unit.participants.organisation(message.recipient_id)
    assert sender is not None
    assert recipient is not None
    words = open_words(house, message) if content.case.assigned else {}
    return draft_of(house, endpoint.organisation_id, message, content, sender, recipient, words)
