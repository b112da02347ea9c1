"""What was read becomes what leaves: values of `schemas.exports`, with words. Nothing is opened and nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateway.use_cases.answer_message import REASONS
from gateway.use_cases.attachment_values import Document
from gateway.use_cases.disclose import DisclosedCase, DisclosedSubject, Section
from gateway.use_cases.house import House
from gateway.use_cases.package_content import day_of, document_type, fields_of, notes_of, said_of
from gateway.use_cases.values import MessageOnFile, Organisation, ReceiptOnFile
from policies.ruling import Effect
from schemas.catalogue import text
from schemas.categories import CASE_WORKER, SECTION_CATEGORIES, SECTION_NAMES
from schemas.codes import CANCEL_REASONS, REJECT_REASONS, URGENCIES
from schemas.exports import (
    Absence,
    Content,
    ExportCase,
    ExportMessage,
    ExportPerson,
    ExportReceipt,
    ExportSection,
    Party,
)
from schemas.exports import Effect as Said_
from schemas.exports_own import ExportDocument
from schemas.ids import Category, EntryId, OrganisationId
from schemas.messages import message_types
from schemas.package import Said
from schemas.sections import FieldRow, summary_fields

_EFFECTS: Final[Mapping[Effect, Said_]] = {
    Effect.PERMIT: "released",
    Effect.MASK: "masked",
    Effect.HOLD: "held",
    Effect.DENY: "withheld",
}
_ABSENCES: Final[Mapping[str | None, Absence]] = {None: "", "not_recorded": "not_recorded", "not_used": "not_used"}
Rows = Mapping[Category, tuple[FieldRow, ...]]


def party(house: House, organisation: Organisation, *, hidden: bool = False) -> Party:
    """An organisation; by its kind alone where its name would tell where somebody is."""
    if hidden:
        return Party(house.pack.kind_title(organisation.kind), organisation.kind)
    return Party(organisation.name, organisation.kind, organisation.ogrn, organisation.inn)


def exported_case(
    house: House, reader: OrganisationId, content: DisclosedCase, entry_id: EntryId, purpose: str
) -> ExportCase:
    """A case after the door, as a recipient reads it."""
    holder = content.case.discloser
    assert holder is not None
    summary, is_protected = content.case.summary, content.location_protected
    header = summary if content.releases else None
    of_curator = next((s.sections[CASE_WORKER] for s in content.subjects if CASE_WORKER in s.sections), None)
    curator = summary if of_curator is not None and of_curator.ruling.effect.releases else None
    return ExportCase(
        ref=house.vault.case_pseudonym(reader, content.case.case_id),
        holder=party(house, holder, hidden=is_protected),
        entry=entry_id,
        people=exported_people(house, reader, content, summary_fields()),
        purpose=purpose_said(house, purpose),
        version=header.version if header else None,
        published_at=header.published_at if header else None,
        as_of=header.as_of if header else None,
        erase_after=header.erase_after if header else None,
        source=header.source if header else None,
        practice=content.case.practice if header else None,
        curator_name=curator.curator_name if curator and not is_protected else None,
        curator_phone=curator.curator_phone if curator else None,
    )


def exported_people(
    house: House, reader: OrganisationId, content: DisclosedCase, rows: Rows
) -> tuple[ExportPerson, ...]:
    """Everybody whom the reader sees, with all sections that were asked for."""
    names: dict[str, str] = {s.id: house.vault.subject_pseudonym(reader, s.id) for s in content.subjects}
    return tuple(
        ExportPerson(names[subject.id], subject.kind, tuple(_sections(house, subject, names, rows)))
        for subject in content.subjects
    )


def _sections(house: House, subject: DisclosedSubject, names: Mapping[str, str], rows: Rows) -> list[ExportSection]:
    return [
        _section(house, category, section, names, rows.get(category, ()))
        for category, section in subject.sections.items()
        if category in SECTION_CATEGORIES
    ]


def _section(
    house: House, category: Category, section: Section, names: Mapping[str, str], rows: Sequence[FieldRow]
) -> ExportSection:
    shown, basis = section.ruling.shown, section.basis
    return ExportSection(
        category,
        *category_words(house, category),
        _EFFECTS[section.ruling.effect],
        shown.id,
        shown.citation,
        shown.title_ru,
        shown.remedy_ru,
        _ABSENCES[section.absence],
        section.content,
        tuple(fields_of(rows, section.content)) if section.content is not None else (),
        tuple(Said(code, title) for code, title in house.pack.duties(section.obligations).items()),
        tuple(names[other] for other in section.shared_with if other in names),
        section.retain_until,
        section.decided_by,
        basis.evidence_digest if basis else None,
        basis.given_on if basis else None,
        basis.valid_to if basis else None,
        basis.statute if basis else "",
    )


def own_section(
    house: House,
    category: Category,
    content: Mapping[str, Any] | None,
    rows: Sequence[FieldRow],
    about: tuple[str, ...] = (),
) -> ExportSection:
    """A section of one's own: nothing is ruled. Without content its keys are destroyed."""
    return ExportSection(
        category,
        *category_words(house, category),
        "own",
        absence="" if content is not None else "erased",
        content=content,
        fields=tuple(fields_of(rows, content)) if content is not None else (),
        about=about,
    )


