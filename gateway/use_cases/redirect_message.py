"""Redirect: the recipient is not the right one and names who is. It goes on only on a ground of its own.

The ground of the first sending is not the ground of the next: the lane from the first sender to the new recipient is chosen
anew, and the pack rules on every category again. What is released goes on in a new message of the same thread, unopened;
otherwise the sender is told whom to ask the family about. Whoever redirects reads the same in both cases: which consents
the sender has is not its business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.evidence.events import EventKind
from gateway.use_cases.answer_message import Answer, check_answer, find_message, take_step
from gateway.use_cases.disclose import RuledCase, record, rule
from gateway.use_cases.facts import EMERGENCY, Question
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import with_facts
from gateway.use_cases.message_words import open_words, seal_words
from gateway.use_cases.move_message import By
from gateway.use_cases.ports import Unit
from gateway.use_cases.run_timers import start_timers, start_unaccepted
from gateway.use_cases.tell_people import HEAD, notice
from gateway.use_cases.values import (
    MessageOnFile,
    Organisation,
    ReceiptOnFile,
    Requester,
    SealedSection,
)
from policies.lanes import Lane, Party, Sending
from policies.ruling import Effect
from schemas import categories as c
from schemas.errors import BadInput, Contended
from schemas.ids import MessageId, OrganisationId, SectionId, new_id
from schemas.lifecycle import Event, State

ATTEMPTS = 5
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class _Onward:
    """The next sending as it would be ruled: in which lane, with what."""

    sender: Organisation
    recipient: Organisation
    lane: Lane | None
    ruled: RuledCase | None
    question: Question
    versions: Mapping[str, int]

    @property
    def goes(self) -> bool:
        """Whether it may go on: in a lane, and where it names somebody, a child at least."""
        if self.lane is None:
            return False
        if self.ruled is None:
            return True
        return any(
            ruling.by_category[c.IDENTITY].effect.releases
            for q in self.ruled.questions
            if q.facts.subject == "child" and c.IDENTITY in (ruling := self.ruled.rulings[q.subject_id]).by_category
        )


def redirect_message(
    house: House,
    requester: Requester,
    message_id: MessageId,
    target: OrganisationId,
    now: datetime,
    answer: Answer,
) -> MessageOnFile:
    """The redirected message. Raises as `answer_message` does, and BadInput (organisation_unknown, redirect_to_side)."""
    said = replace(answer, alternatives=(target,))
    for _ in range(ATTEMPTS):
        with house.store.reading() as unit:
            message = unit.messages.get(message_id, requester.organisation_id, now)
            recipient = unit.participants.organisation(target)
            onward = _onward(house, unit, message, recipient, now) if message and recipient else None
        with house.store.writing() as unit:
            locked = find_message(unit, requester, message_id, now)
            row = check_answer(locked, Event.REDIRECT, By.side(requester, locked), said)
            if recipient is None:
                raise BadInput("organisation_unknown")
            if target in {locked.sender_id, locked.recipient_id}:
                raise BadInput("redirect_to_side")
            assert onward is not None
            if not unit.facts.unchanged(onward.versions):
                continue
            take_step(house, unit, locked, row, By.side(requester, locked), said, now, {"target": target})
            forwarded = _forward(house, unit, locked, onward, now)
            if not forwarded:
                _tell_sender(unit, locked, now)
            answered = unit.messages.get(message_id, requester.organisation_id, now)
        assert answered is not None
        return answered
    raise Contended("facts_keep_moving")


def _onward(house: House, unit: Unit, message: MessageOnFile, recipient: Organisation, now: datetime) -> _Onward:
    sender = unit.participants.organisation(message.sender_id)
    assert sender is not None
    subjects = unit.messages.subjects(message.id)
    sending = Sending(
        type=message.type,
        sender=Party(sender.id, sender.kind, sender.registers),
        recipient=Party(recipient.id, recipient.kind, recipient.registers),
        with_sections=bool(subjects),
        trigger=message.trigger or "",
        direct=EMERGENCY in message.claims,
    )
    if not subjects:
        return _Onward(sender, recipient, house.pack.lane(sending), None, Question("", ()), {})
    gathered = unit.facts.of_sending(sender.id, recipient.id, message.case_id, subjects, now)
    (case,) = gathered.cases
    lane = house.pack.lane(with_facts(sending, case))
    contents = unit.messages.contents(message.id)
    question = Question(
        lane.purpose if lane else "",
        tuple(sorted({category for _, category in contents if category != c.REPORTER})),
        trigger=message.trigger or "",
        statute=message.statute or "",
    )
    (ruled,) = rule(house, gathered, question, now, sending=True)
    return _Onward(sender, recipient, lane, ruled, question, gathered.versions)


def _forward(house: House, unit: Unit, message: MessageOnFile, onward: _Onward, now: datetime) -> bool:
    """Send it on where it may go; the entry of the ruling concerns the sender and the new recipient, nobody else."""
    new = MessageId(new_id())
    goes = onward.goes
    if goes:
        assert onward.lane is not None
        forwarded = MessageOnFile(
            id=new,
            thread_id=message.thread_id,
            case_id=message.case_id,
            type=message.type,
            lane=onward.lane.lane,
            sender_id=message.sender_id,
            recipient_id=onward.recipient.id,
            operation_id=new,
            digest="",
            purpose=onward.lane.purpose,
            urgency=message.urgency,
            state=State.SUBMITTED,
            submitted_at=now,
            trigger=message.trigger,
            statute=message.statute,
            reg_number=message.reg_number,
            reg_on=message.reg_on,
            created_at=message.created_at,
            redirects_id=message.id,
            agenda_id=message.agenda_id,
            notes=message.notes,
            sealed_words=seal_words(house, new, open_words(house, message)),
            claims=message.claims,
            receipts=(ReceiptOnFile(State.SUBMITTED, now, None, GATEWAY),),
        )
        sections = _copies(unit, message, new, onward)
        known = {subject for section in sections for subject in section.subjects}
        unit.messages.add(forwarded, [s for s in unit.messages.subjects(message.id) if s in known], sections)
    if onward.ruled is not None:
        record(
            house,
            unit,
            Requester(message.sender_id, GATEWAY),
            onward.question,
            "sending",
            (onward.ruled,),
            now,
            kind=EventKind.MESSAGE_SUBMITTED if goes else EventKind.EXCHANGE_REFUSED,
            recipient_id=onward.recipient.id,
            reaches=goes,
        )
        if goes:
            rulings = onward.ruled.rulings.values()
            start_unaccepted(house, unit, forwarded)
            start_timers(house, unit, forwarded, onward.sender, onward.recipient, rulings, now)
    return goes


def _copies(unit: Unit, message: MessageOnFile, new: MessageId, onward: _Onward) -> list[SealedSection]:
    """The sections that the new ruling releases, sealed as they are: nothing is opened to be passed on (law 3)."""
    if onward.ruled is None:
        return []
    ruled = onward.ruled
    wanted = sorted({category for ruling in ruled.rulings.values() for category in ruling.released()})
    return [
        replace(
            section,
            id=SectionId(new_id()),
            owner_id=new,
            place=section.place or (section.case_id, section.id),
        )
        for section in unit.messages.sections(message.id, wanted)
        if all(
            ruled.ruling(subject, section.category).effect not in {Effect.DENY, Effect.HOLD}
            for subject in section.subjects
        )
    ]


def _tell_sender(unit: Unit, message: MessageOnFile, now: datetime) -> None:
    """Nothing went on: somebody of the sender must ask the family, or choose another way."""
    unit.notices.add([notice(message.sender_id, HEAD, "message.redirected", message.id, now)])
