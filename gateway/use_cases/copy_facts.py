"""What a body recorded about a person by law holds in every file about that person, whoever keeps it.

Files of different organisations are about the same person where they share a SNILS or a birth certificate (blind
indexes). Nobody learns of another's file by this: the holder of a file sees the fact in its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.use_cases.fact_events import announce, to_review
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import RecordedFact
from schemas.ids import FactId, SubjectId, new_id


def lock_people(house: House, unit: Unit, subject_ids: Sequence[SubjectId]) -> None:
    """Until this unit ends, nobody else begins or ends what holds everywhere about these people, nor begins a file about
    them: of two at the same instant the second sees what the first did, and no act is missed by a file."""
    unit.facts.lock_people(house.vault.person_locks(subject_ids))


def copy_facts(house: House, unit: Unit, facts: Sequence[RecordedFact]) -> list[RecordedFact]:
    """Each fact once more in every other file about the same person. The adult that a fact names is the one of that file;
    where it has none, the adult's word (mother) stands for it."""
    people = {fact.subject_id for fact in facts} | {fact.about_id for fact in facts if fact.about_id}
    twins = house.vault.twins(sorted(people))
    holders = unit.recorded_facts.holder_of(sorted(people.union(*twins.values())))
    copies = []
    for fact in facts:
        adults = {fact.about_id, *twins[fact.about_id]} if fact.about_id else set()
        adult_in = {holders[adult]: adult for adult in sorted(adults) if adult in holders}
        copies += [
            replace(
                fact,
                id=FactId(new_id()),
                subject_id=twin,
                about_id=adult_in.get(holders[twin]),
                origin_id=origin_of(fact),
                review_by=None,
                lift_asked_by=None,
            )
            for twin in sorted(twins[fact.subject_id])
            if twin in holders
        ]
    return copies


def origin_of(fact: RecordedFact) -> FactId:
    """The fact as it was recorded, of which this may be a copy."""
    return fact.origin_id or fact.id


def inherit_facts(house: House, unit: Unit, subject_ids: Sequence[SubjectId], now: datetime) -> None:
    """Give files that have just become findable what already holds about these people; and where a body recorded
    something in such a file of its own before it named the person, give it to the others. One fact is copied once."""
    new = set(subject_ids)
    lock_people(house, unit, sorted(new))
    others = house.vault.twins(sorted(new))
    in_force = unit.recorded_facts.in_force(sorted(new.union(*others.values())), now)
    seen = {(origin_of(fact), fact.subject_id) for fact in in_force}
    found = []
    for copy in copy_facts(house, unit, [fact for fact in in_force if fact.everywhere]):
        key = (origin_of(copy), copy.subject_id)
        if key not in seen and (copy.subject_id in new or _is_of(copy, in_force, new)):
            seen.add(key)
            found.append(copy)
    if found:
        found = to_review(house, unit, found, now)
        unit.recorded_facts.add(found)
        announce(house, unit, found, "fact.recorded", None, now)


def _is_of(copy: RecordedFact, in_force: Sequence[RecordedFact], subjects: set[SubjectId]) -> bool:
    """Whether it copies what was recorded about one of these."""
    return any(fact.id == copy.origin_id and fact.subject_id in subjects for fact in in_force)