def category_words(house: House, category: Category) -> tuple[str, str]:
    """A category in Russian by the pack, in English by its section."""
    return house.pack.category_title(category), SECTION_NAMES.get(category, category).replace("_", " ").capitalize()


def purpose_said(house: House, purpose: str) -> Said | None:
    """A purpose with its words."""
    return Said(purpose, house.pack.purpose_title(purpose)) if house.pack.is_purpose(purpose) else None


# --- messages --------------------------------------------------------------------------------------------------------

Parties = Mapping[OrganisationId, Organisation]
Words = Callable[[int], Mapping[str, str]]
"""The words that came with the receipt of this number."""


def exported_message(
    house: House,
    reader: OrganisationId,
    message: MessageOnFile,
    parties: Parties,
    *,
    content: Content,
    entry: str,
    people: tuple[ExportPerson, ...] = (),
    documents: Sequence[ExportDocument] = (),
    written: Mapping[str, str] | None = None,
    words: Words | None = None,
) -> ExportMessage:
    """A message with its receipts, as one of its sides sees it."""
    kind = message_types()[message.type]
    is_sender = message.sender_id == reader
    said = words or (lambda _: {})
    return ExportMessage(
        id=message.id,
        thread=message.thread_id,
        operation=message.operation_id,
        type=Said(message.type, kind.name_ru, kind.name_en),
        sender=party(house, parties[message.sender_id], hidden=message.sender_protected and not is_sender),
        recipient=party(house, parties[message.recipient_id]),
        case=house.vault.case_pseudonym(reader, message.case_id),
        footing=Said(
            message.lane,
            text(f"lanes.{message.lane}", purpose=house.pack.purpose_title(message.purpose) if message.purpose else ""),
            text(f"lanes.{message.lane}", "en", purpose=message.purpose),
        ),
        urgency=said_of(URGENCIES, message.urgency),
        state=message.state.value,
        sent_at=message.submitted_at,
        content=content,
        entry=entry,
        purpose=purpose_said(house, message.purpose),
        delivered_at=message.delivered_at,
        reg_number=message.reg_number,
        reg_on=message.reg_on,
        created_at=message.created_at,
        incoming_number=message.incoming_number if not is_sender else None,
        incoming_on=message.incoming_on if not is_sender else None,
        answers=message.answers_id,
        corrects=message.corrects_id,
        trigger=Said(message.trigger, house.pack.triggers().get(message.trigger)) if message.trigger else None,
        statute=message.statute,
        reason=_reason(message.reason),
        notes=notes_of(house, message, written or {}),
        people=people,
        documents=tuple(documents),
        receipts=tuple(
            _receipt(house, reader, message, receipt, parties, said(number))
            for number, receipt in enumerate(message.receipts)
        ),
    )


def exported_documents(
    house: House, reader: OrganisationId, message: MessageOnFile, documents: Sequence[Document], content: DisclosedCase
) -> tuple[ExportDocument, ...]:
    """The documents of a message that its reader is shown; their files are downloaded from the message."""
    kinds = {subject.id: subject.kind for subject in content.subjects}
    return tuple(
        ExportDocument(
            known.category,
            document_type(known.document_type),
            day_of(known.issued_on),
            known.sha256,
            known.id,
            message.id,
            house.vault.subject_pseudonym(reader, known.subject_id),
            kinds.get(known.subject_id, ""),
            message.submitted_at,
            known.signers,
            known.media_type,
            known.size,
            known.end_to_end,
            absence="" if known.has_file else "no_file",
        )
        for known in documents
    )


def _receipt(
    house: House,
    reader: OrganisationId,
    message: MessageOnFile,
    receipt: ReceiptOnFile,
    parties: Parties,
    words: Mapping[str, str],
) -> ExportReceipt:
    by = parties.get(receipt.organisation_id) if receipt.organisation_id else None
    hidden = message.sender_protected and receipt.organisation_id == message.sender_id != reader
    system = REASONS.get(receipt.event)
    return ExportReceipt(
        receipt.event.value,
        receipt.state.value,
        receipt.at,
        party(house, by, hidden=hidden) if by else None,
        receipt.attested_by,
        said_of(system, receipt.reason) if system and receipt.reason else _reason(receipt.reason),
        words,
    )


def _reason(code: str | None) -> Said | None:
    if code is None:
        return None
    for system in (REJECT_REASONS, CANCEL_REASONS, *REASONS.values()):
        found = said_of(system, code)
        if found.ru:
            return found
    return Said(code)
