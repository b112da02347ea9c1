"""Send a message: what the recipient will see is ruled first, and nothing else is stored or sent.

A category that the ruling denies is not kept at all; one that it masks is kept sealed whole, because the ruling is made
anew at each reading (an address opens once the recipient has accepted). A repeat with the same operation id and the
same content is answered with the first receipt (law 9).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import rfc8785

from gateway.evidence.events import EventKind
from gateway.use_cases.disclose import MAX_ATTEMPTS, RuledCase, hold, record, rule
from gateway.use_cases.facts import Question
from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.resolve_subjects import Named, Resolved, register_subjects, resolve_subjects
from gateway.use_cases.run_timers import start_timers
from gateway.use_cases.seal_section import seal_sections
from gateway.use_cases.values import (
    Gathered,
    MessageOnFile,
    Organisation,
    ReceiptOnFile,
    Requester,
)
from policies.ruling import CategoryRuling, Effect
from schemas import categories as c
from schemas.errors import BadInput, Conflict, Contended, NotPermitted, Refused
from schemas.ids import CaseId, Category, MessageId, ThreadId, new_id
from schemas.lifecycle import State
from schemas.messages import MessageDraft, PersonDraft

SENDABLE = frozenset({"referral", "signal"})
"""Types that may be sent today; the other types of `message_types.csv` follow with the exchange."""


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """What the recipient will see of one person: the ruling per category and the content after the door."""

    kind: str
    role: str | None
    rulings: Mapping[Category, CategoryRuling]
    contents: Mapping[Category, Mapping[str, object]]
    told: Mapping[Category, tuple[str, ...]]

    @property
    def obligations(self) -> tuple[str, ...]:
        """What the recipient must observe for any of the sections."""
        return tuple(dict.fromkeys(code for codes in self.told.values() for code in codes))


@dataclass(frozen=True, slots=True)
class Preview:
    """«Получатель увидит»: exactly what would be sent, and the rule that stops it, if one does."""

    recipient: Organisation
    purpose: str
    people: tuple[PersonPreview, ...]
    blocked_by: CategoryRuling | None
    is_held: bool = False
    """Whether all of it waits for a person of the sender: no child may be named before somebody has said yes."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The gateway's word that the message is kept. `repeated` is true for a harmless repeat."""

    message: MessageOnFile
    preview: Preview | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    sender: Organisation
    recipient: Organisation
    question: Question
    resolved: tuple[Resolved, ...]
    case_id: CaseId
    case_is_new: bool
    gathered: Gathered


def preview_message(house: House, requester: Requester, draft: MessageDraft, now: datetime) -> Preview:
    """The same ruling as for sending, over the sender's own words; nothing is stored."""
    with house.store.reading() as unit:
        prepared = _prepare(house, unit, requester, draft, now)
    (ruled,) = rule(house, prepared.gathered, prepared.question, now, sending=True)
    return _preview(house, draft, prepared, ruled)


def submit_message(
    house: House, requester: Requester, draft: MessageDraft, now: datetime, *, synthetic: bool = False
) -> Submitted:
    """Keep a message for delivery.

    Raises BadInput (sender_is_not_you, recipient_unknown, type_not_sendable, trigger_unknown, no_child), Conflict
    (operation_id_reused), Refused (message_refused, with the rule; its entry is committed), Contended.
    """
    digest = _digest(house, draft)
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
            return _repeat(before, digest)
        prepared = _prepare(house, unit, requester, draft, now)
    (ruled,) = rule(house, prepared.gathered, prepared.question, now, sending=True)
    preview = _preview(house, draft, prepared, ruled)
    message_id = MessageId(new_id())
    message: MessageOnFile | None = None
    with house.store.writing() as unit:
        if not unit.facts.unchanged(prepared.gathered.versions):
            return None
        before = unit.messages.by_operation(requester.organisation_id, draft.operation_id, now)
        if before is not None:
            return _repeat(before, digest)
        if preview.blocked_by is None:
            message = _message(requester, draft, prepared, message_id, digest, now, held=preview.is_held)
            _store(house, unit, draft, message, prepared, ruled, now, synthetic=synthetic)
        entry_id = record(
            house,
            unit,
            requester,
            prepared.question,
            "sending",
            (ruled,),
            now,
            kind=EventKind.MESSAGE_SUBMITTED if message else EventKind.EXCHANGE_REFUSED,
            recipient_id=prepared.recipient.id,
            reaches=not preview.is_held,
        )
        if message is not None:
            recipient_id = prepared.recipient.id
            hold(house, unit, requester, (ruled,), recipient_id, entry_id, now, message_id=message_id)
            start_timers(house, unit, message, prepared.sender, prepared.recipient, ruled.rulings.values(), now)
    if message is None:
        assert preview.blocked_by is not None
        shown = preview.blocked_by.shown
        raise Refused("message_refused", rule=shown.id, citation=shown.citation, rule_remedy=shown.remedy_ru)
    return Submitted(message, preview)


