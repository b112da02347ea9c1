"""Look again at a fact that must not stand unreviewed (a suspicion, for example): keep it, or end it with `end_fact`."""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.entry import new_salt
from gateway.use_cases.end_fact import has_ended, known_fact
from gateway.use_cases.fact_events import FACT, add_event, fact_entry
from gateway.use_cases.fact_owners import fact_row
from gateway.use_cases.house import House
from gateway.use_cases.tell_people import answers_for
from gateway.use_cases.values import Requester
from schemas.errors import Conflict, NotPermitted
from schemas.facts import FactDocument
from schemas.ids import EntryId, FactId


def review_fact(house: House, requester: Requester, fact_id: FactId, document: FactDocument, now: datetime) -> EntryId:
    """The fact stays, and is reviewed. Raises Unavailable (fact_unavailable), NotPermitted (review_not_yours), Conflict
    (nothing_to_review)."""
    with house.store.writing() as unit:
        fact, person = known_fact(unit, requester, fact_id)
        row = fact_row(house, fact.fact)
        roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
        if row.review is None or row.review.role not in roles or not person.is_own:
            raise NotPermitted("review_not_yours")
        if fact.review_by is None or has_ended(fact, now):
            raise Conflict("nothing_to_review")
        unit.recorded_facts.change(fact.id, lift_asked_by=fact.lift_asked_by, review_by=None)
        unit.timers.done(FACT, [fact.id], [row.review.timer], requester.actor, now)
        salt = new_salt()
        entry_id = fact_entry(unit, requester, fact, "reviewed", document, salt, now, as_=row.review.role)
        add_event(house, unit, requester, fact, "reviewed", document, entry_id, salt, now)
    return entry_id
