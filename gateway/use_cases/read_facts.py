"""Facts in force about a person of one's own files, or those one recorded oneself; with their documents.

Reading them is an entry, committed before the first of them leaves (law 2). They hold in the holder's own files, so the
gate is not asked; and so nothing passes here that another organisation said in words: of its facts the holder sees who
recorded what, when, on an act of which number and date. Where whereabouts are protected not even its name (rules 3.7).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.copy_facts import origin_of
from gateway.use_cases.fact_owners import find_person
from gateway.use_cases.house import House
from gateway.use_cases.values import FactEvent, Organisation, RecordedFact, Requester
from schemas.errors import NotPermitted
from schemas.facts import PersonNamed
from schemas.ids import EntryId, FactId, OrganisationId, Pseudonym, SubjectId

MAX_ROWS = 200
HIDDEN = frozenset({"decided_by_people", "emergency"})
"""What has a page of its own: decisions on holds, declared emergencies."""
PROTECTED = "location_protected"
OF_ORIGIN = frozenset({"recorded", "changed"})
"""What the file of a copy sees of what was done with the fact in the file where it was recorded."""


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """What was done with a fact, and its document (None once the keys are destroyed); of one's own organisation also by
    whom, and the reasons in words."""

    event: FactEvent
    document: Mapping[str, str | None] | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact in force with its events, oldest first. `person`: whom it is about, under the reader's pseudonym. `set_by` is
    a kind where another's name would tell whereabouts; `organisations` that it names, by OGRN, are told to who recorded
    it."""

    fact: RecordedFact
    person: Pseudonym
    title: str
    set_by: str
    organisations: tuple[str, ...]
    events: tuple[KnownEvent, ...]


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
            shown: Sequence[RecordedFact] = unit.recorded_facts.set_by(
                requester.organisation_id, MAX_ROWS, now, without=HIDDEN
            )
        else:
            person = find_person(house, unit, requester, named, now)
            in_force = unit.recorded_facts.in_force([person.subject_id], now)
            shown = [
                fact
                for fact in in_force
                if fact.fact not in HIDDEN and (person.is_own or fact.set_by == requester.organisation_id)
            ]
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
        copied = {fact.origin_id for fact in shown if fact.origin_id}
        origins = {fact.id: fact for fact in unit.recorded_facts.all_of(copied)}
        events = unit.recorded_facts.events([*(fact.id for fact in shown), *origins])
        known = {organisation.id: organisation for organisation in unit.participants.organisations()}
    protected = frozenset(fact.subject_id for fact in shown if fact.fact == PROTECTED)
    alive = house.vault.alive(fact.subject_id for fact in shown)
    told = _Told(house, requester, known, protected, alive, _opened(house, [*shown, *origins.values()], events))
    return FactsRead(tuple(told.fact(fact, origins, events) for fact in shown), entry_id)


def _opened(house: House, facts: Sequence[RecordedFact], events: Sequence[FactEvent]) -> Mapping[bytes, bytes]:
    """The documents of all events by what is kept of them."""
    subjects = {fact.id: fact.subject_id for fact in facts}
    kept = [(subjects[event.fact_id], event.fact_id, event.sealed) for event in events if event.sealed]
    words = house.vault.open_all_words(kept)
    return {sealed: plain for (_, _, sealed), plain in zip(kept, words, strict=True) if plain}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the requester is told of facts, its own and those of others."""

    house: House
    requester: Requester
    organisations: Mapping[OrganisationId, Organisation]
    protected: frozenset[SubjectId]
    alive: frozenset[SubjectId]
    opened: Mapping[bytes, bytes]

    def fact(
        self, fact: RecordedFact, origins: Mapping[FactId, RecordedFact], events: Sequence[FactEvent]
    ) -> KnownFact:
        origin = origins.get(origin_of(fact)) or fact
        found = [
            self._event(event, readable=fact.subject_id in self.alive)
            for event in events
            if event.fact_id == fact.id or (event.fact_id == origin.id and event.kind in OF_ORIGIN)
        ]
        named = fact.participants if fact.set_by == self.requester.organisation_id else ()
        ogrns = tuple(self.organisations[organisation].ogrn for organisation in named)
        person = self.house.vault.subject_pseudonym(self.requester.organisation_id, fact.subject_id)
        return KnownFact(fact, person, self.house.pack.fact_title(fact.fact), self._name(fact), ogrns, tuple(found))

    def _name(self, fact: RecordedFact) -> str:
        by = self.organisations[fact.set_by]
        hidden = fact.set_by != self.requester.organisation_id and fact.subject_id in self.protected
        return self.house.pack.kind_title(by.kind) if hidden else by.name

    def _event(self, event: FactEvent, *, readable: bool) -> KnownEvent:
        # The document of a body's act rests with the body's own file about the person. In the file of somebody whose keys
        # are destroyed it is not read either (law 12).
        sealed = event.sealed if readable else None
        words = self.opened.get(sealed) if sealed else None
        document: dict[str, str | None] | None = json.loads(words) if words else None
        is_own = event.organisation_id == self.requester.organisation_id
        if document is not None and not is_own:
            del document["reasons"]  # somebody else's words
        return KnownEvent(event, document, is_own)
