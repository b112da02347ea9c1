"""What a body recorded about a person by law holds in every file about that person, whoever keeps it.

Files of different organisations are about the same person where they share a SNILS or a birth certificate (blind
indexes). Nobody learns of another's file by this: the holder of a file sees the fact in its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import RecordedFact
from schemas.ids import FactId, SubjectId, new_id


def copy_facts(
    house: House, unit: Unit, facts: Sequence[RecordedFact], only: Sequence[SubjectId] | None = None
) -> list[RecordedFact]:
    """Each fact once more in every other file about the same person, or in those of `only`. The adult that a fact names is
    the one of that file; where it has none, the adult's word (mother) stands for it."""
    people = {fact.subject_id for fact in facts} | {fact.about_id for fact in facts if fact.about_id}
    twins = house.vault.twins(sorted(people))
    everybody = sorted({twin for found in twins.values() for twin in found})
    holders = unit.recorded_facts.holder_of(everybody)
    copies = []
    for fact in facts:
        adults = twins[fact.about_id] if fact.about_id else frozenset()
        adult_in = {holders[adult]: adult for adult in adults if adult in holders}
        copies += [
            replace(
                fact,
                id=FactId(new_id()),
                subject_id=twin,
                about_id=adult_in.get(holders[twin]),
                origin_id=fact.id,
                review_by=None,
                lift_asked_by=None,
            )
            for twin in sorted(twins[fact.subject_id])
            if twin in holders and (only is None or twin in only)
        ]
    return copies


def inherit_facts(house: House, unit: Unit, subject_ids: Sequence[SubjectId], now: datetime) -> None:
    """Give files that have just become findable what already holds about these people."""
    twins = house.vault.twins(subject_ids)
    known = sorted({twin for found in twins.values() for twin in found})
    if not known:
        return
    in_force = unit.recorded_facts.in_force([*known, *subject_ids], now)
    present = {(fact.origin_id, fact.subject_id) for fact in in_force}
    origins = [fact for fact in in_force if fact.everywhere and fact.origin_id is None]
    missing = [
        copy
        for copy in copy_facts(house, unit, origins, subject_ids)
        if (copy.origin_id, copy.subject_id) not in present
    ]
    unit.recorded_facts.add(missing)
