"""Send a message: its lane is chosen, what the recipient will see is ruled first, and nothing else is stored or sent.

A category that the ruling denies is not kept at all; one that it masks is kept sealed whole, because the ruling is made
anew at each reading (an address opens once the recipient has accepted). A repeat with the same operation id and the
same content is answered with the first receipt (law 9). What cannot wait lies in its recipient's queue when its sender is
answered; the rest is taken there by the relay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import rfc8785

from gateway.evidence.events import EventKind
from gateway.use_cases.answer_message import end_waiting
from gateway.use_cases.append_entry import append_entry
from gateway.use_cases.attach_documents import attach_documents
from gateway.use_cases.declare_threat import declare_threat
from gateway.use_cases.disclose import MAX_ATTEMPTS, RuledCase, hold, record
from gateway.use_cases.facts import EMERGENCY
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import lane_refused
from gateway.use_cases.message_preview import Preview
from gateway.use_cases.message_words import seal_words
from gateway.use_cases.move_message import By, deliver, move
from gateway.use_cases.not_sent import Kept, NotSent, kept_documents, kept_sections, not_sent
from gateway.use_cases.order_fact import check_order, keep_order
from gateway.use_cases.ports import Unit
from gateway.use_cases.prepare_message import Prepared, named_of, prepare_message, rule_prepared
from gateway.use_cases.put_on_agenda import put_on_agenda
from gateway.use_cases.resolve_subjects import register_subjects, resolve_subjects
from gateway.use_cases.run_practice_timers import end_by_sending
from gateway.use_cases.run_timers import delivered, start_timers, start_unaccepted
from gateway.use_cases.seal_section import seal_sections
from gateway.use_cases.take_over_case import TRANSFER, check_transfer
from gateway.use_cases.values import (
    MessageOnFile,
    ReceiptOnFile,
    Requester,
)
from schemas.errors import BadInput, Conflict, Contended, Refused
from schemas.ids import MessageId, ThreadId, new_id
from schemas.lifecycle import Actor, Event, State
from schemas.messages import MessageDraft, message_types


@dataclass(frozen=True, slots=True)
class Submitted:
    """The gateway's word that the message is kept. `repeated` is true for a harmless repeat. `not_sent`: parts of the draft
    that are not in the message."""

    message: MessageOnFile
    preview: Preview | None
    repeated: bool = False
    not_sent: tuple[NotSent, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a sending would become, as `Submitted` says it."""

    repeated: bool = False
    not_sent: tuple[NotSent, ...] = ()


def preview_message(house: House, requester: Requester, draft: MessageDraft, now: datetime) -> Preview:
    """The same ruling as for sending, over the sender's own words; nothing is stored. Raises as `submit_message` does, except
    for what the rules of the pack refuse: that the preview tells."""
    with house.store.reading() as unit:
        prepared = prepare_message(house, unit, requester, draft, now)
    if prepared.lane is None:
        raise lane_refused(house, prepared.sending)
    return rule_prepared(house, draft, prepared, now)[1]


def rehearse_message(house: House, requester: Requester, draft: MessageDraft, now: datetime) -> Expected:
    """What `submit_message` would say at this moment; nothing is stored, and no entry is made. Raises as it does."""
    digest = digest_of(house, draft)
    with house.store.reading() as unit:
        before = unit.messages.by_operation(requester.organisation_id, draft.operation_id, now)
        if before is not None:
            return Expected(repeated=True, not_sent=_repeat(house, unit, requester, draft, before, digest).not_sent)
        prepared = prepare_message(house, unit, requester, draft, now)
        if prepared.lane is None:
            raise lane_refused(house, prepared.sending)
        ruled, preview = rule_prepared(house, draft, prepared, now)
        if preview.blocked_by is not None:
            raise refusal_of(preview)
        subjects = tuple(r.subject_id for r in prepared.resolved)
        if draft.type == TRANSFER and ruled is not None:
            check_transfer(unit, prepared.sender.id, list(subjects))
        if prepared.order is not None:
            check_order(unit, prepared.order, draft, prepared.sender, subjects, now)
    return Expected(not_sent=_left_out(requester, draft, prepared, ruled))


