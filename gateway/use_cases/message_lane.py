"""Which lane a draft travels in: what it answers or corrects, what its type may carry, and on which footing (law 11).

Everything is checked against the tables: the type of message (`schemas`), the lanes of the pack. What is outside them is
refused with what would be lawful, and the attempt is an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.use_cases.house import House
from gateway.use_cases.ports import Unit
from gateway.use_cases.values import CaseOnFile, MessageOnFile, Organisation
from policies.lanes import Party, Sending
from schemas import categories as c
from schemas.errors import BadInput, Conflict, NotPermitted, Unavailable
from schemas.ids import MessageId, is_id
from schemas.lifecycle import State
from schemas.messages import MessageDraft, MessageType, message_types
from schemas.nameless import require_nameless, require_no_person
from schemas.notes import Notes, check_notes

CORRECTION = "correction"
GATEWAY = "gateway"
"""The lane of what the gateway itself sends for an organisation: a recall, a correction, a notice that somebody looked."""
IPR_OPEN = "ipr_open"
OF_A_CHILD = (
    "trigger",
    "direct",
    "concerns",
    "statement",
    "observed_on",
    "services",
    "requested_action",
    "family_aware",
    "reporter",
)
"""Parts of a message that belong to the children it names. To whom nobody may be named, only dates and codes are said."""
SPOKEN = "received_by"
"""The note by which a body says how a signal came to it: who told of it is kept only then."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What a draft is, before anything is gathered about the family."""

    kind: MessageType
    notes: Notes
    answered: MessageOnFile | None
    corrected: MessageOnFile | None
    sending: Sending

    @property
    def before(self) -> MessageOnFile | None:
        """The message whose thread this one joins."""
        return self.answered or self.corrected


def footing_of(unit: Unit, draft: MessageDraft, sender: Organisation, recipient: Organisation) -> Footing:
    """Raises BadInput (type_unknown, no_child, person_empty, part_without_child, persons_not_in_type,
    section_not_in_type, note_…, answers_another,
    corrects_required, reporter_not_here, threat_needs), NotPermitted (type_of_gateway), Unavailable (message_unavailable),
    Conflict (answered_not_opened)."""
    kind = message_types().get(draft.type)
    if kind is None:
        raise BadInput("type_unknown", type=draft.type, known=", ".join(sorted(message_types())))
    if kind.lane_of == GATEWAY:
        raise NotPermitted("type_of_gateway", type=draft.type)
    answered = _earlier(unit, draft.answers, sender) if draft.answers else None
    corrected = _earlier(unit, draft.corrects, sender) if draft.corrects else None
    _check_earlier(draft, answered, corrected, sender, recipient)
    carries = message_types()[corrected.type] if corrected else kind
    _check_content(draft, kind, carries)
    notes = check_notes(draft.type, draft.notes)
    require_nameless({field: words for field, words in notes.words.items() if field not in notes.phones})
    require_no_person({"regNumber": draft.reg_number, "statute": draft.statute})
    if draft.reporter and SPOKEN not in notes.plain:
        raise BadInput("reporter_not_here")
    before = answered or corrected
    begun_by = unit.messages.begun_by(before.thread_id) if before else None
    return Footing(
        kind,
        notes,
        answered,
        corrected,
        Sending(
            type=draft.type,
            sender=_party(sender),
            recipient=_party(recipient),
            with_sections=any(draft.sections_of(person) for person in draft.persons),
            wanted=draft.purpose or "",
            trigger=draft.trigger or "",
            direct=draft.direct,
            thread="" if before is None else "theirs" if begun_by == recipient.id else "any",
            thread_sides=_sides(unit, before),
            thread_purpose=before.purpose if before else "",
        ),
    )


def with_facts(sending: Sending, case: CaseOnFile | None) -> Sending:
    """What the choice of a lane may look at of the facts: whether both sides are in one plan of prevention work."""
    sides = {sending.sender.id, sending.recipient.id}
    plans = [
        frozenset(fact.participants)
        for subject in (case.subjects if case else ())
        for fact in subject.facts
        if fact.fact == IPR_OPEN
    ]
    return replace(sending, ipr_open=any(sides <= plan for plan in plans))


def lane_refused(house: House, sending: Sending) -> BadInput:
    """The refusal, with what would be lawful."""
    return BadInput("lane_refused", type=sending.type, lawful=house.pack.lawful_lanes(sending))


def _party(organisation: Organisation) -> Party:
    return Party(organisation.id, organisation.kind, organisation.registers)


def _sides(unit: Unit, before: MessageOnFile | None) -> tuple[Party, ...]:
    found = [unit.participants.organisation(id_) for id_ in (before.sender_id, before.recipient_id)] if before else []
    return tuple(_party(organisation) for organisation in found if organisation is not None)


def _earlier(unit: Unit, message_id: str, sender: Organisation) -> MessageOnFile:
    found = unit.messages.of_side(MessageId(message_id) if is_id(message_id) else MessageId(""), sender.id)
    if found is None:
        raise Unavailable("message_unavailable")
    return found


def _check_earlier(
    draft: MessageDraft,
    answered: MessageOnFile | None,
    corrected: MessageOnFile | None,
    sender: Organisation,
    recipient: Organisation,
) -> None:
    """An answer goes to the other side of what it answers, a correction to whom the corrected message went."""
    if (corrected is not None) != (draft.type == CORRECTION):
        raise BadInput("corrects_required")
    if answered is not None and recipient.id not in {answered.sender_id, answered.recipient_id}:
        raise BadInput("answers_another")
    if answered is not None and answered.recipient_id == sender.id and answered.state is State.DELIVERED:
        raise Conflict("answered_not_opened")
    if corrected is not None and (corrected.sender_id, corrected.recipient_id) != (sender.id, recipient.id):
        raise BadInput("corrects_another")


def _check_content(draft: MessageDraft, kind: MessageType, carries: MessageType) -> None:
    """Whom the type names, and which sections it may carry: no more than its task needs (RU-152-5-3)."""
    if kind.persons == "none" and draft.persons:
        raise BadInput("persons_not_in_type", type=draft.type)
    if kind.persons == "child" and not any(person.kind == "child" for person in draft.persons):
        raise BadInput("no_child")
    if draft.persons and not any(draft.sections_of(person) for person in draft.persons):
        raise BadInput("person_empty")  # without this it would go as a message that names nobody
    if not any(person.kind == "child" for person in draft.persons):
        for name in OF_A_CHILD:  # it would not be sent; a trigger would, and say more than may be said
            if getattr(draft, name) != MessageDraft.model_fields[name].default:
                raise BadInput("part_without_child", field=name)
    allowed = carries.allowed
    for number, person in enumerate(draft.persons, start=1):
        for category, value in draft.sections_of(person).items():
            if category not in allowed and (category != c.FAMILY or set(value) != {"role"}):
                raise BadInput(
                    "section_not_in_type",
                    type=draft.type,
                    person=number,
                    category=category,
                    allowed=", ".join(k for k in c.MESSAGE_CATEGORIES if k in allowed) or "–",
                )