def _digest(house: House, draft: MessageDraft) -> str:
    content = draft.model_dump(mode="json", exclude={"operation_id", "created_at"}, exclude_none=True)
    return house.vault.keyed_digest(rfc8785.dumps(content))


def _repeat(before: MessageOnFile, digest: str) -> Submitted:
    if before.digest != digest:
        raise Conflict("operation_id_reused", operation_id=before.operation_id)
    return Submitted(before, None, repeated=True)


def _prepare(house: House, unit: Unit, requester: Requester, draft: MessageDraft, now: datetime) -> _Prepared:
    sender = unit.participants.organisation(requester.organisation_id)
    if sender is None:
        raise NotPermitted("no_agreement")
    recipient, purpose = _check_draft(house, unit, requester, draft, sender)
    resolved = resolve_subjects(house, unit, sender.id, [_named(person) for person in draft.persons])
    if len({r.subject_id for r in resolved}) != len(resolved):
        raise BadInput("person_twice")
    known = [r.subject_id for r in resolved if not r.is_new]
    case_id = unit.families.case_of(sender.id, known) if known else None
    gathered = unit.facts.of_sending(
        sender.id,
        recipient.id,
        case_id or CaseId(new_id()),
        [r.subject_id for r in resolved],
        now,
        requester.person_id,
    )
    case = gathered.cases[0]
    on_file = {subject.id: subject for subject in case.subjects}
    subjects = tuple(on_file.get(r.subject_id) or r.on_file() for r in resolved)
    return _Prepared(
        sender,
        recipient,
        Question(
            purpose,
            tuple(sorted({category for person in draft.persons for category in draft.sections_of(person)})),
            trigger=draft.trigger or "",
            statute=draft.statute or "",
        ),
        resolved,
        case.case_id,
        case_id is None,
        replace(gathered, cases=(replace(case, subjects=subjects),)),
    )


def _check_draft(
    house: House, unit: Unit, requester: Requester, draft: MessageDraft, sender: Organisation
) -> tuple[Organisation, str]:
    """The recipient and the purpose, when the draft may be sent at all."""
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if draft.sender_ogrn != sender.ogrn:
        raise BadInput("sender_is_not_you")
    purpose = house.pack.purpose_of(draft.type) if draft.type in SENDABLE else None
    if purpose is None:
        raise BadInput("type_not_sendable", type=draft.type, known=", ".join(sorted(SENDABLE)))
    if draft.type == "signal" and not (draft.trigger and house.pack.is_trigger(draft.trigger)):
        raise BadInput("trigger_unknown", trigger=draft.trigger or "")
    recipient = unit.participants.organisation_by_ogrn(draft.recipient_ogrn)
    if recipient is None:
        raise BadInput("recipient_unknown", ogrn=draft.recipient_ogrn)
    if recipient.id == sender.id:
        raise BadInput("recipient_is_you")
    if not any(person.kind == "child" for person in draft.persons):
        raise BadInput("no_child")
    return recipient, purpose


def _named(person: PersonDraft) -> Named:
    return Named(person.kind, person.ref, person.identifiers, person.identity.birth_date if person.identity else None)