def submit_message(
    house: House, requester: Requester, draft: MessageDraft, now: datetime, *, synthetic: bool = False
) -> Submitted:
    """Keep a message for delivery.

    Raises BadInput (sender_is_not_you, recipient_unknown, recipient_is_you, lane_refused, trigger_unknown, and what
    `footing_of` does), Conflict (operation_id_reused), NotPermitted (no_agreement, not_assigned, not_for_overseers), Refused
    (message_refused, with the rule; its entry is committed), Contended.
    """
    digest = digest_of(house, draft)
    for _ in range(MAX_ATTEMPTS):
        try:
            submitted = _attempt(house, requester, draft, digest, now, synthetic=synthetic)
        except Contended:  # somebody else sent the same operation, or registered the same child, at this very moment
            continue
        if submitted is not None:
            return submitted
    raise Contended("facts_keep_moving")


def _attempt(
    house: House, requester: Requester, draft: MessageDraft, digest: str, now: datetime, *, synthetic: bool
) -> Submitted | None:
    """One attempt; None when the facts moved between the ruling and its entry."""
    with house.store.reading() as unit:
        before = unit.messages.by_operation(requester.organisation_id, draft.operation_id, now)
        if before is not None:
            return _repeat(house, unit, requester, draft, before, digest)
        prepared = prepare_message(house, unit, requester, draft, now)
    if prepared.lane is None:
        with house.store.writing() as unit:
            record_outside(unit, requester, draft, now)
        raise lane_refused(house, prepared.sending)
    ruled, preview = rule_prepared(house, draft, prepared, now)
    with house.store.writing() as unit:
        if prepared.gathered is not None and not unit.facts.unchanged(prepared.gathered.versions):
            return None
        before = unit.messages.by_operation(requester.organisation_id, draft.operation_id, now)
        if before is not None:
            return _repeat(house, unit, requester, draft, before, digest)
        message = keep_message(
            house, unit, requester, draft, prepared, ruled, preview, now, digest=digest, synthetic=synthetic
        )
    if message is None:
        raise refusal_of(preview)
    return Submitted(message, preview, not_sent=_left_out(requester, draft, prepared, ruled))


def keep_message(
    house: House,
    unit: Unit,
    requester: Requester,
    draft: MessageDraft,
    prepared: Prepared,
    ruled: RuledCase | None,
    preview: Preview,
    now: datetime,
    *,
    digest: str,
    synthetic: bool = False,
) -> MessageOnFile | None:
    """What was ruled is kept in a unit whose versions were compared, with its entry and all that belongs to it; None where
    a rule stops it, of which the entry is kept all the same."""
    message: MessageOnFile | None = None
    if preview.blocked_by is None:
        message = _message(house, requester, draft, prepared, digest, now, held=preview.is_held)
        _store(house, unit, draft, message, prepared, ruled, now, synthetic=synthetic)
    _record(house, unit, requester, prepared, ruled, preview, message, now)
    if message is not None:
        message = _alongside(house, unit, requester, draft, prepared, message, now)
    return message


def refusal_of(preview: Preview) -> Refused:
    """The rule that stops a message, as it is shown."""
    assert preview.blocked_by is not None
    shown = preview.blocked_by.shown
    return Refused("message_refused", rule=shown.id, citation=shown.citation, rule_remedy=shown.remedy_ru)


def digest_of(house: House, draft: MessageDraft) -> str:
    """What makes a repeat the same: the content, under a key, without what differs from one sending to the next."""
    content = draft.model_dump(
        mode="json", exclude={"operation_id", "created_at"}, exclude_none=True, exclude_defaults=True
    )
    return house.vault.keyed_digest(rfc8785.dumps(content))


def _repeat(
    house: House, unit: Unit, requester: Requester, draft: MessageDraft, before: MessageOnFile, digest: str
) -> Submitted:
    """A repeat lost what the first sending lost: who was cut off may learn of it by the second alone."""
    if before.digest != digest:
        raise Conflict("operation_id_reused", operation_id=before.operation_id)
    contents = unit.messages.contents(before.id)
    if before.purpose and not contents:  # removed since, or destroyed with the keys of its people
        return Submitted(before, None, repeated=True)
    try:
        named = resolve_subjects(house, unit, before.sender_id, [named_of(person) for person in draft.persons])
    except BadInput:  # identifiers that lead to two people by now
        return Submitted(before, None, repeated=True)
    places = frozenset(one.ordinal for one in unit.attachments.sent(before.id, before.sender_id))
    kept = Kept(contents, places, EMERGENCY in before.claims, before.purpose)
    subjects = [r.subject_id for r in named]
    lost = not_sent(draft, subjects, kept, by_person=requester.person_id is not None)
    return Submitted(before, None, repeated=True, not_sent=lost)


