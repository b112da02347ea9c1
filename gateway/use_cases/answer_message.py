"""What the two sides do with a message after it came: accept, refuse, ask, work, complete; cancel, take back.

Each is a row of the table (`schemas.lifecycle`) and one of the events that the type of the message allows. A refusal is an
informed one: a coded reason, words if one likes, and other organisations where help can be sought, or why there are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.evidence.entry import JsonValue, commitment, new_salt
from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.begin_anew import begin_anew
from gateway.use_cases.enter_queue import queue_replied
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import GATEWAY
from gateway.use_cases.message_words import seal_answer
from gateway.use_cases.move_message import BY_CODE, By, move
from gateway.use_cases.ports import Unit
from gateway.use_cases.recall import send_recall
from gateway.use_cases.run_practice_timers import end_about, end_by_answer
from gateway.use_cases.run_timers import MESSAGE
from gateway.use_cases.stop_for_question import go_on_after_reply, stop_for_question
from gateway.use_cases.take_over_case import TRANSFER, take_over_case
from gateway.use_cases.values import MessageOnFile, Requester
from schemas import codes
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import MessageId, OrganisationId, is_id
from schemas.lifecycle import TAKEN_ON, WITHDRAWN, Actor, Event, Need, State, Transition, possible, transition
from schemas.messages import message_types
from schemas.nameless import require_nameless

REASONS: Final[Mapping[Event, str]] = {
    Event.REJECT: codes.REJECT_REASONS,
    Event.REDIRECT: codes.REJECT_REASONS,
    Event.DISAGREE: codes.DISAGREE_REASONS,
    Event.SUSPEND: codes.HOLD_REASONS,
    Event.FAIL: codes.FAIL_REASONS,
    Event.CANCEL: codes.CANCEL_REASONS,
    Event.ENTER_IN_ERROR: codes.CANCEL_REASONS,
}
"""Which code list the reason of an event is of."""

MOST_ALTERNATIVES: Final = 10
RECALL: Final = "recall"
JOINT: Final = "joint_decision"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says with an event. `alternatives`: where else help can be sought; `none_because` why nowhere.
    `signature` is the partner's own receipt and its digest, already verified. `operation`: the number that who answers gave
    to this answer, and a digest of all of it; a repeat changes nothing. `seen`: how many receipts the message had where it was
    looked at; what has happened since is not answered unseen."""

    reason: str | None = None
    words: str | None = None
    alternatives: Sequence[OrganisationId] = ()
    none_because: str | None = None
    statute: str | None = None
    signature: tuple[str, str] | None = None
    operation: tuple[str, str] | None = None
    seen: int | None = None


@begin_anew
def answer_message(
    house: House,
    requester: Requester,
    message_id: MessageId,
    event: Event,
    now: datetime,
    answer: Answer | None = None,
) -> MessageOnFile:
    """The message in its new state.

    Raises Unavailable (message_unavailable), NotPermitted (not_for_overseers, not_assigned, message_not_yours,
    message_of_gateway), Conflict (message_state_conflict, message_moved_on, answer_not_expected, joint_concluded,
    operation_id_reused), BadInput (reason_required, reason_unknown, elsewhere_required, words_required, statute_required,
    name_in_words, event_not_here).
    """
    said = answer or Answer()
    if event in {Event.SUBMIT, Event.DISCARD, Event.OPEN, Event.ANSWER, Event.REDIRECT}:
        raise BadInput("event_not_here", event=event.value)
    with house.store.writing() as unit:
        message = find_message(unit, requester, message_id, now)
        if _is_repeat(unit, requester, message, said, now):
            return message
        by = side_of(requester, message, event)
        row = check_answer(message, event, by, said)
        awaited = require_open(unit, message, row)
        take_step(house, unit, message, row, by, said, now, awaited=awaited)
        answered = unit.messages.get(message_id, requester.organisation_id, now)
    assert answered is not None
    return answered


def require_open(unit: Unit, message: MessageOnFile, row: Transition) -> bool:
    """Whether anybody still waits for the answer: not after a joint decision was concluded. Raises Conflict (joint_concluded):
    whoever has answered it changes nothing then, whichever way the answer comes.

    Asked for every step: an answer and a conclusion at once come one after the other, and either sees the first.
    """
    concluded = message.type == JOINT and unit.joint.is_concluded(message.id)
    if concluded and message.state is State.COMPLETED and row.actor is Actor.RECIPIENT:
        raise Conflict("joint_concluded")
    return not concluded


def _is_repeat(unit: Unit, requester: Requester, message: MessageOnFile, said: Answer, now: datetime) -> bool:
    """Whether this very answer was applied before; otherwise it is remembered, in the unit of work that applies it."""
    if said.operation is None:
        return False
    number, digest = said.operation
    before = unit.delivery_events.applied(requester.organisation_id, number)
    if before is None:
        unit.delivery_events.remember_applied(requester.organisation_id, number, digest, message.id, now)
        return False
    if before != digest:
        raise Conflict("operation_id_reused", operation_id=number)
    return True


OF_SENDER: Final = frozenset({Event.CANCEL, Event.RECALL, Event.ENTER_IN_ERROR, Event.REPLY})


def side_of(requester: Requester, message: MessageOnFile, event: Event) -> By:
    """As which side of the message somebody does this: an organisation may be both."""
    if event in OF_SENDER and message.sender_id == requester.organisation_id:
        return By(Actor.SENDER, requester.organisation_id, requester.actor)
    return By.side(requester, message)


