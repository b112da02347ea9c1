"""Fill an empty store with the demo's organisations, staff and families, through the same use cases as real data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from gateway.demo.directory import publish_directory
from gateway.demo.duty import set_demo_duty
from gateway.demo.families import families
from gateway.demo.fixtures import FamilyFixture, OrganisationFixture
from gateway.demo.organisations import organisations
from gateway.demo.people import people
from gateway.oauth.passwords import hash_password
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.publish_case_summary import publish_in
from gateway.use_cases.record_consent import record_consent_in
from gateway.use_cases.register_participants import register_organisation_in
from gateway.use_cases.resolve_subjects import Named, resolve_subjects
from gateway.use_cases.values import Organisation, Person, RecordedFact, Requester
from schemas.ids import ConsentId, FactId, OrganisationId, PersonId, new_id
from schemas.summary import SummaryDraft

SEED = 2026
PASSWORD = "демо-пароль-2026"  # noqa: S105  of people who do not exist, printed by the demo itself
AGREEMENT_FROM = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Seeded:
    """Identifiers by the keys of the fixtures."""

    organisations: Mapping[str, Organisation]
    families: tuple[FamilyFixture, ...]
    consents: Mapping[str, ConsentId]


def seed(house: House, now: datetime, progress: Callable[[int, int], None]) -> Seeded:
    """Everything the demo begins with. `progress` gets families done and all."""
    given = organisations()
    by_key = {fixture.key: _organisation(fixture) for fixture in given}
    with house.store.writing() as unit:
        for organisation in by_key.values():
            register_organisation_in(house, unit, organisation, now)
        hashed = hash_password(PASSWORD)  # one hash for all: two hundred of them would take a minute
        for person in people():
            unit.participants.add_person(
                Person(
                    PersonId(new_id()),
                    by_key[person.organisation].id,
                    person.login,
                    person.display_name,
                    hashed,
                    frozenset(person.roles),
                    synthetic=True,
                )
            )
        publish_directory(unit, {fixture.key: fixture for fixture in given}, by_key, now)
    set_demo_duty(house, given, people(), by_key, now)
    made = families(SEED, now)
    consents: dict[str, ConsentId] = {}
    for number, family in enumerate(made, start=1):
        with house.store.writing() as unit:
            consents |= _family(house, unit, family, by_key, now)
        progress(number, len(made))
    return Seeded(by_key, made, consents)


def _organisation(fixture: OrganisationFixture) -> Organisation:
    return Organisation(
        OrganisationId(new_id()),
        fixture.kind,
        fixture.name,
        fixture.ogrn,
        inn=fixture.inn,
        district=fixture.district,
        practice=fixture.practice,
        registers=fixture.registers,
        agreement_from=AGREEMENT_FROM,
        rkn_number=f"00-00-{fixture.ogrn[-6:]}",
        synthetic=True,
    )


def _family(
    house: House, unit: Unit, family: FamilyFixture, by_key: Mapping[str, Organisation], now: datetime
) -> dict[str, ConsentId]:
    holder = by_key[family.holder]
    curator = Requester(holder.id, f"demo:{family.curator}")
    published = publish_in(house, unit, curator, _with_emancipation(family), now, synthetic=True)
    found = {}
    for consent in family.consents:
        discloser = Requester(by_key[consent.discloser].id, f"demo:{family.curator}")
        consent_id = record_consent_in(house, unit, discloser, consent.draft, consent.given_at, synthetic=True)
        for event in consent.later:
            unit.consents.add_event(consent_id, replace(event, event_id=new_id()), None)
        found[consent.key] = consent_id
    refs = [subject.ref for subject in family.summary.subjects]
    named = [Named(subject.kind, subject.ref) for subject in family.summary.subjects]
    ids = {
        ref: resolved.subject_id
        for ref, resolved in zip(refs, resolve_subjects(house, unit, holder.id, named), strict=True)
    }
    unit.recorded_facts.add(
        [
            RecordedFact(
                id=FactId(new_id()),
                fact=fact.fact,
                subject_id=ids[fact.subject],
                set_by=by_key[fact.set_by].id,
                from_at=datetime.combine(fact.from_on, time(9), UTC),
                about_id=ids[fact.about] if fact.about else None,
                participants=tuple(by_key[key].id for key in fact.participants),
            )
            for fact in family.facts
        ]
    )
    assert set(published.subjects) == set(ids.values())
    return found


def _with_emancipation(family: FamilyFixture) -> SummaryDraft:
    subjects = tuple(
        subject.model_copy(update={"emancipated": subject.ref in family.emancipated})
        for subject in family.summary.subjects
    )
    return family.summary.model_copy(update={"subjects": subjects})