def _left_out(
    requester: Requester, draft: MessageDraft, prepared: Prepared, ruled: RuledCase | None
) -> tuple[NotSent, ...]:
    subjects = [r.subject_id for r in prepared.resolved]
    parts = frozenset((s, category) for s, category, _ in kept_sections(draft, subjects, ruled)) if ruled else ()
    documents = kept_documents(draft, subjects, ruled) if ruled else ()
    assert prepared.lane is not None
    kept = Kept(parts, documents, prepared.threat is not None, prepared.lane.purpose)
    return not_sent(draft, subjects, kept, by_person=requester.person_id is not None)


# --- what is kept ----------------------------------------------------------------------------------------------------


def _message(
    house: House,
    requester: Requester,
    draft: MessageDraft,
    prepared: Prepared,
    digest: str,
    now: datetime,
    *,
    held: bool,
) -> MessageOnFile:
    footing, message_id = prepared.footing, MessageId(new_id())
    assert prepared.lane is not None
    before = footing.before
    claims = {"consent": draft.consent_id} if draft.consent_id else {}
    if prepared.threat is not None:
        claims[EMERGENCY] = prepared.threat.id
    return MessageOnFile(
        id=message_id,
        thread_id=before.thread_id if before else ThreadId(new_id()),
        case_id=prepared.case_id,
        type=draft.type,
        lane=prepared.lane.lane,
        sender_id=prepared.sender.id,
        recipient_id=prepared.recipient.id,
        operation_id=draft.operation_id,
        digest=digest,
        purpose=prepared.lane.purpose,
        urgency=draft.urgency,
        state=State.SUBMITTED,
        submitted_at=now,
        trigger=draft.trigger,
        statute=draft.statute,
        reg_number=draft.reg_number,
        reg_on=draft.reg_on,
        created_at=draft.created_at,
        answers_id=footing.answered.id if footing.answered else None,
        corrects_id=footing.corrected.id if footing.corrected else None,
        agenda_id=draft.agenda,
        notes=footing.notes.plain,
        sealed_words=seal_words(house, message_id, footing.notes.words),
        claims=claims,
        receipts=(ReceiptOnFile(State.SUBMITTED, now, prepared.sender.id, requester.actor),),
        held=held,
    )


def _store(
    house: House,
    unit: Unit,
    draft: MessageDraft,
    message: MessageOnFile,
    prepared: Prepared,
    ruled: RuledCase | None,
    now: datetime,
    *,
    synthetic: bool,
) -> None:
    sender, resolved = prepared.sender, prepared.resolved
    register_subjects(house, unit, sender.id, resolved, now, synthetic=synthetic)
    if prepared.case_is_new:
        unit.families.add_case(prepared.case_id, sender.id, sender.practice, now)
    queued = not _at_once(message)
    if ruled is None:
        unit.messages.add(message, [], [], queued=queued)
        return
    if message.type == TRANSFER:
        check_transfer(unit, sender.id, [r.subject_id for r in resolved])
    unit.families.attach(prepared.case_id, [r.subject_id for r in resolved])
    named = [r.subject_id for r in resolved]
    kept = kept_sections(draft, named, ruled)
    sealed = [
        ((subject,), category, json.dumps(value, ensure_ascii=False).encode()) for subject, category, value in kept
    ]
    sections = seal_sections(house.vault, prepared.case_id, message.id, sealed)
    people = {subject for subject, _, _ in kept}
    sent = {subject for subject, category, _ in kept if ruled.ruling(subject, category).effect.releases}
    unit.messages.add(message, [s for s in named if s in people], sections, people - sent, queued=queued)
    in_message = kept_documents(draft, named, ruled)
    attach_documents(house, unit, message, draft.attachments, named, in_message, now)


