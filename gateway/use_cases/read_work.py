"""The work of an organisation: views of its queue, and of one message who has it and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.queue_people import Desk, desk_of
from gateway.use_cases.queue_values import DONE, Call, Move, QueueItem, StepDone, Tabs, WorkRow
from gateway.use_cases.read_queue import MAX_PAGE
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.errors import BadInput, Unavailable
from schemas.ids import MessageId, is_id, new_id

VIEWS = ("mine", "free", "all", "overdue", DONE)


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of one view, the counts of all of them, and the people that it names."""

    rows: Sequence[WorkRow]
    tabs: Tabs
    desk: Desk


@dataclass(frozen=True, slots=True)
class MessageWork:
    """What a side of a message may know of the work on it. `item`, `moves` and `desk` are one's own organisation's alone."""

    message: MessageOnFile
    steps: Sequence[StepDone]
    calls: Sequence[Call]
    item: QueueItem | None = None
    moves: Sequence[Move] = ()
    desk: Desk = field(default_factory=lambda: Desk((), ()))
    may_take: bool = False
    may_assign: bool = False
    may_hand: bool = False


def read_view(
    house: House, requester: Requester, view: str, now: datetime, after: MessageId | None = None, limit: int = MAX_PAGE
) -> QueueView:
    """Three statements, whatever is stored. Raises BadInput (page_size, view_unknown)."""
    if not 1 <= limit <= MAX_PAGE + 1:
        raise BadInput("page_size", max=MAX_PAGE)
    if view not in VIEWS:
        raise BadInput("view_unknown", view=view, known=", ".join(VIEWS))
    after = None if after is None else after if is_id(after) else MessageId(new_id())
    with house.store.reading() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
        people = desk.works_for(requester.person_id)
        rows = unit.queues.page(requester.organisation_id, view, people, after, limit, now)
        return QueueView(rows, unit.queues.tabs(requester.organisation_id, people, now), desk)


def read_message_work(house: House, requester: Requester, message_id: MessageId, now: datetime) -> MessageWork:
    """Raises Unavailable (message_unavailable)."""
    with house.store.reading() as unit:
        message = unit.messages.get(message_id, requester.organisation_id, now)
        if message is None:
            raise Unavailable("message_unavailable")
        steps, calls = unit.queues.steps(message_id), unit.queues.calls(message_id)
        if message.recipient_id != requester.organisation_id:
            return MessageWork(message, steps, calls)
        item = unit.queues.item(message_id, requester.organisation_id)
        desk = desk_of(unit, requester.organisation_id, now)
        moves = unit.queues.moves(message_id, requester.organisation_id)
        assigned = unit.recorded_facts.assigned(message.case_id, requester.organisation_id)
    works = item is not None and item.open and requester.role == "caseworker"
    leads = works and desk.may_assign(requester, house.pack.queues.roles)
    responsible = desk.responsible(item.person_id) if item else None
    mine = works and item is not None and item.person_id is not None and responsible == requester.person_id
    free = item is not None and (item.person_id is None or (leads and responsible is None))
    able = requester.person_id is not None and (leads or not assigned or requester.person_id in assigned)
    return MessageWork(
        message,
        steps,
        calls,
        item,
        moves,
        desk,
        may_take=works and free and able,
        may_assign=leads,
        may_hand=(mine or leads) and item is not None and item.person_id is not None,
    )
