"""Facts in force about a person of one's own files, or those one recorded oneself; with their documents and reasons.

Reading them is an entry, committed before the first of them leaves (law 2). They are the holder's own data and what the
requester itself recorded: nothing passes from one organisation to another here, so the gate is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.fact_owners import find_person
from gateway.use_cases.house import House
from gateway.use_cases.values import FactEvent, RecordedFact, Requester
from schemas.errors import NotPermitted
from schemas.facts import PersonNamed
from schemas.ids import EntryId, OrganisationId

MAX_ROWS = 200
HIDDEN = frozenset({"decided_by_people", "emergency"})
"""What has a page of its own: decisions on holds, declared emergencies."""


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """What was done with a fact, and the document or the reasons it was done on (None once the keys are destroyed)."""

    event: FactEvent
    document: Mapping[str, str | None] | None


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact in force with its events, oldest first. `set_by` is hidden where another's name would tell whereabouts."""

    fact: RecordedFact
    title: str
    set_by: str
    events: tuple[KnownEvent, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FactsRead:
    """The facts, and the entry of their reading."""

    facts: tuple[KnownFact, ...]
    entry_id: EntryId


def read_facts(house: House, requester: Requester, named: PersonNamed | None, now: datetime) -> FactsRead:
    """Facts about one person, or (None) all that one's organisation recorded. Raises Unavailable (subject_unavailable),
    NotPermitted (not_for_overseers) for an administrator."""
    if requester.role == "admin":
        raise NotPermitted("not_for_overseers")
    with house.store.writing() as unit:
        if named is None:
            found: Sequence[RecordedFact] = unit.recorded_facts.set_by(requester.organisation_id, MAX_ROWS, now)
        else:
            person = find_person(house, unit, requester, named, now)
            in_force = unit.recorded_facts.in_force([person.subject_id], now)
            found = [fact for fact in in_force if person.is_own or fact.set_by == requester.organisation_id]
        shown = [fact for fact in found if fact.fact not in HIDDEN]
        salt = new_salt()
        entry_id = append_entry(
            unit,
            EventKind.FACT_READ,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "facts": sorted({fact.fact for fact in shown}),
                "subjects": [commitment(salt, s) for s in sorted({fact.subject_id for fact in shown})],
            },
            now,
        )
        events = unit.recorded_facts.events([fact.id for fact in shown])
        names = {known.id: known.name for known in unit.participants.organisations()}
    return FactsRead(tuple(_known(house, fact, events, names) for fact in shown), entry_id)


def _known(
    house: House, fact: RecordedFact, events: Sequence[FactEvent], names: Mapping[OrganisationId, str]
) -> KnownFact:
    own = []
    for event in events:
        if event.fact_id == fact.id:
            words = house.vault.open_words(fact.subject_id, fact.id, event.sealed) if event.sealed else None
            own.append(KnownEvent(event, json.loads(words) if words else None))
    return KnownFact(fact, house.pack.fact_title(fact.fact), names.get(fact.set_by, ""), tuple(own))