def _at_once(message: MessageOnFile) -> bool:
    """What is about life or health does not wait for a relay."""
    return (message.urgency == "emergency" or EMERGENCY in message.claims) and not message.held


def _alongside(
    house: House,
    unit: Unit,
    requester: Requester,
    draft: MessageDraft,
    prepared: Prepared,
    message: MessageOnFile,
    now: datetime,
) -> MessageOnFile:
    """What belongs to the same unit of work: a declared threat, the end of what is answered, delivery at once."""
    if prepared.threat is not None:
        declare_threat(house, unit, requester, prepared.threat, message, draft, now)
    if prepared.order is not None:
        subjects = tuple(r.subject_id for r in prepared.resolved)
        keep_order(house, unit, requester, prepared.order, draft, prepared.sender, subjects, now)
    answered = _as_it_stands(unit, prepared, now)
    if answered is not None and _answers(answered, prepared):
        by = By(Actor.RECIPIENT, prepared.sender.id, requester.actor)
        move(unit, answered, Event.ANSWER, by, now, details={"answer": message.id})
        end_waiting(house, unit, answered, by, now)
    end_by_sending(house, unit, prepared.sender, message, requester.actor, now)
    put_on_agenda(unit, message)
    if not _at_once(message):
        return message
    deliver(unit, message, now)
    delivered(house, unit, [message.id], now)
    found = unit.messages.by_id(message.id, now)
    assert found is not None
    return found


def _as_it_stands(unit: Unit, prepared: Prepared, now: datetime) -> MessageOnFile | None:
    """The answered message, read anew and locked: it may have been taken back, or answered, since the draft was ruled."""
    answered = prepared.footing.answered
    return unit.messages.get(answered.id, prepared.sender.id, now, lock=True) if answered else None


def _answers(answered: MessageOnFile, prepared: Prepared) -> bool:
    """Whether this message is what the answered one waits for: its recipient's word, while it is open."""
    kind = message_types().get(answered.type)
    waits = answered.state in {State.OPENED, State.ACCEPTED, State.IN_WORK}
    if kind is None or not waits or answered.recipient_id != prepared.sender.id:
        return False
    return Event.ANSWER in kind.events and kind.answered_by == prepared.footing.kind.code


def _record(
    house: House,
    unit: Unit,
    requester: Requester,
    prepared: Prepared,
    ruled: RuledCase | None,
    preview: Preview,
    message: MessageOnFile | None,
    now: datetime,
) -> None:
    """The entry of what was decided, the holds and the terms that it starts."""
    if ruled is None:
        assert message is not None
        _record_nameless(unit, requester, message, now)
        return
    recipient = prepared.recipient
    entry_id = record(
        house,
        unit,
        requester,
        prepared.question,
        "sending",
        (ruled,),
        now,
        kind=EventKind.MESSAGE_SUBMITTED if message else EventKind.EXCHANGE_REFUSED,
        recipient_id=recipient.id,
        reaches=not preview.is_held,
    )
    if message is not None:
        hold(house, unit, requester, (ruled,), recipient.id, entry_id, now, message_id=message.id)
        start_unaccepted(house, unit, message)
        start_timers(house, unit, message, prepared.sender, recipient, ruled.rulings.values(), now)


def _record_nameless(unit: Unit, requester: Requester, message: MessageOnFile, now: datetime) -> None:
    append_entry(
        unit,
        EventKind.MESSAGE_SUBMITTED,
        {
            "message": message.id,
            "organisation": message.sender_id,
            "actor": requester.actor,
            "recipient": message.recipient_id,
            "type": message.type,
            "lane": message.lane,
            "subjects": 0,
        },
        now,
    )


def record_outside(unit: Unit, requester: Requester, draft: MessageDraft, now: datetime) -> None:
    """An attempt to send outside the lanes: it says who, what type and to whom, and nothing of a family."""
    recipient = unit.participants.organisation_by_ogrn(draft.recipient_ogrn)
    append_entry(
        unit,
        EventKind.EXCHANGE_REFUSED,
        {
            "requester": {"organisation": requester.organisation_id, "actor": requester.actor},
            "recipient": recipient.id if recipient else "none",
            "scope": "sending",
            "type": draft.type,
            "lane": "none",
            "items": [],
        },
        now,
    )
