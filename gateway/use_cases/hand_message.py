"""A message goes from hand to hand inside its recipient's organisation: taken, assigned, handed over, put back.

The case goes with it: whoever has a message works on its case, and whoever gave the last one of a case away no longer
does (decision 0015). Of two people who take at once, one has it and the other is told who.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import give_case, leave_case
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.message_words import key_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_people import Desk, desk_of
from gateway.use_cases.queue_values import Move, QueueItem
from gateway.use_cases.values import Requester
from gateway.vault.errors import KeyAbsent
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import EntryId, MessageId, PersonId, SubjectId, is_id, new_id

MAX_NOTE = 2000
"""Characters of a note to a colleague."""


@begin_anew
def take_message(house: House, requester: Requester, message_id: MessageId, now: datetime) -> EntryId:
    """Take what nobody has; who gives work to others may also take what is on the head's list.

    Raises Unavailable (message_unavailable), NotPermitted (not_for_overseers, person_needed, not_assigned), Conflict
    (message_taken, message_done).
    """
    person_id = requester.person_id
    with house.store.writing() as unit:
        item, desk = _open_item(unit, requester, message_id, now)
        if person_id is None:
            raise NotPermitted("person_needed")
        leads = desk.may_assign(requester, house.pack.queues.roles)
        if item.person_id is not None and not (leads and desk.responsible(item.person_id) is None):
            raise Conflict("message_taken", by=desk.name(item.person_id))
        assigned = unit.recorded_facts.assigned(item.case_id, item.organisation_id)
        if assigned and person_id not in assigned and not leads:
            raise NotPermitted("not_assigned")
        return _move(house, unit, requester, item, person_id, "taken", now)


@begin_anew
def assign_message(house: House, requester: Requester, message_id: MessageId, login: str, now: datetime) -> EntryId:
    """The head, or who else gives work to others, gives a message to a person.

    Raises Unavailable (message_unavailable), NotPermitted (not_for_overseers, queue_not_yours), BadInput
    (person_unknown), Conflict (message_taken: this person has it already; message_done).
    """
    with house.store.writing() as unit:
        item, desk = _open_item(unit, requester, message_id, now)
        if not desk.may_assign(requester, house.pack.queues.roles):
            raise NotPermitted("queue_not_yours")
        person = desk.colleague(login)
        if person is None:
            raise BadInput("person_unknown")
        if item.person_id == person.id:
            raise Conflict("message_taken", by=person.name)
        return _move(house, unit, requester, item, person.id, "assigned", now)


@begin_anew
def hand_over(
    house: House,
    requester: Requester,
    message_id: MessageId,
    login: str,
    reason: str,
    now: datetime,
    note: str = "",
) -> EntryId:
    """Who has a message gives it to a colleague, with a coded reason and, if need be, a note for that colleague, which is
    sealed.

    Raises as `assign_message`, and BadInput (handing_unknown, field_invalid).
    """
    with house.store.writing() as unit:
        item, desk = _open_item(unit, requester, message_id, now)
        _require_holder(house, requester, item, desk)
        _check(house, reason, note)
        person = desk.colleague(login)
        if person is None:
            raise BadInput("person_unknown")
        if item.person_id == person.id:
            raise Conflict("message_taken", by=person.name)
        return _move(house, unit, requester, item, person.id, "handed_over", now, reason, note)


@begin_anew
def return_to_queue(
    house: House, requester: Requester, message_id: MessageId, reason: str, now: datetime, note: str = ""
) -> EntryId:
    """Who has a message puts it back, so that somebody else may take it. Raises as `hand_over`, and Conflict
    (message_free)."""
    with house.store.writing() as unit:
        item, desk = _open_item(unit, requester, message_id, now)
        if item.person_id is None:
            raise Conflict("message_free")
        _require_holder(house, requester, item, desk)
        _check(house, reason, note)
        return _move(house, unit, requester, item, None, "returned", now, reason, note)


def _open_item(unit: Unit, requester: Requester, message_id: MessageId, now: datetime) -> tuple[QueueItem, Desk]:
    """The item, locked, and the desk. The same statements for a message of others and for an invented one (law 6)."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    wanted = message_id if is_id(message_id) else MessageId("")
    found = unit.queues.item(wanted, requester.organisation_id)
    if found is None:
        raise Unavailable("message_unavailable")
    unit.facts.lock(
        f"case:{found.case_id}"
    )  # before the item, as an opening does: who works on the case changes with it
    item = unit.queues.item(wanted, requester.organisation_id, lock=True)
    assert item is not None
    if not item.open:
        raise Conflict("message_done")
    return item, desk_of(unit, requester.organisation_id, now)


def _require_holder(house: House, requester: Requester, item: QueueItem, desk: Desk) -> None:
    if desk.may_assign(requester, house.pack.queues.roles):
        return
    if item.person_id is None or desk.responsible(item.person_id) != requester.person_id:
        raise NotPermitted("queue_not_yours")


def _check(house: House, reason: str, note: str) -> None:
    if reason not in house.pack.queues.handing:
        raise BadInput("handing_unknown", reason=reason, known=", ".join(house.pack.queues.handing))
    if len(note) > MAX_NOTE:
        raise BadInput("field_invalid", place="note", rule=f"at most {MAX_NOTE} characters")


def _move(
    house: House,
    unit: Unit,
    requester: Requester,
    item: QueueItem,
    to: PersonId | None,
    kind: str,
    now: datetime,
    reason: str | None = None,
    note: str = "",
) -> EntryId:
    """Give the item and its case to `to`; None: nobody."""
    before = item.person_id
    assigned = unit.recorded_facts.assigned(item.case_id, item.organisation_id)
    if to is not None and to not in assigned:
        give_case(unit, requester, item.case_id, to, now)
    leaves = before is not None and before != to and before in assigned
    if before is not None and leaves and not unit.queues.others_open(item.case_id, before, item.message_id):
        leave_case(unit, requester, item.case_id, before, now)
    unit.queues.save([replace(item, person_id=to)])
    move_id = new_id()
    sealed_with, sealed = _sealed(house, unit, item, move_id, note) if note.strip() else (None, None)
    move = Move(
        move_id,
        item.message_id,
        item.organisation_id,
        kind,
        before,
        to,
        requester.actor,
        now,
        reason,
        sealed_with,
        sealed,
    )
    unit.queues.add_moves([move])
    return append_entry(
        unit,
        EventKind.MESSAGE_ASSIGNED,
        {
            "message": item.message_id,
            "organisation": item.organisation_id,
            "actor": requester.actor,
            "change": kind,
            "to": to or "none",
            "reason": reason or "none",
        },
        now,
    )


def _sealed(house: House, unit: Unit, item: QueueItem, move_id: str, note: str) -> tuple[SubjectId, bytes]:
    """The note under the key of the first member of the family whose keys are not destroyed; of a message that names nobody
    under the message's own. Raises KeyAbsent."""
    family = unit.families.case_subjects(item.case_id)
    for subject in family or [key_of(house, item.message_id)]:
        try:
            return subject, house.vault.seal_words(subject, move_id, note.strip().encode())
        except KeyAbsent:
            continue
    raise KeyAbsent
