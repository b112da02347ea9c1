"""A message comes into the queue of its recipient, and is opened there: whose it is, by when, and who is told of it.

Everything here is part of the transaction that delivers or opens: no message lies in a queue that nobody was told of.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.alert_people import digest_alert, first_ways, urgent_alert
from gateway.use_cases.append_entry import append_entries, append_entry
from gateway.use_cases.assign_case import assigned_now, give_case
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_people import absence_key, desk_of, is_worker
from gateway.use_cases.queue_values import UNANSWERED, UNOPENED, Alert, Move, Office, QueueItem, StandIn
from gateway.use_cases.values import MessageOnFile, Requester
from schemas.ids import MessageId, PersonId, new_id
from schemas.messages import message_types

SIGNAL = "signal"


def queue_delivered(house: House, unit: Unit, message_ids: Collection[MessageId], now: datetime) -> None:
    """These messages were delivered: each enters its recipient's queue, goes to who alone works on its case, and people are
    told; what asks nothing of anybody does not. A bounded number of statements, however many they are."""
    messages = [m for m in unit.queues.came(message_ids) if message_types()[m.type].events]
    if not messages:
        return
    offices = unit.queues.offices({message.recipient_id for message in messages}, now)
    workers = unit.queues.workers({(message.recipient_id, message.case_id) for message in messages})
    last = unit.alerts.last_digests(offices.keys())
    items, moves, alerts = [], [], list[Alert | None]()
    for message in messages:
        office = offices[message.recipient_id]
        person = _sole_worker(office, workers.get((message.recipient_id, message.case_id), ()))
        item = begun(
            house,
            QueueItem(
                message.id,
                message.recipient_id,
                message.case_id,
                house.pack.queues.rank(message.urgency),
                UNOPENED,
                person,
                now,
                now,
            ),
            message.urgency,
            office.organisation.zone,
            now,
        )
        items.append(item)
        if person is not None:
            moves.append(Move(new_id(), message.id, message.recipient_id, "routed", None, person, "gateway", now))
        ways = first_ways(house, office, person, now)
        row = house.pack.queues.row(message.urgency)
        if row.at_once:
            kind = "new_signal" if message.type == SIGNAL else "new_message"
            alerts.append(urgent_alert(office, message.id, kind, message.urgency, ways, now))
        else:
            alerts.append(digest_alert(house, office, ways, message.urgency, last, now))
    unit.queues.enter(items)
    unit.queues.add_moves(moves)
    unit.alerts.add(distinct(alerts))
    append_entries(unit, [(EventKind.MESSAGE_ASSIGNED, _body(move)) for move in moves], now)


def begun(house: House, item: QueueItem, urgency: str, zone: str, now: datetime) -> QueueItem:
    """The item at the beginning of its stage: its term, and the first step of its chain that is still to come."""
    row = house.pack.queues.row(urgency)
    chain = row.chain(item.stage)
    times = [house.pack.due(step.after, item.since, zone) for step in chain]
    step = next((number for number, at in enumerate(times) if at > now), len(chain))
    due = house.pack.due(row.open if item.stage == UNOPENED else row.answer, item.since, zone)
    return replace(item, due_at=due, step=step, step_at=times[step] if step < len(chain) else None)


def distinct(alerts: Collection[Alert | None]) -> list[Alert]:
    """Without those that there are not; of digests to one contact the first."""
    kept: dict[object, Alert] = {}
    for alert in alerts:
        if alert is not None:
            kept.setdefault((alert.organisation_id, alert.way.contact) if alert.message_id is None else alert.id, alert)
    return list(kept.values())


def queue_opened(house: House, unit: Unit, requester: Requester, message: MessageOnFile, now: datetime) -> None:
    """A message was opened: who opens what nobody has takes it; from now on its answer is awaited."""
    item = unit.queues.item(message.id, requester.organisation_id, lock=True)
    organisation = unit.participants.organisation(requester.organisation_id)
    if item is None or item.stage != UNOPENED or organisation is None:
        return
    person = item.person_id or requester.person_id
    opened = replace(item, stage=UNANSWERED, person_id=person, since=now)
    unit.queues.save([begun(house, opened, message.urgency, organisation.zone, now)])
    if item.person_id is None and person is not None:
        move = Move(new_id(), message.id, item.organisation_id, "taken", None, person, requester.actor, now)
        unit.queues.add_moves([move])
        append_entry(unit, EventKind.MESSAGE_ASSIGNED, _body(move), now)


def queue_replied(house: House, unit: Unit, message: MessageOnFile, now: datetime) -> None:
    """Its sender answered a question: the message waits for its recipient again, with the same person."""
    item = unit.queues.item(message.id, message.recipient_id, lock=True)
    organisation = unit.participants.organisation(message.recipient_id)
    if item is None or item.open or organisation is None:
        return
    again = replace(item, stage=UNANSWERED, since=now)
    unit.queues.save([begun(house, again, message.urgency, organisation.zone, now)])


@begin_anew
def stand_in(house: House, requester: Requester, message: MessageOnFile, now: datetime) -> None:
    """Whoever stands in for somebody who works on the case of this message works on it too, until the other is back."""
    person_id = requester.person_id
    if person_id is None or requester.role != "caseworker":
        return
    with house.store.reading() as unit:
        desk = desk_of(unit, requester.organisation_id, now)
    others = desk.works_for(person_id) - {person_id}
    if not desk.away or not others:
        return
    with house.store.writing() as unit:
        for other in sorted(others):  # an absence that ends at this moment has ended before, or ends this too
            unit.facts.lock(absence_key(other))
        desk = desk_of(unit, requester.organisation_id, now)
        assigned = assigned_now(unit, requester.organisation_id, message.case_id)
        if person_id in assigned:
            return
        mine = desk.works_for(person_id)
        for absent in assigned:
            absence = desk.absence_of(absent)
            if absent in mine and absence is not None:
                give_case(unit, requester, message.case_id, person_id, now)
                unit.queues.add_stand_in(
                    StandIn(new_id(), absence.id, message.case_id, requester.organisation_id, person_id, now)
                )
                return


def _sole_worker(office: Office, workers: Collection[PersonId]) -> PersonId | None:
    able = {person.id for person in office.staff if person.active and is_worker(person)}
    found = [person for person in workers if person in able]
    return found[0] if len(found) == 1 else None


def _body(move: Move) -> dict[str, str]:
    return {
        "message": move.message_id,
        "organisation": move.organisation_id,
        "actor": move.actor,
        "change": move.kind,
        "to": move.to_id or "none",
    }
