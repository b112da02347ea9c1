"""Read what a colleague wrote when handing a message over: by who works with it, after its entry (laws 1 and 2)."""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.house import House
from gateway.use_cases.queue_people import desk_of
from gateway.use_cases.values import Requester
from schemas.errors import NotPermitted, Unavailable
from schemas.ids import MessageId, is_id, new_id


def read_note(house: House, requester: Requester, message_id: MessageId, move_id: str, now: datetime) -> str | None:
    """The note; None once its key is destroyed. Raises Unavailable (message_unavailable), NotPermitted
    (not_for_overseers, not_assigned)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    with house.store.writing() as unit:
        message_id = message_id if is_id(message_id) else MessageId(new_id())
        item = unit.queues.item(message_id, requester.organisation_id)
        moves = unit.queues.moves(message_id, requester.organisation_id)
        move = next((move for move in moves if move.id == move_id and move.sealed_note is not None), None)
        if item is None or move is None or move.sealed_with is None or move.sealed_note is None:
            raise Unavailable("message_unavailable")
        desk = desk_of(unit, requester.organisation_id, now)
        assigned = unit.recorded_facts.assigned(item.case_id, item.organisation_id)
        mine = desk.responsible(item.person_id) == requester.person_id or requester.person_id in assigned
        if not (mine or desk.may_assign(requester, house.pack.queues.roles)):
            raise NotPermitted("not_assigned")
        append_entry(
            unit,
            EventKind.FACT_READ,
            {"organisation": requester.organisation_id, "actor": requester.actor, "message": message_id},
            now,
        )
    words = house.vault.open_words(move.sealed_with, move.id, move.sealed_note)
    return words.decode() if words is not None else None
