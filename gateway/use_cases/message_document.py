"""A message after the door as a document: plain values as JSON, or a draft that XML and CSV are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from gateway.use_cases.attachment_values import Document
from gateway.use_cases.disclose import DisclosedCase, DisclosedSubject
from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, Organisation
from schemas import categories as c
from schemas.categories import SECTION_NAMES
from schemas.ids import EntryId, OrganisationId
from schemas.messages import OF_CHILDREN, MessageDraft, PersonDraft

PERSON_SECTIONS: Final = frozenset(
    category for category, name in SECTION_NAMES.items() if name in PersonDraft.model_fields
)
"""Categories that a person of a draft has a part for."""


def content_document(house: House, reader: OrganisationId, content: DisclosedCase, entry_id: EntryId) -> dict[str, Any]:
    """What is released of the people in a message, with the rule of each category; what is withheld is not in it."""
    return {
        "entry": entry_id,
        "subjects": [
            {
                "ref": house.vault.subject_pseudonym(reader, subject.id),
                "kind": subject.kind,
                "sections": {
                    category: {
                        "effect": section.ruling.effect.value,
                        "rule": section.ruling.shown.id,
                        "citation": section.ruling.shown.citation,
                        "obligations": list(section.obligations),
                        "data": section.content,
                    }
                    for category, section in subject.sections.items()
                },
            }
            for subject in content.subjects
        ],
    }


def draft_of(
    house: House,
    reader: OrganisationId,
    message: MessageOnFile,
    content: DisclosedCase,
    sender: Organisation,
    recipient: Organisation,
    words: Mapping[str, str],
    documents: Sequence[Document] = (),
) -> MessageDraft | None:
    """All of the released part as a draft; `words` and `documents` are what its reader is shown of them. None where that has
    no place in one: a sender whose name is protected, a number of which only the last digits are shown."""
    if message.sender_protected:
        return None
    persons = [_person(house, reader, subject) for subject in content.subjects]
    about = _about(persons)
    places = {subject.id: place for place, subject in enumerate(content.subjects)}
    try:
        return MessageDraft.model_validate(
            {
                "operation_id": message.operation_id,
                "type": message.type,
                "sender_ogrn": sender.ogrn,
                "recipient_ogrn": recipient.ogrn,
                "urgency": message.urgency,
                "created_at": message.created_at,
                "reg_number": message.reg_number,
                "reg_on": message.reg_on,
                "purpose": message.purpose or None,
                "trigger": message.trigger,
                "statute": message.statute,
                "answers": message.answers_id,
                "corrects": message.corrects_id,
                "agenda": message.agenda_id,
                "notes": [{"field": field, "value": value} for field, value in {**message.notes, **words}.items()],
                "attachments": [_attachment(one, places[one.subject_id]) for one in documents],
                "persons": persons,
                **about,
            }
        )
    except ValidationError:
        return None


def _person(house: House, reader: OrganisationId, subject: DisclosedSubject) -> dict[str, Any]:
    person: dict[str, Any] = {"kind": subject.kind, "ref": house.vault.subject_pseudonym(reader, subject.id)}
    for category, section in subject.sections.items():
        if section.content is None or category not in PERSON_SECTIONS:
            continue
        told = dict(section.content)
        if category == c.FAMILY and "role" in told:  # filed there, said of the person
            person["role"] = told.pop("role")
        if told:
            person[SECTION_NAMES[category]] = told
    return person


def _about(persons: Sequence[dict[str, Any]]) -> dict[str, object]:
    """What was said of all children together goes back to the message: it was filed under each of them. What differs between
    them (somebody's rules withhold it) stays with each whose own it can be."""
    found: dict[str, object] = {}
    for category, fields in OF_CHILDREN.items():
        name = SECTION_NAMES[category]
        parts = [person.get(name, {}) for person in persons if person["kind"] == "child"]
        for field in sorted(fields):
            said = [part[field] for part in parts if field in part]
            if said and all(one == said[0] for one in said):
                found[field] = said[0]
                for part in parts:
                    part.pop(field, None)
        for person in persons:
            if person.get(name) == {}:
                del person[name]
    return found


def _attachment(one: Document, place: int) -> dict[str, object]:
    return {
        "category": one.category,
        "person": place,
        "document_type": one.document_type,
        "issued_on": one.issued_on,
        "signers": one.signers,
        "sha256": one.sha256,
    }
