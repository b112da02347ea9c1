"""A message that brings a fact: the order of a commission opens, extends or ends individual prevention work by its own words.

Which type brings which fact is data of the pack (`orders`). The fact is recorded by its owner's rules, on the number and date
of the order, in the unit of work of the message: the message is ruled as if it held already, because with it it does. The
same order to the next participant finds the fact and sets nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.use_cases.house import House
from gateway.use_cases.named_organisation import organisation_named
from gateway.use_cases.ports import Unit
from gateway.use_cases.record_fact import record_in
from gateway.use_cases.values import CaseOnFile, Organisation, RecordedFact, Requester, SubjectOnFile
from schemas.errors import BadInput
from schemas.facts import FactDocument, FactDraft, PersonNamed
from schemas.ids import FactId, OrganisationId, SubjectId
from schemas.messages import MessageDraft, PersonDraft
from schemas.notes import Notes

CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Order:
    """What the message orders: the fact, the participants that it names, until when, or that it ends."""

    fact: str
    act: str
    ogrns: tuple[str, ...]
    participants: tuple[OrganisationId, ...]
    until: date


def order_of(
    house: House,
    unit: Unit,
    draft: MessageDraft,
    notes: Notes,
    sender: Organisation,
    recipient: Organisation,
    now: datetime,
) -> Order | None:
    """None for a type that brings no fact.

    Raises BadInput (order_needs_number, order_not_participant, recipient_unknown, fact_dates, order_begins_later).
    """
    fact = house.pack.responsible.orders.get(draft.type)
    if fact is None:
        return None
    if not draft.reg_number or not draft.reg_on:
        raise BadInput("order_needs_number")
    ogrns = tuple(notes.plain["participants"].split(" "))
    if recipient.ogrn not in ogrns:
        raise BadInput("order_not_participant", ogrn=recipient.ogrn)
    found = [organisation_named(unit, ogrn).id for ogrn in ogrns]
    until, begins = date.fromisoformat(notes.plain["until"]), date.fromisoformat(notes.plain["from"])
    if until < begins:
        raise BadInput("fact_dates")
    act = notes.plain["act"]
    if act != CLOSED and begins > now.astimezone(ZoneInfo(sender.zone)).date():
        raise BadInput("order_begins_later", day=begins.isoformat())  # it would hold from now on, before it begins
    return Order(fact, act, ogrns, tuple(dict.fromkeys((sender.id, *found))), until)


def as_ordered(case: CaseOnFile, order: Order | None, sender: Organisation, now: datetime) -> CaseOnFile:
    """The case as it is once the order is in force. One that ends the work goes to those who are in it, while they are."""
    if order is None or order.act == CLOSED:
        return case

    def ordered(subject: SubjectOnFile) -> SubjectOnFile:
        fact = RecordedFact(FactId(""), order.fact, subject.id, sender.id, now, participants=order.participants)
        return replace(subject, facts=(*(f for f in subject.facts if f.fact != order.fact), fact))

    return replace(case, subjects=tuple(ordered(subject) for subject in case.subjects))


def keep_order(
    house: House,
    unit: Unit,
    requester: Requester,
    order: Order,
    draft: MessageDraft,
    sender: Organisation,
    subject_ids: tuple[SubjectId, ...],
    now: datetime,
) -> None:
    """Record the fact, or put it in the place of an earlier one; nothing where it holds so already. Work that is ended ends
    with the last day that the order names, so that all its participants can be told. Raises BadInput (order_ends_nothing)."""
    document = FactDocument(number=draft.reg_number, on=draft.reg_on)
    ends_at = _ends_at(order, sender)
    for person, before in check_order(unit, order, draft, sender, subject_ids, now):
        ogrns = order.ogrns
        if order.act == CLOSED:  # whom it leaves out stays in the plan until its last day, so that all can be told
            inside = unit.practices.organisations(set(before[0].participants) - {sender.id})
            ogrns = tuple(sorted(organisation.ogrn for organisation in inside.values()))
        members = set(before[0].participants) if order.act == CLOSED else set(order.participants)
        if any(set(f.participants) == members and f.to_at == ends_at for f in before):
            continue
        record_in(
            house,
            unit,
            requester,
            FactDraft(
                fact=order.fact,
                person=_named(person),
                organisations=ogrns,
                document=document,
                until=order.until,
                replaces=before[0].id if before else None,
            ),
            now,
        )


def check_order(
    unit: Unit,
    order: Order,
    draft: MessageDraft,
    sender: Organisation,
    subject_ids: tuple[SubjectId, ...],
    now: datetime,
) -> list[tuple[PersonDraft, list[RecordedFact]]]:
    """The children whom the order is about, each with the sender's facts of its kind that are in force. One that ends the work
    ends what this commission has open, and nothing longer or of another: it opens and prolongs no plan. Raises BadInput
    (order_ends_nothing)."""
    ends_at, found = _ends_at(order, sender), []
    for person, subject_id in zip(draft.persons, subject_ids, strict=True):
        if person.kind != "child":
            continue
        before = [
            fact
            for fact in unit.recorded_facts.in_force([subject_id], now)
            if fact.fact == order.fact and fact.set_by == sender.id and fact.origin_id is None
        ]
        if order.act == CLOSED and (
            not before or any(fact.to_at is not None and fact.to_at < ends_at for fact in before)
        ):
            raise BadInput("order_ends_nothing")
        _named(person)
        found.append((person, before))
    return found


def _ends_at(order: Order, sender: Organisation) -> datetime:
    return datetime.combine(order.until + timedelta(days=1), time.min, tzinfo=ZoneInfo(sender.zone))


def _named(person: PersonDraft) -> PersonNamed:
    if person.ref is None and person.identifiers is None:
        raise BadInput("order_needs_number")
    return PersonNamed(
        ref=person.ref,
        identifiers=person.identifiers,
        birth_date=person.identity.birth_date if person.identity else None,
    )
