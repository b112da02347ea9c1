"""Review a declared emergency: a data-protection officer of either side finds it justified, or a misuse.

After a misuse what the person opened of that case is closed at once, what was sent by it is taken back, and the person may
declare no more until the operator says otherwise. An emergency nobody reviewed in time goes to the heads of both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.entry import commitment
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.facts import EMERGENCY
from gateway.use_cases.house import House
from gateway.use_cases.move_message import By, move
from gateway.use_cases.ports import Unit
from gateway.use_cases.read_facts import PROTECTED
from gateway.use_cases.recall import send_recall
from gateway.use_cases.tell_people import HEAD, answers_for, notice
from gateway.use_cases.values import Emergency, Requester
from gateway.vault.errors import KeyAbsent
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import EntryId, PersonId, is_id, new_id
from schemas.lifecycle import Actor, Event, possible

OPEN, JUSTIFIED, MISUSE = "open", "justified", "misuse"
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class ShownEmergency:
    """An emergency as people of either side see it; its words, and those of its review, are opened for reviewers only.
    `holder` is a kind where the name would tell the declarer whereabouts."""

    emergency: Emergency
    declarer: str
    organisation: str
    holder: str
    case: str
    overdue: bool
    words: str | None = None
    review: str | None = None


def read_emergencies(house: House, requester: Requester, now: datetime) -> Sequence[ShownEmergency]:
    """Those of one's organisation, as the holder or as the declarer, newest first. Raises NotPermitted (people_only)."""
    if requester.person_id is None or requester.role == "admin":
        raise NotPermitted("people_only")
    with house.store.reading() as unit:
        found = unit.emergencies.of_organisation(requester.organisation_id, MAX_ROWS)
        return [_shown(house, unit, requester, emergency, now) for emergency in found]


def open_emergency(house: House, requester: Requester, emergency_id: str, now: datetime) -> ShownEmergency:
    """One, with the declarer's words, for a reviewer. Its reading is an entry. Raises Unavailable (emergency_unavailable),
    NotPermitted (review_not_yours)."""
    with house.store.writing() as unit:
        emergency = _known(unit, requester, emergency_id)
        _require_reviewer(house, unit, requester)
        shown = _shown(house, unit, requester, emergency, now)
        append_entry(
            unit,
            EventKind.FACT_READ,
            {"organisation": requester.organisation_id, "actor": requester.actor, "emergency": emergency.id},
            now,
        )
    words = house.vault.open_words(emergency.sealed_with, emergency.id, emergency.sealed_words)
    sealed = emergency.sealed_review
    review = house.vault.open_words(emergency.sealed_with, _review_of(emergency), sealed) if sealed else None
    return replace(shown, words=words.decode() if words else None, review=review.decode() if review else None)


def review_emergency(
    house: House, requester: Requester, emergency_id: str, outcome: str, words: str, now: datetime
) -> EntryId:
    """Raises Unavailable (emergency_unavailable), NotPermitted (review_not_yours, second_person_required), Conflict
    (emergency_reviewed), BadInput (outcome_unknown, words_required)."""
    if outcome not in {JUSTIFIED, MISUSE}:
        raise BadInput("outcome_unknown", outcome=outcome)
    if not words.strip():
        raise BadInput("words_required")
    row = house.pack.responsible.emergency
    assert row is not None
    with house.store.writing() as unit:
        emergency = _known(unit, requester, emergency_id, lock=True)
        _require_reviewer(house, unit, requester)
        if emergency.person_id == requester.person_id:
            raise NotPermitted("second_person_required")
        if emergency.state != OPEN:
            raise Conflict("emergency_reviewed")
        reviewed = replace(
            emergency,
            state=outcome,
            reviewed_at=now,
            reviewed_by=requester.actor,
            sealed_review=_sealed(house, emergency, words),
        )
        unit.emergencies.save(reviewed)
        unit.timers.done(EMERGENCY, [emergency.id], [row.review], requester.actor, now)
        sides = dict.fromkeys((emergency.holder_id, emergency.organisation_id))
        if outcome == MISUSE:
            unit.emergencies.suspend(emergency.person_id, now)
            # What this person declares at this very moment, of any case, is ruled again after this (law 4).
            unit.facts.bump([f"organisation:{emergency.organisation_id}"])
            for declared in unit.emergencies.of_case(emergency.case_id, emergency.person_id):
                _close(unit, declared, now)
            _take_back(house, unit, emergency, requester, now)
        unit.notices.add(
            [
                notice(side, role, f"emergency.{outcome}", emergency.id, now)
                for side in sides
                for role in (row.reviewer, HEAD)
            ]
        )
        return append_entry(
            unit,
            EventKind.EMERGENCY_REVIEWED,
            {
                "organisation": requester.organisation_id,
                "actor": requester.actor,
                "emergency": emergency.id,
                "outcome": outcome,
                "words": commitment(emergency.salt, words),
                **({"suspended": emergency.person_id} if outcome == MISUSE else {}),
            },
            now,
        )


