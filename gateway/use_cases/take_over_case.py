"""A transferred case: with its acceptance the new holder answers for the people that the transfer names.

The new case inherits from the old one: the facts recorded about these people go with them, and what the transfer released
stays readable to the new holder. The old holder's access ends: its summary is withdrawn, its holds about them lapse. Consents
named the old holder as discloser, so the new one asks the family anew before it passes anything on (RU-152-9-8).
"""

from __future__ import annotations

from datetime import datetime

from gateway.evidence.entry import commitment, new_salt
from gateway.evidence.events import EventKind
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.assign_case import take_case
from gateway.use_cases.disclose import rule
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_practice_timers import end_terms
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import MessageOnFile, Requester
from schemas import categories as c
from schemas.errors import Conflict, Contended
from schemas.ids import CaseId, SubjectId, new_id

TRANSFER = "case_transfer"


def check_transfer(unit: Unit, sender_id: str, subject_ids: list[SubjectId]) -> None:
    """Nothing may wait for the old holder's people about those who go. Raises Conflict holds_waiting."""
    if unit.holds.is_waiting_about(subject_ids, sender_id):
        raise Conflict("holds_waiting")


def take_over_case(house: House, unit: Unit, requester: Requester, message: MessageOnFile, now: datetime) -> CaseId:
    """The new holder's case. It is ruled at this moment: only people whom the transfer names to the new holder by a ground
    that holds now, and who still are the sender's, go over; the others stay where they are. Raises Conflict
    transfer_without_ground where nobody is left."""
    holder = unit.participants.organisation(message.recipient_id)
    assert holder is not None
    for organisation_id in sorted((message.sender_id, message.recipient_id)):
        unit.facts.lock(f"registry:{organisation_id}")  # of two who accept the same child, one comes second
    subjects = _named_now(house, unit, message, now)
    if not subjects:
        raise Conflict("transfer_without_ground")
    case_id = CaseId(new_id())
    unit.families.add_case(case_id, holder.id, holder.practice, now, inherits_id=message.case_id)
    unit.families.hand_over(subjects, message.case_id, case_id, holder.id)
    unit.holds.lapse(subjects, message.sender_id, now)
    if not unit.families.case_subjects(message.case_id):
        unit.summaries.withdraw(message.case_id)
        unit.families.end_case(message.case_id, now)
        end_terms(unit, message.case_id, message.sender_id, requester.actor, now)
    salt = new_salt()
    append_entry(
        unit,
        EventKind.CASE_TRANSFERRED,
        {
            "message": message.id,
            "from": message.sender_id,
            "organisation": holder.id,
            "actor": requester.actor,
            "case": commitment(salt, message.case_id),
            "new_case": commitment(salt, case_id),
            "subjects": len(subjects),
        },
        now,
    )
    unit.notices.add([notice(message.sender_id, HEAD, "case.transferred", message.id, now)])
    take_case(unit, requester, case_id, now)
    return case_id


def _named_now(house: House, unit: Unit, message: MessageOnFile, now: datetime) -> list[SubjectId]:
    gathered = unit.facts.of_message(message.recipient_id, message.id, now)
    if not unit.facts.unchanged({key: v for key, v in gathered.versions.items() if not key.startswith("message:")}):
        raise Contended("facts_keep_moving")
    (ruled,) = rule(house, gathered, Question(message.purpose, (c.IDENTITY,)), now)
    named = [q.subject_id for q in ruled.questions if ruled.ruling(q.subject_id, c.IDENTITY).effect.releases]
    sent = set(unit.messages.subjects(message.id, sent=True))
    holders = unit.recorded_facts.holder_of(named)
    in_case = set(unit.families.case_subjects(message.case_id))
    return [s for s in named if s in sent and s in in_case and holders.get(s) == message.sender_id]
