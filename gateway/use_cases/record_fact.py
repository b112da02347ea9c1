"""Record a fact on which rulings rest, by its owner, on its evidence (rules 3.8); or put another in its place.

A fact of the owner's own file, or of a case it has a relation to, holds there. What a body acts on by law (an act of a
guardianship body, an order of a commission) holds in every file about that person, in whatever organisation: it is copied
to those with the same SNILS or birth certificate in the same unit of work, by the same statements whether there are any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.evidence.entry import new_salt
from gateway.use_cases.copy_facts import copy_facts, lock_people
from gateway.use_cases.fact_events import FACT, add_event, announce, fact_entry, to_review
from gateway.use_cases.fact_owners import BODY, Person, check_needs, fact_row, find_person, organisation_of, owner_of
from gateway.use_cases.house import House
from gateway.use_cases.named_organisation import organisation_named
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import Organisation, RecordedFact, Requester
from policies.responsible import FactRow, Owner
from schemas.errors import BadInput, Conflict, NotPermitted
from schemas.facts import FactDraft
from schemas.ids import EntryId, FactId, OrganisationId, new_id

TWO = "two"
"""Of a fact that two people end: what one of them may not do alone in another way either."""


@dataclass(frozen=True, slots=True)
class FactRecorded:
    """The fact and its entry."""

    fact_id: FactId
    entry_id: EntryId


def record_fact(house: House, requester: Requester, draft: FactDraft, now: datetime) -> FactRecorded:
    """Raises BadInput (fact_unknown, fact_needs, fact_about_required, fact_about_not_used, fact_not_of_child,
    fact_organisations_not_used, fact_value_kind, value_unknown, fact_dates, recipient_unknown), Conflict
    (fact_not_replaced), NotPermitted (fact_not_yours, second_person_required, no_agreement), Unavailable
    (subject_unavailable)."""
    with house.store.writing() as unit:
        return record_in(house, unit, requester, draft, now)


def record_in(house: House, unit: Unit, requester: Requester, draft: FactDraft, now: datetime) -> FactRecorded:
    """The same inside a unit of work of the caller."""
    row = fact_row(house, draft.fact)
    organisation = organisation_of(unit, requester, now)
    is_body = any(owner.capacity == BODY and organisation.kind in owner.kinds for owner in row.owners)
    unit.facts.lock(f"registry:{organisation.id}")
    person = find_person(house, unit, requester, draft.person, now, may_register=is_body)
    owner = owner_of(unit, requester, organisation, draft.fact, row, person)
    check_needs(
        draft.fact,
        owner,
        draft.document,
        value=draft.value,
        until=draft.until,
        organisations=draft.organisations,
    )
    _check(row, draft, owner, person, organisation, now)
    about = _adult(house, unit, requester, draft, now, may_register=is_body)
    fact = RecordedFact(
        id=FactId(new_id()),
        fact=draft.fact,
        subject_id=person.subject_id,
        set_by=organisation.id,
        from_at=now,
        to_at=_end_of(draft.until, organisation.zone) if draft.until else None,
        about_id=about.subject_id if about else None,
        about_who=draft.about_who,
        value=draft.value,
        participants=_participants(unit, row, draft, organisation),
        evidence_digest=draft.document.copy_digest,
        everywhere=owner.capacity == BODY,
    )
    if fact.everywhere:
        lock_people(house, unit, [fact.subject_id])
    if draft.replaces:
        _replace(unit, requester, row, FactId(draft.replaces), fact, now)
    change = "changed" if draft.replaces else "recorded"
    facts = to_review(house, unit, [fact, *(copy_facts(house, unit, [fact]) if fact.everywhere else ())], now)
    unit.recorded_facts.add(facts)
    salt = new_salt()
    entry_id = fact_entry(unit, requester, fact, change, draft.document, salt, now, as_=owner.capacity)
    add_event(house, unit, requester, fact, change, draft.document, entry_id, salt, now)
    announce(house, unit, facts, "fact.recorded", requester, now)
    return FactRecorded(fact.id, entry_id)


def _check(
    row: FactRow, draft: FactDraft, owner: Owner, person: Person, organisation: Organisation, now: datetime
) -> None:
    if row.about != "subject" and person.kind != "child":
        raise BadInput("fact_not_of_child", fact=draft.fact)
    # A copy in another organisation's file finds the adult there by its word: a body always says which parent it means.
    named = draft.about_who if owner.capacity == BODY else (draft.about or draft.about_who)
    if row.about == "parent" and not named:
        raise BadInput("fact_about_required", fact=draft.fact)
    if row.about != "parent" and (draft.about or draft.about_who):
        raise BadInput("fact_about_not_used", fact=draft.fact)
    if draft.organisations and "organisations" not in owner.needs:
        # Whom a fact names has a relation to the case by that: only facts that are about somebody name somebody.
        raise BadInput("fact_organisations_not_used", fact=draft.fact)
    if (row.values and draft.value not in row.values) or (draft.value and not row.values):
        raise BadInput("value_unknown", value=draft.value or "", known=", ".join(row.values) or "—")
    today = now.astimezone(ZoneInfo(organisation.zone)).date()
    if (draft.until and draft.until < today) or (draft.document.on and draft.document.on > today):
        raise BadInput("fact_dates")


def _adult(
    house: House, unit: Unit, requester: Requester, draft: FactDraft, now: datetime, *, may_register: bool
) -> Person | None:
    if draft.about is None:
        return None
    named = draft.about.model_copy(update={"kind": "parent"})
    adult = find_person(house, unit, requester, named, now, may_register=may_register)
    if adult.kind != "parent":
        raise BadInput("fact_about_required", fact=draft.fact)
    return adult


def _replace(
    unit: Unit, requester: Requester, row: FactRow, fact_id: FactId, fact: RecordedFact, now: datetime
) -> None:
    """End what one's organisation recorded before. What two people end, one alone does not make end sooner by this."""
    before = unit.recorded_facts.get(fact_id, lock=True)
    if (
        before is None
        or (before.subject_id, before.fact, before.set_by) != (fact.subject_id, fact.fact, fact.set_by)
        or before.origin_id is not None
    ):
        raise Conflict("fact_not_replaced")
    sooner = fact.to_at is not None and (before.to_at is None or fact.to_at < before.to_at)
    if row.end_by == TWO and sooner:
        raise NotPermitted("second_person_required")
    ended = unit.recorded_facts.end(before.id, now)
    if not ended:
        raise Conflict("fact_not_replaced")
    if row.review:
        unit.timers.done(FACT, [known.id for known in ended], [row.review.timer], requester.actor, now)


def _end_of(day: date, zone: str) -> datetime:
    """24:00 of the last day, where the owner is."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def _participants(unit: Unit, row: FactRow, draft: FactDraft, organisation: Organisation) -> tuple[OrganisationId, ...]:
    named = [organisation.id] if row.names_itself else []
    kinds = row.values.get(draft.value or "", ())
    for ogrn in draft.organisations:
        found = organisation_named(unit, ogrn)
        if kinds and found.kind not in kinds:
            raise BadInput("fact_value_kind", value=draft.value or "", known=", ".join(kinds))
        named.append(found.id)
    return tuple(dict.fromkeys(named))
