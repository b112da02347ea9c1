"""The queue of an organisation: types, senders, urgency, times and states. No content and no personal datum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from schemas.errors import BadInput
from schemas.ids import MessageId, OrganisationId, is_id, new_id

MAX_PAGE = 50


def read_queue(
    house: House,
    requester: Requester,
    now: datetime,
    box: str = "inbox",
    after: MessageId | None = None,
    limit: int = MAX_PAGE,
) -> Sequence[MessageOnFile]:
    """A page of messages, newest first. `box` is inbox or outbox."""
    if not 1 <= limit <= MAX_PAGE:
        raise BadInput("page_size", max=MAX_PAGE)
    after = None if after is None else after if is_id(after) else MessageId(new_id())
    with house.store.reading() as unit:
        return unit.messages.queue(requester.organisation_id, box, after, limit, now)


def read_message_state(
    house: House, requester: Requester, message_id: MessageId, now: datetime
) -> MessageOnFile | None:
    """The state and receipts of a message one's organisation sent or was sent; None for any other."""
    with house.store.reading() as unit:
        return unit.messages.get(message_id, requester.organisation_id, now)


def read_directory(house: House) -> Sequence[Organisation]:
    """All participants: names, kinds, districts. Service data, open to every participant."""
    with house.store.reading() as unit:
        return unit.participants.organisations()


def shown_sender(
    message: MessageOnFile, viewer: OrganisationId, directory: Sequence[Organisation]
) -> tuple[str, str | None]:
    """Kind and name of the sender as `viewer` may see them: the kind alone where whereabouts are protected."""
    sender = next(organisation for organisation in directory if organisation.id == message.sender_id)
    hidden = message.sender_protected and viewer != message.sender_id
    return sender.kind, None if hidden else sender.name


def sender_words(
    house: House, message: MessageOnFile, viewer: OrganisationId, directory: Sequence[Organisation]
) -> str:
    """The sender's name, or the words for its kind."""
    kind, name = shown_sender(message, viewer, directory)
    return name or house.pack.kind_title(kind)


def names_of(directory: Sequence[Organisation]) -> dict[OrganisationId, str]:
    """Names by id."""
    return {organisation.id: organisation.name for organisation in directory}