def restore_declarer(house: House, requester: Requester, person_id: PersonId, now: datetime) -> EntryId:
    """The operator lets a person declare emergencies again. Raises BadInput (person_unknown)."""
    with house.store.writing() as unit:
        person = unit.participants.person(person_id)
        if person is None:
            raise BadInput("person_unknown")
        unit.emergencies.suspend(person_id, None)
        return append_entry(
            unit,
            EventKind.PERSON_REGISTERED,
            {
                "organisation": person.organisation_id,
                "person": person_id,
                "by": requester.actor,
                "emergency": "restored",
            },
            now,
        )


def _review_of(emergency: Emergency) -> str:
    return f"{emergency.id}/review"


def _sealed(house: House, emergency: Emergency, words: str) -> bytes | None:
    try:
        return house.vault.seal_words(emergency.sealed_with, _review_of(emergency), words.encode())
    except KeyAbsent:  # the subject is destroyed meanwhile: nothing about it can be kept
        return None


def _close(unit: Unit, emergency: Emergency, now: datetime) -> None:
    subjects = unit.families.case_subjects(emergency.case_id)
    for fact in unit.recorded_facts.in_force(subjects, now):
        if fact.fact == EMERGENCY and fact.value == emergency.id:
            unit.recorded_facts.end(fact.id, now)


def _take_back(house: House, unit: Unit, emergency: Emergency, requester: Requester, now: datetime) -> None:
    """What was sent by this declaration is taken back for its sender: nobody opens it any more, and its recipient answers
    whether it erased it or a norm obliges it to keep it."""
    for message in unit.messages.by_claim(emergency.case_id, emergency.organisation_id, EMERGENCY, emergency.id):
        if Event.RECALL in possible(message.state, Actor.SENDER, ()):
            by = By(Actor.SENDER, message.sender_id, requester.actor)
            move(unit, message, Event.RECALL, by, now, details={"emergency": emergency.id})
            send_recall(house, unit, message, now)


def _known(unit: Unit, requester: Requester, emergency_id: str, *, lock: bool = False) -> Emergency:
    found = unit.emergencies.get(emergency_id if is_id(emergency_id) else new_id(), lock=lock)
    if found is None or requester.organisation_id not in {found.holder_id, found.organisation_id}:
        raise Unavailable("emergency_unavailable")
    return found


def _require_reviewer(house: House, unit: Unit, requester: Requester) -> None:
    row = house.pack.responsible.emergency
    roles = answers_for(unit.participants.people_of(requester.organisation_id), requester.person_id)
    # An administrator may answer for a role that nobody has: it is told, but sees nothing of a family.
    if row is None or row.reviewer not in roles or requester.role == "admin":
        raise NotPermitted("review_not_yours")


def _is_hidden(unit: Unit, requester: Requester, emergency: Emergency, now: datetime) -> bool:
    """Whether the other side must not read the holder's name: the name of a shelter is itself protected (rules 3.7)."""
    if requester.organisation_id == emergency.holder_id:
        return False
    subjects = unit.families.case_subjects(emergency.case_id)
    return any(fact.fact == PROTECTED for fact in unit.recorded_facts.in_force(subjects, now))


def _shown(house: House, unit: Unit, requester: Requester, emergency: Emergency, now: datetime) -> ShownEmergency:
    person = unit.participants.person(emergency.person_id)
    declarer = unit.participants.organisation(emergency.organisation_id)
    holder = unit.participants.organisation(emergency.holder_id)
    assert declarer is not None
    assert holder is not None
    return ShownEmergency(
        emergency,
        person.display_name if person else "",
        declarer.name,
        house.pack.kind_title(holder.kind) if _is_hidden(unit, requester, emergency, now) else holder.name,
        house.vault.case_pseudonym(requester.organisation_id, emergency.case_id),
        emergency.state == OPEN and emergency.review_by <= now,
    )
