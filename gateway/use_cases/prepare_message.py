"""A draft made ready to be sent: who may send it to whom, its lane, whom it names, the facts that its ruling needs.

Nothing is written here, and nothing is decided but the lane: the preview and the sending both begin with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.use_cases.assign_case import require_assigned
from gateway.use_cases.attach_documents import check_documents, find_uploads
from gateway.use_cases.attachment_values import Upload
from gateway.use_cases.declare_threat import Threat, check_threat
from gateway.use_cases.disclose import RuledCase, rule
from gateway.use_cases.facts import Question, local_day
from gateway.use_cases.house import House
from gateway.use_cases.message_lane import Footing, footing_of, with_facts
from gateway.use_cases.message_preview import Preview, preview_of
from gateway.use_cases.named_organisation import organisation_named
from gateway.use_cases.order_fact import Order, as_ordered, order_of
from gateway.use_cases.ports import Unit
from gateway.use_cases.resolve_subjects import Named, Resolved, resolve_subjects
from gateway.use_cases.values import Gathered, Organisation, Requester
from policies.lanes import Lane, Sending
from schemas.errors import BadInput, NotPermitted
from schemas.ids import CaseId, Category, new_id
from schemas.messages import MessageDraft, PersonDraft
from schemas.notes import check_note_dates

SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft in its lane (None: in none). `gathered` is what its ruling needs; `resolved` whom it names; both empty where
    it names nobody. `uploads`: the files of its documents by their place."""

    sender: Organisation
    recipient: Organisation
    footing: Footing
    sending: Sending
    lane: Lane | None
    question: Question
    case_id: CaseId
    case_is_new: bool
    threat: Threat | None = None
    order: Order | None = None
    resolved: tuple[Resolved, ...] = ()
    gathered: Gathered | None = None
    uploads: Mapping[int, Upload] = field(default_factory=dict)


def prepare_message(house: House, unit: Unit, requester: Requester, draft: MessageDraft, now: datetime) -> Prepared:
    """Raises BadInput (sender_is_not_you, recipient_unknown, recipient_is_you, trigger_unknown, person_twice, what
    `footing_of`, `check_note_dates`, `check_documents` and `find_uploads` do), NotPermitted (no_agreement, not_assigned,
    not_for_overseers). Outside every lane is no error here."""
    sender, recipient = _parties(house, unit, requester, draft)
    footing = footing_of(unit, draft, sender, recipient)
    check_note_dates(draft.type, footing.notes.plain, now, sender.zone)
    allowed = footing.kind.allowed if footing.sending.with_sections else frozenset()
    check_documents(house, draft.attachments, len(draft.persons), allowed)
    if not footing.sending.with_sections:
        return _prepare_nameless(house, unit, requester, sender, recipient, footing, now)
    for earlier in (footing.answered, footing.corrected):
        if earlier is not None:
            require_assigned(unit, requester, earlier.case_id)
    resolved = resolve_subjects(house, unit, sender.id, [named_of(person) for person in draft.persons])
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
    (case,) = gathered.cases
    on_file = {subject.id: subject for subject in case.subjects}
    subjects = tuple(on_file.get(r.subject_id) or r.on_file() for r in resolved)
    case = replace(case, subjects=subjects)
    order = order_of(house, unit, draft, footing.notes, sender, recipient, now)
    case = as_ordered(case, order, sender, now)
    sending = with_facts(footing.sending, case)
    lane = house.pack.lane(sending)
    threat = check_threat(house, unit, requester, draft, lane) if lane else None
    case = replace(case, declared=threat is not None)
    return Prepared(
        sender,
        recipient,
        footing,
        sending,
        lane,
        _question(draft, lane),
        case.case_id,
        case_id is None,
        threat,
        order,
        resolved,
        replace(gathered, cases=(case,)),
        find_uploads(house, unit, sender.id, recipient.id, draft.operation_id, draft.attachments, now),
    )


def _prepare_nameless(
    house: House,
    unit: Unit,
    requester: Requester,
    sender: Organisation,
    recipient: Organisation,
    footing: Footing,
    now: datetime,
) -> Prepared:
    """No data of a family travel, so nothing is ruled: an agreement of both sides, and that the thread is one's own."""
    lane = house.pack.lane(footing.sending)
    if not all(side.has_agreement(local_day(now, side.zone)) for side in (sender, recipient)):
        raise NotPermitted("no_agreement")
    before = footing.before
    if before is not None:
        require_assigned(unit, requester, before.case_id)
    case_id = before.case_id if before else CaseId(new_id())
    return Prepared(sender, recipient, footing, footing.sending, lane, Question("", ()), case_id, before is None)


def _parties(house: House, unit: Unit, requester: Requester, draft: MessageDraft) -> tuple[Organisation, Organisation]:
    """Sender and recipient, when this requester may send anything to anybody."""
    sender = unit.participants.organisation(requester.organisation_id)
    if sender is None:
        raise NotPermitted("no_agreement")
    if requester.role != "caseworker":
        raise NotPermitted("not_for_overseers")
    if draft.sender_ogrn != sender.ogrn:
        raise BadInput("sender_is_not_you")
    if (draft.type == SIGNAL or draft.trigger) and not house.pack.is_trigger(draft.trigger or ""):
        raise BadInput("trigger_unknown", trigger=draft.trigger or "")
    recipient = organisation_named(unit, draft.recipient_ogrn)
    if recipient.id == sender.id and draft.type != SIGNAL:
        raise BadInput("recipient_is_you")
    return sender, recipient


def _question(draft: MessageDraft, lane: Lane | None) -> Question:
    sections = {category for person in draft.persons for category in draft.sections_of(person)}
    documents = {Category(document.category) for document in draft.attachments}
    return Question(
        lane.purpose if lane else "",
        tuple(sorted(sections | documents)),
        trigger=draft.trigger or "",
        statute=draft.statute or "",
    )


def named_of(person: PersonDraft) -> Named:
    """Whom a person of a draft is."""
    return Named(person.kind, person.ref, person.identifiers, person.identity.birth_date if person.identity else None)


def rule_prepared(
    house: House, draft: MessageDraft, prepared: Prepared, now: datetime
) -> tuple[RuledCase | None, Preview]:
    """The ruling on a draft that has a lane (None: it names nobody, so there is nothing to rule) and what is seen of it."""
    assert prepared.lane is not None
    if prepared.gathered is None:
        notes = {note.field: note.value for note in draft.notes}
        return None, Preview(prepared.recipient, "", (), None, lane=prepared.lane.lane, notes=notes)
    (ruled,) = rule(house, prepared.gathered, prepared.question, now, sending=True)
    preview = preview_of(
        house,
        draft,
        prepared.recipient,
        prepared.lane.lane,
        [r.subject_id for r in prepared.resolved],
        ruled,
        prepared.lane.purpose,
        names_a_child=prepared.footing.kind.persons == "child",
        uploads=prepared.uploads,
    )
    return ruled, preview
