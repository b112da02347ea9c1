"""The queue of an organisation: types, senders, urgency, times and states. No content and no personal datum."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from schemas.errors import BadInput
from schemas.ids import MessageId, OrganisationId

MAX_PAGE = 50


def read_queue(
    house: House, requester: Requester, box: str = "inbox", after: MessageId | None = None, limit: int = MAX_PAGE
) -> Sequence[MessageOnFile]:
    """A page of messages, newest first. `box` is inbox or outbox."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    with house.store.reading() as unit:
        return unit.messages.queue(requester.organisation_id, box, after, limit)


def read_message_state(house: House, requester: Requester, message_id: MessageId) -> MessageOnFile | None:
    """The state and receipts of a message one's organisation sent or was sent; None for any other."""
    with house.store.reading() as unit:
        message = unit.messages.get(message_id)
    if message is None or requester.organisation_id not in {message.sender_id, message.recipient_id}:
        return None
    return message


def read_directory(house: House) -> Sequence[Organisation]:
    """All participants: names, kinds, districts. Service data, open to every participant."""
    with house.store.reading() as unit:
        return unit.participants.organisations()


def names_of(directory: Sequence[Organisation]) -> dict[OrganisationId, str]:
    """Names by id."""
    return {organisation.id: organisation.name for organisation in directory}