def find_message(unit: Unit, requester: Requester, message_id: MessageId, now: datetime) -> MessageOnFile:
    """The message, locked, of which the requester's organisation is a side, and on whose case this person works."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    wanted = message_id if is_id(message_id) else MessageId("")
    message = unit.messages.get(wanted, requester.organisation_id, now, lock=True)
    if message is None:
        raise Unavailable("message_unavailable")
    require_assigned(unit, requester, message.case_id)
    return message


def check_answer(message: MessageOnFile, event: Event, by: By, said: Answer) -> Transition:
    """The row that is to be taken, when all that it needs was said. Nothing is changed yet."""
    kind = message_types().get(message.type)
    if event in OF_SENDER:
        _check_still_the_senders(message, event)
    row = transition(message.state, event, by.actor, kind.events if kind else frozenset())
    if said.seen not in {None, len(message.receipts)}:
        raise Conflict("message_moved_on")
    _check_reasons(row, event, said, by)
    if Need.WORDS in row.needs and not (said.words or "").strip():
        raise BadInput("words_required")
    if Need.STATUTE in row.needs and not (said.statute or "").strip():
        raise BadInput("statute_required")
    require_nameless({"words": said.words, "statute": said.statute})
    return row


def _check_reasons(row: Transition, event: Event, said: Answer, by: By) -> None:
    """Why, and where else help can be sought, in codes."""
    if Need.REASON in row.needs and said.reason is None:
        raise BadInput("reason_required")
    if said.reason is not None and (event not in REASONS or codes.find_code(REASONS[event], said.reason) is None):
        raise BadInput("reason_unknown", reason=said.reason)
    if Need.ELSEWHERE in row.needs and not said.alternatives:
        if said.none_because is None:
            raise BadInput("elsewhere_required")
        told_elsewhere = said.none_because == codes.NAMED_BY_LETTER and by.attested != BY_CODE
        if told_elsewhere or codes.find_code(codes.NO_ALTERNATIVE, said.none_because) is None:
            raise BadInput("reason_unknown", reason=said.none_because)
    if len(said.alternatives) > MOST_ALTERNATIVES:
        raise BadInput("elsewhere_many", most=MOST_ALTERNATIVES)


def _check_still_the_senders(message: MessageOnFile, event: Event) -> None:
    """What the gateway sends for an organisation is taken back by nobody, what was taken over neither."""
    if message.lane == GATEWAY:
        raise NotPermitted("message_of_gateway", event=event.value)
    if message.type == TRANSFER and message.state in TAKEN_ON:  # it is the new holder's
        raise Conflict("message_state_conflict", state=message.state.value, event=event.value)


def take_step(
    house: House,
    unit: Unit,
    message: MessageOnFile,
    row: Transition,
    by: By,
    said: Answer,
    now: datetime,
    details: Mapping[str, JsonValue] | None = None,
    *,
    awaited: bool = True,
) -> None:
    """Move the message and do what follows from it, in one unit of work. `awaited`: somebody still waits for an answer."""
    words = {key: text for key, text in (("words", said.words), ("statute", said.statute)) if text}
    sealed = seal_answer(house, message.id, len(message.receipts), words) if words else None
    more: dict[str, JsonValue] = dict(details or {})
    if words:
        salt = new_salt()
        more["words"] = commitment(salt, "\n".join(words.values()))
    if said.none_because:
        more["none_because"] = said.none_because
    signature, digest = said.signature or (None, None)
    signed = By(by.actor, by.organisation_id, by.name, signature, digest, by.attested)
    move(
        unit,
        message,
        row.event,
        signed,
        now,
        allowed=message_types()[message.type].events,
        reason=said.reason or said.none_because,
        sealed_words=sealed,
        alternatives=said.alternatives,
        details=more,
    )
    _end_timers(house, unit, message, row, by, now, awaited=awaited)
    if message.type == TRANSFER and row.event is Event.ACCEPT:
        take_over_case(house, unit, Requester(message.recipient_id, by.name), message, now)
    if row.next in WITHDRAWN and message.state is not State.SUBMITTED and message.type != RECALL:
        send_recall(house, unit, message, now)


def end_waiting(house: House, unit: Unit, message: MessageOnFile, by: By, now: datetime) -> None:
    """Its recipient has said what becomes of it, by an event or by a message, or its sender wants it no longer: whatever
    waited for that is done."""
    term = house.pack.responsible.unaccepted
    if term is not None:
        unit.timers.done(MESSAGE, [message.id], [term], by.name, now)
    end_by_answer(house, unit, message, by.name, now)


def _end_timers(
    house: House, unit: Unit, message: MessageOnFile, row: Transition, by: By, now: datetime, *, awaited: bool
) -> None:
    if row.next in WITHDRAWN | {State.CANCELLED}:
        end_waiting(house, unit, message, by, now)
        end_about(
            unit, message, by.name, now
        )  # also what no answer ends: nobody is called out to what is meant no longer
    elif row.next not in {State.OPENED, State.ON_HOLD}:
        end_waiting(house, unit, message, by, now)
    elif row.event is Event.ASK:
        stop_for_question(house, unit, message, by.name, now)
    elif row.event is Event.REPLY:
        if awaited:
            go_on_after_reply(house, unit, message, by.name, now)
        queue_replied(house, unit, message, now)


def possible_events(message: MessageOnFile, organisation_id: OrganisationId) -> tuple[Event, ...]:
    """What somebody of this side may do with the message now, in the order of the table."""
    kind = message_types().get(message.type)
    if kind is None:
        return ()
    is_sender = organisation_id == message.sender_id and message.lane != GATEWAY
    actors = [Actor.SENDER] if is_sender else []
    actors += [Actor.RECIPIENT] if organisation_id == message.recipient_id else []
    found = [(actor, event) for actor in actors for event in possible(message.state, actor, kind.events)]
    said = message.concluded and message.state is State.COMPLETED  # what was said on it changes no more
    return tuple(event for actor, event in found if not (said and actor is Actor.RECIPIENT))
