"""End a fact, by an owner on its evidence; where the pack wants two people, one asks and another one agrees.

What a body recorded ends with its copies in other files. Who only has a copy may end that one, on the evidence that its
own capacity needs: a restored right, for example, by the court's act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import new_salt
from gateway.use_cases.fact_owners import Person, check_needs, fact_row, organisation_of, owner_of
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.record_fact import FACT, add_event, fact_entry
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import RecordedFact, Requester
from schemas.errors import Conflict, NotPermitted, Unavailable
from schemas.facts import FactDocument
from schemas.ids import EntryId, FactId, is_id, new_id

TWO = "two"


@dataclass(frozen=True, slots=True)
class FactEnded:
    """Whether the fact has ended, or waits for the second person."""

    ended: bool
    entry_id: EntryId


def end_fact(house: House, requester: Requester, fact_id: FactId, document: FactDocument, now: datetime) -> FactEnded:
    """Raises Unavailable (fact_unavailable), NotPermitted (fact_not_yours, second_person_required), BadInput (fact_needs),
    Conflict (fact_ended)."""
    with house.store.writing() as unit:
        fact, person = known_fact(unit, requester, fact_id)
        organisation = organisation_of(unit, requester, now)
        row = fact_row(house, fact.fact)
        owner = owner_of(unit, requester, organisation, fact.fact, row, person)
        check_needs(fact.fact, owner, document, value=True, until=True, organisations=True)
        if fact.to_at is not None and fact.to_at <= now:
            raise Conflict("fact_ended")
        salt = new_salt()
        if row.end_by == TWO and fact.lift_asked_by is None:
            if requester.person_id is None:
                raise NotPermitted("second_person_required")
            unit.recorded_facts.change(fact.id, lift_asked_by=requester.actor, review_by=fact.review_by)
            entry_id = fact_entry(unit, requester, fact, "lift_asked", salt, now, as_=owner.capacity)
            add_event(house, unit, requester, fact, "lift_asked", entry_id, salt, document, now)
            unit.notices.add([notice(organisation.id, HEAD, "fact.lift", fact.id, now)])
            return FactEnded(ended=False, entry_id=entry_id)
        if row.end_by == TWO and (requester.person_id is None or fact.lift_asked_by == requester.actor):
            raise NotPermitted("second_person_required")
        unit.recorded_facts.end(fact.id, now)
        if row.review:
            unit.timers.done(FACT, [fact.id], [row.review.timer], requester.actor, now)
        entry_id = fact_entry(
            unit, requester, fact, "ended", salt, now, as_=owner.capacity, evidence=document.copy_digest or "none"
        )
        add_event(house, unit, requester, fact, "ended", entry_id, salt, document, now)
    return FactEnded(ended=True, entry_id=entry_id)


def known_fact(unit: Unit, requester: Requester, fact_id: FactId) -> tuple[RecordedFact, Person]:
    """A fact of the requester's own files, or one that it recorded. Raises Unavailable (fact_unavailable) for any other."""
    fact = unit.recorded_facts.get(fact_id if is_id(fact_id) else FactId(new_id()), lock=True)
    if fact is None:
        raise Unavailable("fact_unavailable")
    holder = unit.recorded_facts.holder_of([fact.subject_id])[fact.subject_id]
    mine = holder == requester.organisation_id
    if not mine and fact.set_by != requester.organisation_id:
        raise Unavailable("fact_unavailable")
    kind = unit.recorded_facts.kind_of(fact.subject_id)
    return fact, Person(fact.subject_id, kind or "child", mine)
