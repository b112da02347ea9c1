"""A direct threat that a message reports: a named person of the sender answers for it, with the statute it names.

It waits for no consent and for no hold. The data-protection officers and heads of both sides are told at once, and one of
them reviews it within the term of the pack, as any other declared emergency (POL-BRK-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.facts import EMERGENCY
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_timers import NOW
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import Emergency, MessageOnFile, Person, Requester, Timer
from policies.lanes import Lane
from policies.responsible import EmergencyRow
from schemas.errors import BadInput, NotPermitted
from schemas.ids import new_id
from schemas.messages import MessageDraft


@dataclass(frozen=True, slots=True)
class Threat:
    """The declaration to be: its identifier, its declarer, the terms of the pack."""

    id: str
    declarer: Person
    row: EmergencyRow


def check_threat(house: House, unit: Unit, requester: Requester, draft: MessageDraft, lane: Lane) -> Threat | None:
    """None where the lane is not the one for emergencies.

    Raises BadInput (threat_needs: statute or words; declarer_required), NotPermitted (emergency_suspended).
    """
    row = house.pack.responsible.emergency
    if row is None or lane.purpose != row.purpose:
        return None
    if not draft.statute:
        raise BadInput("threat_needs", field="statute", least=1)
    if len((draft.statement or "").strip()) < row.least_words:
        raise BadInput("threat_needs", field="statement", least=row.least_words)
    return Threat(new_id(), declarer_of(unit, requester, draft.declarer), row)


def declarer_of(unit: Unit, requester: Requester, login: str | None) -> Person:
    """The named person: the one who asks, or for a partner's system the one whose `login` it names."""
    if requester.person_id is not None:
        person = unit.participants.person(requester.person_id)
    else:
        person = unit.participants.person_by_login(login) if login else None
    if person is None or not person.active or person.organisation_id != requester.organisation_id:
        raise BadInput("declarer_required")
    if Requester(person.organisation_id, requester.actor, person.roles).role != "caseworker":
        raise BadInput("declarer_required")  # who oversees does not act, and will review it
    if person.emergency_suspended_at is not None:
        raise NotPermitted("emergency_suspended")
    return person


def declare_threat(
    house: House,
    unit: Unit,
    requester: Requester,
    threat: Threat,
    message: MessageOnFile,
    draft: MessageDraft,
    now: datetime,
) -> None:
    """Put the declaration on file for review, in the unit of work of its message."""
    sender = unit.participants.organisation(message.sender_id)
    assert sender is not None
    ends_at = house.pack.due(threat.row.open, now, sender.zone)
    review_by = house.pack.due(threat.row.review, now, sender.zone)
    (subject_id, *_) = unit.messages.subjects(message.id)
    words = draft.statement or ""
    salt = new_salt()
    entry_id = append_entry(
        unit,
        EventKind.EMERGENCY_DECLARED,
        {
            "organisation": message.sender_id,
            "actor": requester.actor,
            "declarer": threat.declarer.id,
            "holder": commitment(salt, message.sender_id),
            "recipient": message.recipient_id,
            "emergency": threat.id,
            "message": message.id,
            "case": commitment(salt, message.case_id),
            "words": commitment(salt, words),
            "statute": commitment(salt, draft.statute or ""),
            "ends_at": ends_at.isoformat(),
        },
        now,
    )
    unit.emergencies.add(
        Emergency(
            threat.id,
            message.case_id,
            message.sender_id,
            threat.declarer.id,
            message.recipient_id,
            entry_id,
            now,
            ends_at,
            review_by,
            house.vault.seal_words(subject_id, threat.id, words.encode()),
            subject_id,
            salt,
        )
    )
    sides = (message.recipient_id, message.sender_id)
    unit.timers.start(
        [Timer(new_id(), threat.row.review, side, EMERGENCY, threat.id, NOW, now, review_by) for side in sides]
    )
    unit.notices.add(
        [
            notice(side, role, "emergency.declared", threat.id, now)
            for side in sides
            for role in (threat.row.reviewer, HEAD)
        ]
    )