def _preview(house: House, draft: MessageDraft, prepared: _Prepared, ruled: RuledCase) -> Preview:
    words = house.pack.words_travel(prepared.question.purpose)
    people = []
    for person, resolved in zip(draft.persons, prepared.resolved, strict=True):
        ruling = ruled.rulings[resolved.subject_id]
        rulings, contents, told = {}, {}, {}
        for category, value in draft.sections_of(person).items():
            decided = ruling.by_category[category]
            rulings[category] = decided
            told[category] = house.pack.told(decided.obligations) if decided.effect.releases else ()
            if decided.effect is Effect.PERMIT:
                contents[category] = value
            elif decided.effect is Effect.MASK:
                contents[category] = house.pack.mask("message", category, value, words_travel=words)
        people.append(PersonPreview(person.kind, person.role, rulings, contents, told))
    effects = {
        person.rulings[c.IDENTITY].effect
        for person in people
        if person.kind == "child" and c.IDENTITY in person.rulings
    }
    names = any(effect.releases for effect in effects)
    waits = not names and Effect.HOLD in effects
    blocked = None if names or waits else _blocked_by(people)
    return Preview(prepared.recipient, prepared.question.purpose, tuple(people), blocked, waits)


def _blocked_by(people: Sequence[PersonPreview]) -> CategoryRuling | None:
    """A message that identifies no child would be a message about nobody: the rule that withholds ID stops it."""
    children = [person for person in people if person.kind == "child"]
    stopped = [ruling for child in children for ruling in child.rulings.values() if not ruling.effect.releases]
    by_identity = [ruling for ruling in stopped if ruling.category == c.IDENTITY]
    return next(iter(by_identity or stopped), None)


def _message(
    requester: Requester,
    draft: MessageDraft,
    prepared: _Prepared,
    message_id: MessageId,
    digest: str,
    now: datetime,
    *,
    held: bool,
) -> MessageOnFile:
    return MessageOnFile(
        id=message_id,
        thread_id=ThreadId(new_id()),
        case_id=prepared.case_id,
        type=draft.type,
        sender_id=prepared.sender.id,
        recipient_id=prepared.recipient.id,
        operation_id=draft.operation_id,
        digest=digest,
        purpose=prepared.question.purpose,
        urgency=draft.urgency,
        state=State.SUBMITTED,
        submitted_at=now,
        trigger=draft.trigger,
        statute=draft.statute,
        reg_number=draft.reg_number,
        reg_on=draft.reg_on,
        claims={"consent": draft.consent_id} if draft.consent_id else {},
        receipts=(ReceiptOnFile(State.SUBMITTED, now, prepared.sender.id, requester.actor),),
        held=held,
    )


def _store(
    house: House,
    unit: Unit,
    draft: MessageDraft,
    message: MessageOnFile,
    prepared: _Prepared,
    ruled: RuledCase,
    now: datetime,
    *,
    synthetic: bool,
) -> None:
    sender, resolved = prepared.sender, prepared.resolved
    register_subjects(house, unit, sender.id, resolved, now, synthetic=synthetic)
    if prepared.case_is_new:
        unit.families.add_case(prepared.case_id, sender.id, sender.practice, now)
    unit.families.attach(prepared.case_id, [r.subject_id for r in resolved])
    kept = [
        ((known.subject_id,), category, json.dumps(value, ensure_ascii=False).encode())
        for person, known in zip(draft.persons, resolved, strict=True)
        for category, value in draft.sections_of(person).items()
        # What is held is kept with the rest, sealed: a yes opens it, a no leaves it closed.
        if ruled.ruling(known.subject_id, category).effect is not Effect.DENY
    ]
    sections = seal_sections(house.vault, prepared.case_id, message.id, kept)
    # A person of whom nothing may be sent is not part of the message: not even that there is such a person.
    people = {subject for section in sections for subject in section.subjects}
    sent = {subject for (subject,), category, _ in kept if ruled.ruling(subject, category).effect.releases}
    unit.messages.add(message, [r.subject_id for r in resolved if r.subject_id in people], sections, people - sent)
