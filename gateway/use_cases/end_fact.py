"""End a fact, by an owner on its evidence; where the pack wants two people, one asks and another one agrees.

What a body recorded ends with its copies in other files. The holder of one of these files may end it there alone, on the
evidence that its own capacity needs: a restored right, for example, by the court's act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import new_salt
from gateway.use_cases.copy_facts import lock_people
from gateway.use_cases.fact_events import FACT, add_event, announce, fact_entry
from gateway.use_cases.fact_owners import BODY, Person, check_needs, fact_row, organisation_of, owner_of
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.record_fact import TWO
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import RecordedFact, Requester
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.facts import FactDocument
from schemas.ids import EntryId, FactId, SubjectId, is_id, new_id


@dataclass(frozen=True, slots=True)
class FactEnded:
    """Whether the fact has ended, or waits for the second person."""

    ended: bool
    entry_id: EntryId


def end_fact(house: House, requester: Requester, fact_id: FactId, document: FactDocument, now: datetime) -> FactEnded:
    """Raises Unavailable (fact_unavailable), NotPermitted (fact_not_yours, second_person_required), BadInput (fact_needs),
    Conflict (fact_ended)."""
    with house.store.writing() as unit:
        return end_in(house, unit, requester, fact_id, document, now)


def end_in(
    house: House, unit: Unit, requester: Requester, fact_id: FactId, document: FactDocument, now: datetime
) -> FactEnded:
    """The same inside a unit of work of the caller."""
    fact, person = known_fact(unit, requester, fact_id)
    organisation = organisation_of(unit, requester, now)
    row = fact_row(house, fact.fact)
    owner = owner_of(unit, requester, organisation, fact.fact, row, person)
    check_needs(fact.fact, owner, document, value=True, until=True, organisations=True)
    salt = new_salt()
    if row.end_by == TWO:
        if has_ended(fact, now):
            raise Conflict("fact_ended")
        if requester.person_id is None or fact.lift_asked_by == requester.actor:
            raise NotPermitted("second_person_required")
        if fact.lift_asked_by is None:
            unit.recorded_facts.change(fact.id, lift_asked_by=requester.actor, review_by=fact.review_by)
            entry_id = fact_entry(unit, requester, fact, "lift_asked", document, salt, now, as_=owner.capacity)
            add_event(house, unit, requester, fact, "lift_asked", document, entry_id, salt, now)
            unit.notices.add([notice(organisation.id, HEAD, "fact.lift", fact.id, now)])
            return FactEnded(ended=False, entry_id=entry_id)
    if fact.everywhere:
        lock_people(house, unit, [fact.subject_id])
    ended = unit.recorded_facts.end(fact.id, now, with_copies=owner.capacity == BODY)
    if not ended:
        raise Conflict("fact_ended")
    if row.review:
        unit.timers.done(FACT, [known.id for known in ended], [row.review.timer], requester.actor, now)
    entry_id = fact_entry(unit, requester, fact, "ended", document, salt, now, as_=owner.capacity)
    add_event(house, unit, requester, fact, "ended", document, entry_id, salt, now)
    announce(house, unit, ended, "fact.ended", requester, now, starts=False)

    return FactEnded(ended=True, entry_id=entry_id)


def has_ended(fact: RecordedFact, now: datetime) -> bool:
    """Whether it does not hold any more."""
    return fact.to_at is not None and fact.to_at <= now


def known_fact(unit: Unit, requester: Requester, fact_id: FactId) -> tuple[RecordedFact, Person]:
    """A fact of the requester's own files, or one that it recorded. Raises Unavailable (fact_unavailable) for any other,
    after the same statements for one that exists as for one that does not."""
    fact = unit.recorded_facts.get(fact_id if is_id(fact_id) else FactId(new_id()), lock=True)
    subject_id = fact.subject_id if fact else SubjectId(new_id())
    holder = unit.recorded_facts.holder_of([subject_id]).get(subject_id)
    kind = unit.recorded_facts.kind_of(subject_id)
    if fact is None or requester.organisation_id not in {holder, fact.set_by}:
        raise Unavailable("fact_unavailable")
    return fact, Person(subject_id, kind or "child", holder == requester.organisation_id)
