"""A message after the door as a document: plain values as JSON, or a draft that XML and CSV are written from."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from gateway.use_cases.disclose import DisclosedCase
from gateway.use_cases.house import House
from gateway.use_cases.values import MessageOnFile, Organisation
from schemas import categories as c
from schemas.ids import EntryId, OrganisationId
from schemas.messages import MessageDraft


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
    fields = {c.IDENTITY: "identity", c.IDENTIFIERS: "identifiers", c.CONTACT: "contact", c.WHEREABOUTS: "whereabouts"}
    for subject in content.subjects:
        released = {category: s.content for category, s in subject.sections.items() if s.content is not None}
        person: dict[str, object] = {"kind": subject.kind, "ref": house.vault.subject_pseudonym(reader, subject.id)}
        person |= {name: released[category] for category, name in fields.items() if category in released}
        persons.append(person)
        for category in (c.RISK, c.PLAN):
            about |= released.get(category, {})
    try:
        return MessageDraft.model_validate(
            {
                "operation_id": message.operation_id,
                "type": message.type,
                "sender_ogrn": sender.ogrn,
                "recipient_ogrn": recipient.ogrn,
                "urgency": message.urgency,
                "created_at": message.submitted_at,
                "reg_number": message.reg_number,
                "reg_on": message.reg_on,
                "trigger": message.trigger,
                "statute": message.statute,
                "persons": persons,
                **about,
            }
        )
    except ValidationError:
        return None
