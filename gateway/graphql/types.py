"""Objects of the API and how they are rendered from what use cases return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import make_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry

from gateway.graphql.generated import LocalDate, output_type
from gateway.graphql.queues import ReachNode
from gateway.use_cases.answer_message import possible_events
from gateway.use_cases.disclose import DisclosedCase, DisclosedSubject, Section
from gateway.use_cases.facts import Basis
from gateway.use_cases.house import House
from gateway.use_cases.message_preview import DocumentPreview, PersonPreview, Preview
from gateway.use_cases.read_queue import names_of, shown_sender
from gateway.use_cases.values import MessageOnFile, Organisation, Requester
from policies.ruling import CategoryRuling
from schemas import categories as c
from schemas.ids import Category, Pseudonym, SubjectId
from schemas.sections import MESSAGE_SECTIONS, SUMMARY_SECTIONS


@strawberry.enum(description="What the ruling does with a category.")
class AccessEffect(Enum):
    """Effects in words."""

    RELEASED = "P"
    MASKED = "M"
    HELD = "R"
    WITHHELD = "D"


@strawberry.enum(description="Why `data` is null although the ruling releases; never said where it does not.")
class Absence(Enum):
    """The two absences."""

    NOT_RECORDED = "not_recorded"
    NOT_USED = "not_used"


@strawberry.type(
    description="What a disclosure rests on: keep it as your proof of the ground. Of a consent the SHA-256 of its evidence"
    " and its dates; otherwise the norm that you named."
)
class BasisNode:
    evidence_digest: str | None
    given_on: LocalDate | None
    valid_to: LocalDate | None
    statute: str | None


def _basis(basis: Basis | None) -> BasisNode | None:
    if basis is None:
        return None
    return BasisNode(
        evidence_digest=basis.evidence_digest,
        given_on=_local(basis.given_on),
        valid_to=_local(basis.valid_to),
        statute=basis.statute or None,
    )


def _local(day: date | None) -> LocalDate | None:
    return LocalDate(day.isoformat()) if day else None


@strawberry.type(
    description="The rule comes first, the look second: what was decided, by which rule, what would change it."
    " `retainUntil`: erase or return what was released by then. `decidedBy`: of what is held, by when a person decides."
    " `byPeople`: a person of the holder decided it, after a rule had held it."
)
class Access:
    effect: AccessEffect
    rule: str
    title: str
    citation: str
    remedy: str
    obligations: list[str]
    basis: BasisNode | None = None
    retain_until: LocalDate | None = None
    decided_by: datetime | None = None
    by_people: bool = False


def section_access(section: Section) -> Access:
    """The public side of a section that went through the door."""
    access = access_of(section.ruling, section.obligations)
    access.basis = _basis(section.basis)
    access.retain_until = _local(section.retain_until)
    access.decided_by = section.decided_by
    access.by_people = section.by_people
    return access


def access_of(ruling: CategoryRuling, obligations: tuple[str, ...]) -> Access:
    """The public side of a ruling: a quiet rule reads neutral here (rules 3.7)."""
    shown = ruling.shown
    return Access(
        effect=AccessEffect(ruling.effect.value),
        rule=shown.id,
        title=shown.title_ru,
        citation=shown.citation,
        remedy=shown.remedy_ru,
        obligations=list(obligations),
    )


def _section_types(sections: Mapping[Category, type], suffix: str) -> dict[Category, type]:
    made = {}
    for category, model in sections.items():
        name = "".join(part.title() for part in c.SECTION_NAMES[category].split("_")) + suffix
        # Two types of one name would silently become one: the section would be its own content.
        data = output_type(model, f"{name}Data" if model.__name__ == name else None)
        fields: list[tuple[str, Any]] = [
            ("access", Access),
            ("absence", Absence | None),
            ("about", list[strawberry.ID]),
            ("data", data | None),
        ]
        made[category] = strawberry.type(make_dataclass(name, fields, kw_only=True), name=name)
    return made


SUMMARY_TYPES = _section_types(SUMMARY_SECTIONS, "Section")
MESSAGE_TYPES = _section_types(
    {category: section for category, section in MESSAGE_SECTIONS.items() if category != c.REPORTER}, "MessageSection"
)


def _sections_type(name: str, types: Mapping[Category, type]) -> type:
    """One nullable field per category: null only where it was not asked for."""
    fields: list[tuple[str, Any, Any]] = [
        (c.SECTION_NAMES[category], section | None, strawberry.field(default=None))
        for category, section in types.items()
    ]
    return strawberry.type(make_dataclass(name, fields, kw_only=True), name=name)


Sections = _sections_type("Sections", SUMMARY_TYPES)
MessageSections = _sections_type("MessageSections", MESSAGE_TYPES)


def render_sections(
    subject: DisclosedSubject,
    types: Mapping[Category, type],
    container: type,
    pseudonyms: Mapping[SubjectId, Pseudonym],
) -> Any:  # noqa: ANN401  a type made at run time
    """The sections that were asked for and ruled."""
    return container(
        **{
            c.SECTION_NAMES[category]: _render(types[category], subject, section, pseudonyms)
            for category, section in subject.sections.items()
            if category in types
        }
    )


def _render(made: type, subject: DisclosedSubject, section: Section, pseudonyms: Mapping[SubjectId, Pseudonym]) -> Any:  # noqa: ANN401  made at run time
    about = [pseudonyms[subject.id], *(pseudonyms[other] for other in section.shared_with)]
    return made(
        access=section_access(section),
        absence=Absence(section.absence) if section.absence else None,
        about=[strawberry.ID(ref) for ref in about],
        data=section.content,
    )


@strawberry.type(description="A participant of the exchange.")
class OrganisationNode:
    id: strawberry.ID
    kind: str
    name: str
    ogrn: str
    district: str | None
    synthetic: bool


def organisation_node(organisation: Organisation) -> OrganisationNode:
    """Service data of an organisation."""
    return OrganisationNode(
        id=strawberry.ID(organisation.id),
        kind=organisation.kind,
        name=organisation.name,
        ogrn=organisation.ogrn,
        district=organisation.district,
        synthetic=organisation.synthetic,
    )


@strawberry.type(description="Who holds the case. Where whereabouts are protected, only the kind of the organisation.")
class Holder:
    kind: str
    name: str | None


@strawberry.type(description="Service contact of the curator (category WRK).")
class Curator:
    access: Access
    name: str | None
    phone: str | None


@strawberry.type(description="A member of the family, under the pseudonym that only you see.")
class SubjectNode:
    ref: strawberry.ID
    kind: str
    sections: Sections  # type: ignore[valid-type]  # made at run time


@strawberry.type(
    description="A published case summary, ruled section by section. Header fields are null where nothing is released."
)
class CaseSummaryNode:
    case_id: strawberry.ID
    version: int | None
    published_at: datetime | None
    as_of: LocalDate | None
    erase_after: LocalDate | None
    source: str | None
    practice: str | None
    holder: Holder
    curator: Curator | None
    subjects: list[SubjectNode]
    entry_id: strawberry.ID


@strawberry.type(description="A page. The cursor is sealed: it tells nothing and works only for you.")
class CaseSummaryPage:
    items: list[CaseSummaryNode]
    next: str | None
    entry_id: strawberry.ID


def summary_node(house: House, requester: Requester, case: DisclosedCase, entry_id: str) -> CaseSummaryNode:
    """One summary for one requester: its own pseudonyms, its own rulings."""
    summary, discloser = case.case.summary, case.case.discloser
    assert summary is not None
    assert discloser is not None
    organisation = requester.organisation_id
    pseudonyms = {s.id: house.vault.subject_pseudonym(organisation, s.id) for s in case.subjects}
    protected = case.location_protected
    ruled = next((s.sections[c.CASE_WORKER] for s in case.subjects if c.CASE_WORKER in s.sections), None)
    # When a case was last touched is about its course: told only to whom anything of it is released.
    shows_any = case.releases
    curator = None
    if ruled is not None:
        shows = ruled.ruling.effect.releases
        curator = Curator(
            access=access_of(ruled.ruling, ()),
            name=summary.curator_name if shows and not protected else None,
            phone=summary.curator_phone if shows else None,
        )
    return CaseSummaryNode(
        case_id=strawberry.ID(house.vault.case_pseudonym(organisation, case.case.case_id)),
        version=summary.version if shows_any else None,
        published_at=summary.published_at if shows_any else None,
        as_of=LocalDate(summary.as_of.isoformat()) if shows_any else None,
        erase_after=LocalDate(summary.erase_after.isoformat()) if shows_any else None,
        source=summary.source if shows_any else None,
        practice=case.case.practice if shows_any else None,
        holder=Holder(kind=discloser.kind, name=None if protected else discloser.name),
        curator=curator,
        subjects=[
            SubjectNode(
                ref=strawberry.ID(pseudonyms[s.id]),
                kind=s.kind,
                sections=render_sections(s, SUMMARY_TYPES, Sections, pseudonyms),
            )
            for s in case.subjects
        ],
        entry_id=strawberry.ID(entry_id),
    )


@strawberry.type(
    description="A fact of a message's life. `attestedBy` says whose word it is: `partner` (its own key),"
    " `gateway`, `file` (the gateway: handed over as a package) or `code` (told by a code of the package)."
)
class ReceiptNode:
    event: str
    state: str
    at: datetime
    organisation: str | None
    attested_by: str
    reason: str | None
    signature: str | None


@strawberry.type(description="A date or a code that came with a message, or words that name nobody.")
class NoteNode:
    field: str
    value: str


@strawberry.type(description="Words that a side of a message wrote with an event; they name nobody.")
class AnswerWordsNode:
    event: str
    field: str
    words: str


@strawberry.type(
    description="A message without its content. `held`: all of it waits for a person of its sender, so it is not sent yet."
    " `lane`: on which footing it travels. `answers`, `corrects`, `redirects`: the message that it belongs to. `may`: what you"
    " may do with it now."
)
class MessageNode:
    id: strawberry.ID
    operation_id: str
    type: str
    purpose: str
    urgency: str
    state: str
    held: bool
    trigger: str | None
    lane: str
    thread_id: strawberry.ID
    answers: strawberry.ID | None
    corrects: strawberry.ID | None
    redirects: strawberry.ID | None
    agenda: strawberry.ID | None
    reg_number: str | None
    reg_on: LocalDate | None
    created_at: datetime | None
    incoming_number: str | None
    incoming_on: LocalDate | None
    reason: str | None
    alternatives: list[str]
    notes: list[NoteNode]
    may: list[str]
    sender: str
    recipient: str
    case_id: strawberry.ID
    submitted_at: datetime
    receipts: list[ReceiptNode]


def message_node(
    house: House, requester: Requester, message: MessageOnFile, directory: Sequence[Organisation]
) -> MessageNode:
    """A message as one of its two sides sees it."""
    names = names_of(directory)
    kind, name = shown_sender(message, requester.organisation_id, directory)
    hidden = message.sender_id if name is None else None
    return MessageNode(
        id=strawberry.ID(message.id),
        operation_id=message.operation_id,
        type=message.type,
        purpose=message.purpose,
        urgency=message.urgency,
        state=message.state.value,
        held=message.held,
        trigger=message.trigger,
        lane=message.lane,
        thread_id=strawberry.ID(message.thread_id),
        answers=_id(message.answers_id),
        corrects=_id(message.corrects_id),
        # Whose queue it was in before is between its sender and that one.
        redirects=_id(message.redirects_id) if requester.organisation_id == message.sender_id else None,
        agenda=_id(message.agenda_id),
        reg_number=message.reg_number,
        reg_on=_local(message.reg_on),
        created_at=message.created_at,
        incoming_number=message.incoming_number if requester.organisation_id == message.recipient_id else None,
        incoming_on=_local(message.incoming_on) if requester.organisation_id == message.recipient_id else None,
        reason=message.reason,
        alternatives=[names[organisation] for organisation in message.alternatives],
        notes=[NoteNode(field=key, value=value) for key, value in sorted(message.notes.items())],
        may=[event.value for event in possible_events(message, requester.organisation_id)],
        sender=name or kind,
        recipient=names[message.recipient_id],
        case_id=strawberry.ID(house.vault.case_pseudonym(requester.organisation_id, message.case_id)),
        submitted_at=message.submitted_at,
        receipts=[
            ReceiptNode(
                event=receipt.event.value,
                state=receipt.state.value,
                at=receipt.at,
                organisation=names[receipt.organisation_id]
                if receipt.organisation_id and receipt.organisation_id != hidden
                else None,
                attested_by=receipt.attested_by,
                reason=receipt.reason,
                signature=receipt.signature,
            )
            for receipt in message.receipts
        ],
    )


def _id(value: str | None) -> strawberry.ID | None:
    return strawberry.ID(value) if value else None


@strawberry.type
class MessagePage:
    items: list[MessageNode]
    next: strawberry.ID | None


@strawberry.type(description="A person in a message, as you may see it.")
class MessageSubjectNode:
    ref: strawberry.ID
    kind: str
    sections: MessageSections  # type: ignore[valid-type]  # made at run time


@strawberry.type(description="A message that was opened, with its content after the door.")
class OpenedMessageNode:
    message: MessageNode
    words: list[NoteNode]
    answers: list[AnswerWordsNode]
    subjects: list[MessageSubjectNode]
    entry_id: strawberry.ID


@strawberry.type(description="The ruling on one category of what you send.")
class PreviewedCategory:
    category: str
    access: Access


@strawberry.type(description="One person as the recipient will see it: the ruling per category.")
class PreviewedPerson:
    kind: str
    role: str | None
    categories: list[PreviewedCategory]


@strawberry.enum(description="When the recipient opens a document: it is shown whole or not at all.")
class DocumentShown(Enum):
    """`message_preview.DocumentPreview.shown`; a test compares."""

    NOW = "now"
    ACCEPTED = "accepted"
    MASKED = "masked"
    HELD = "held"
    NEVER = "never"


@strawberry.type(
    description="One document as the recipient will see it. `person`: its place among the persons. `ACCEPTED`: closed until the"
    " recipient has accepted; `MASKED`: closed while its category is masked; `HELD`: until a person of yours decides;"
    " `NEVER`: it is not sent."
)
class PreviewedDocument:
    person: int
    category: str
    document_type: str
    issued_on: date | None
    signers: list[str]
    has_file: bool
    media_type: str | None
    size: int | None
    sha256: str | None
    sealed_end_to_end: bool
    shown: DocumentShown
    access: Access


@strawberry.type(description="What the recipient will see, before anything is sent.")
class PreviewNode:
    recipient: str
    purpose: str
    lane: str
    notes: list[NoteNode]
    sendable: bool
    held: bool
    blocked_by: Access | None
    people: list[PreviewedPerson]
    documents: list[PreviewedDocument]


def preview_node(preview: Preview) -> PreviewNode:
    """A preview in words of the API."""
    return PreviewNode(
        recipient=preview.recipient.name,
        purpose=preview.purpose,
        lane=preview.lane,
        notes=[NoteNode(field=field, value=value) for field, value in (preview.notes or {}).items()],
        sendable=preview.blocked_by is None,
        held=preview.is_held,
        blocked_by=access_of(preview.blocked_by, ()) if preview.blocked_by else None,
        people=[_previewed(person) for person in preview.people],
        documents=[_previewed_document(document) for document in preview.documents],
    )


def _previewed_document(document: DocumentPreview) -> PreviewedDocument:
    draft = document.draft
    return PreviewedDocument(
        person=document.person,
        category=draft.category,
        document_type=draft.document_type,
        issued_on=draft.issued_on,
        signers=list(draft.signers),
        has_file=draft.upload is not None,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        sealed_end_to_end=document.end_to_end,
        shown=DocumentShown(document.shown),
        access=access_of(document.ruling, ()),
    )


def _previewed(person: PersonPreview) -> PreviewedPerson:
    return PreviewedPerson(
        kind=person.kind,
        role=person.role,
        categories=[
            PreviewedCategory(category=category, access=access_of(ruling, person.told[category]))
            for category, ruling in person.rulings.items()
        ],
    )


@strawberry.type(
    description="The gateway's word that your message is kept. `recipientNow`: whether anybody is there to read it."
)
class SubmittedNode:
    message: MessageNode
    preview: PreviewNode | None
    repeated: bool
    recipient_now: ReachNode


@strawberry.type
class PublishedNode:
    case_id: strawberry.ID
    version: int
    entry_id: strawberry.ID


@strawberry.type(description="A withdrawal and the organisations that were told to stop and erase.")
class WithdrawnNode:
    entry_id: strawberry.ID
    recalled: list[str]
