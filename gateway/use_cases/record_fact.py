"""Record a fact on which rulings rest, by its owner, on its evidence (rules 3.8); or put another in its place.

A fact of the owner's own file, or of a case it has a relation to, holds there. What a body acts on by law (an act of a
guardianship body, an order of a commission) holds in every file about that person, in whatever organisation: it is copied
to those with the same SNILS or birth certificate in the same unit of work, by the same statements whether there are any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.copy_facts import copy_facts
from gateway.use_cases.fact_owners import Person, check_needs, fact_row, find_person, organisation_of, owner_of
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.tell_people import notice
from gateway.use_cases.values import FactEvent, Notice, Organisation, RecordedFact, Requester, Timer
from policies.responsible import FactRow, Owner
from schemas.errors import BadInput, Conflict
from schemas.facts import FactDocument, FactDraft
from schemas.ids import EntryId, FactId, OrganisationId, new_id

FACT = "fact"
"""What a timer of a review is about."""


@dataclass(frozen=True, slots=True)
class FactRecorded:
    """The fact and its entry."""

    fact_id: FactId
    entry_id: EntryId


def record_fact(house: House, requester: Requester, draft: FactDraft, now: datetime) -> FactRecorded:
    """Raises BadInput (fact_unknown, fact_needs, fact_about_required, fact_not_of_child, value_unknown, fact_dates,
    recipient_unknown), NotPermitted (fact_not_yours, no_agreement), Unavailable (subject_unavailable, fact_unavailable)."""
    row = fact_row(house, draft.fact)
    with house.store.writing() as unit:
        organisation = organisation_of(unit, requester, now)
        is_body = any(owner.capacity == "body" and organisation.kind in owner.kinds for owner in row.owners)
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
        about = find_person(house, unit, requester, draft.about, now, may_register=is_body) if draft.about else None
        replaced = _replaced(unit, draft, person) if draft.replaces else None
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
            review_by=house.pack.due(row.review.timer, now, organisation.zone) if row.review else None,
            everywhere=owner.capacity == "body",
        )
        change = "recorded"
        if replaced is not None:
            change = "changed"
            unit.recorded_facts.end(replaced.id, now)
        entry_id = _record(house, unit, requester, owner, fact, draft.document, change, now)
        if row.review and fact.review_by:
            review = Timer(new_id(), row.review.timer, organisation.id, FACT, fact.id, "now", now, fact.review_by)
            unit.timers.start([review])
            unit.notices.add([notice(organisation.id, row.review.role, "fact.review", fact.id, now)])
    return FactRecorded(fact.id, entry_id)


def _check(
    row: FactRow, draft: FactDraft, owner: Owner, person: Person, organisation: Organisation, now: datetime
) -> None:
    if row.about != "subject" and person.kind != "child":
        raise BadInput("fact_not_of_child", fact=draft.fact)
    # A copy in another organisation's file finds the adult there by its word: a body always says which parent it means.
    named = draft.about_who if owner.capacity == "body" else (draft.about or draft.about_who)
    if row.about == "parent" and not named:
        raise BadInput("fact_about_required", fact=draft.fact)
    if row.about != "parent" and (draft.about or draft.about_who):
        raise BadInput("fact_about_not_used", fact=draft.fact)
    if (row.values and draft.value not in row.values) or (draft.value and not row.values):
        raise BadInput("value_unknown", value=draft.value or "", known=", ".join(row.values) or "—")
    today = now.astimezone(ZoneInfo(organisation.zone)).date()
    if (draft.until and draft.until < today) or (draft.document.on and draft.document.on > today):
        raise BadInput("fact_dates")


def _replaced(unit: Unit, draft: FactDraft, person: Person) -> RecordedFact:
    before = unit.recorded_facts.get(FactId(draft.replaces or ""), lock=True)
    if before is None or before.subject_id != person.subject_id or before.fact != draft.fact or before.origin_id:
        raise Conflict("fact_not_replaced")
    return before


def _end_of(day: date, zone: str) -> datetime:
    """24:00 of the last day, where the owner is."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone))


def _participants(unit: Unit, row: FactRow, draft: FactDraft, organisation: Organisation) -> tuple[OrganisationId, ...]:
    named = [organisation.id] if row.names_itself else []
    for ogrn in draft.organisations:
        found = unit.participants.organisation_by_ogrn(ogrn)
        if found is None:
            raise BadInput("recipient_unknown", ogrn=ogrn)
        named.append(found.id)
    return tuple(dict.fromkeys(named))


def _record(
    house: House,
    unit: Unit,
    requester: Requester,
    owner: Owner,
    fact: RecordedFact,
    document: FactDocument,
    change: str,
    now: datetime,
) -> EntryId:
    copies = copy_facts(house, unit, [fact]) if fact.everywhere else ()
    unit.recorded_facts.add([fact, *copies])
    salt = new_salt()
    entry_id = fact_entry(
        unit,
        requester,
        fact,
        change,
        salt,
        now,
        as_=owner.capacity,
        organisations=sorted(fact.participants),
        until=fact.to_at.isoformat() if fact.to_at else "none",
        evidence=document.copy_digest or "none",
        document=commitment(salt, document_words(document).decode()),
    )
    for known in (fact, *copies):
        add_event(house, unit, requester, known, change, entry_id, salt, document, now)
    unit.notices.add(_notices(unit, requester, [fact, *copies], now))
    return entry_id


def fact_entry(
    unit: Unit,
    requester: Requester,
    fact: RecordedFact,
    change: str,
    salt: bytes,
    now: datetime,
    *,
    as_: str,
    **more: JsonValue,
) -> EntryId:
    """The entry of a change to a fact: which fact, in what capacity, about a subject that stands there as a commitment."""
    body: dict[str, JsonValue] = {
        "organisation": requester.organisation_id,
        "actor": requester.actor,
        "as": as_,
        "fact": fact.fact,
        "change": change,
        "subject": commitment(salt, fact.subject_id),
        **more,
    }
    return append_entry(unit, EventKind.FACT_RECORDED, body, now)


def document_words(document: FactDocument) -> bytes:
    """Number, date and reasons, to be sealed with the subject."""
    return json.dumps(
        {
            "number": document.number,
            "on": document.on.isoformat() if document.on else None,
            "reasons": document.reasons,
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()


def add_event(
    house: House,
    unit: Unit,
    requester: Requester,
    fact: RecordedFact,
    kind: str,
    entry_id: EntryId,
    salt: bytes,
    document: FactDocument,
    now: datetime,
) -> None:
    """What was done with a fact, with its document sealed under the subject's key."""
    unit.recorded_facts.add_event(
        FactEvent(
            fact.id,
            kind,
            now,
            requester.organisation_id,
            requester.actor,
            entry_id,
            salt,
            document.copy_digest,
            house.vault.seal_words(fact.subject_id, fact.id, document_words(document)),
        )
    )


def _notices(unit: Unit, requester: Requester, facts: Iterable[RecordedFact], now: datetime) -> list[Notice]:
    by_subject = {fact.subject_id: fact for fact in facts}
    holders = unit.recorded_facts.holder_of(list(by_subject))
    return [
        notice(holder, role, "fact.recorded", by_subject[subject_id].id, now)
        for subject_id, holder in holders.items()
        if holder != requester.organisation_id
        for role in ("curator", "dpo")
    ]
