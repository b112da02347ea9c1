"""A message after the door as a document: plain values as JSON, or a draft that XML and CSV are written from."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from gateway.use_cases.disclose import DisclosedCase
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
) -> MessageDraft | None:
    """The released part as a draft. None where that has no place in one: a sender whose name is protected, a number of which
    only the last digits are shown."""
    if message.sender_protected:
        return None
    persons: list[dict[str, object]] = []
    about: dict[str, object] = {}
    for subject in content.subjects:
        person: dict[str, object] = {"kind": subject.kind, "ref": house.vault.subject_pseudonym(reader, subject.id)}
        for category, section in subject.sections.items():
            if section.content is None or category not in PERSON_SECTIONS:
                continue
            told = dict(section.content)
            if category == c.FAMILY and "role" in told:
                person["role"] = told.pop("role")
            for name in sorted(OF_CHILDREN.get(category, set()) & told.keys()):
                if about.setdefault(name, told[name]) == told[name]:  # else it is said of this child alone
                    del told[name]
            if told:
                person[SECTION_NAMES[category]] = told
        persons.append(person)
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
                "trigger": message.trigger,
                "statute": message.statute,
                "notes": [{"field": name, "value": value} for name, value in message.notes.items()],
                "persons": persons,
                **about,
            }
        )
    except ValidationError:
        return None
