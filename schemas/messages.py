"""Messages between organisations, as every edge hands them in: a draft, before anything is checked against the store.

Types are data (`message_types.csv`): whom a message is about, which sections and notes it may carry, what its recipient
may answer. The lanes it may travel in are data of the pack. A draft is what a partner *says*; nothing in it is a fact: the
gate gathers facts from the store, never from the client's word.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import resources
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from schemas import categories as c
from schemas.attachments import AttachmentDraft
from schemas.ids import Category
from schemas.lifecycle import Event
from schemas.model import Model
from schemas.sections import (
    Code,
    Contact,
    Education,
    Family,
    Health,
    Identifiers,
    Identity,
    LegalStatusSection,
    Line,
    MessageRequest,
    Offences,
    Psychology,
    Reporter,
    Risk,
    SocioEconomic,
    Text,
    Whereabouts,
)

LOOKUP_ECHO: Final = "lookup_echo"
"""The type by which a holder is told that its summary was read."""

Urgency = Literal["emergency", "urgent", "planned"]
SubjectKind = Literal["child", "parent"]
OperationId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", to_lower=True)
]


def _in_utc(value: datetime) -> datetime:
    """Raises ValueError for what no calendar of UTC has: the first hours of the year 1 east of Greenwich."""
    try:
        value.astimezone(UTC)
    except OverflowError:
        msg = "an instant that UTC cannot say"
        raise ValueError(msg) from None
    return value


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Ogrn = Annotated[str, StringConstraints(pattern=r"^[0-9]{13}$|^[0-9]{15}$")]


@dataclass(frozen=True, slots=True)
class MessageType:
    """One row of `message_types.csv`. `persons`: child (at least one is named), any, or none (it names nobody).
    `lane_of`: thread, corrected (it travels as the message it belongs to) or gateway (nobody else may send it).
    `answered_by`: the type of message that ends it by the event `answer`, or empty."""

    code: str
    name_ru: str
    name_en: str
    lane_of: str
    persons: str
    sections: frozenset[Category]
    events: frozenset[Event]
    answered_by: str

    @property
    def allowed(self) -> frozenset[Category]:
        """The categories that a message of this type may have; all where it follows another."""
        return self.sections or frozenset(c.MESSAGE_CATEGORIES)

    @property
    def asked(self) -> tuple[Category, ...]:
        """Those of them that its recipient may ask for, in the order of reading: never who reported. Who somebody is to the
        child (`PersonDraft.role`) belongs to FAM, and goes with every type that names people."""
        named = self.allowed | {c.FAMILY} if self.persons != "none" else self.allowed
        return tuple(category for category in c.SECTION_CATEGORIES if category in named)


@functools.cache
def message_types() -> Mapping[str, MessageType]:
    """All message types by code."""
    table = resources.files("schemas").joinpath("data", "message_types.csv").read_text("utf-8")
    return {
        row["code"]: MessageType(
            row["code"],
            row["name_ru"],
            row["name_en"],
            row["lane_of"],
            row["persons"],
            frozenset(Category(code) for code in filter(None, row["sections"].split("|"))),
            frozenset(Event(event) for event in filter(None, row["events"].split("|"))),
            row["answered_by"],
        )
        for row in csv.DictReader(table.splitlines())
    }


class PersonDraft(Model):
    """One person in a message. `ref` is the sender's own identifier of the person, not shown to the recipient. The parts
    are sections of one data category each; which of them a type of message may carry stands in `message_types.csv`. `role` is
    filed under FAM, as all ties are."""

    kind: SubjectKind
    ref: Line | None = None
    role: Code | None = None
    identity: Identity | None = None
    identifiers: Identifiers | None = None
    contact: Contact | None = None
    whereabouts: Whereabouts | None = None
    family: Family | None = None
    legal_status: LegalStatusSection | None = None
    risk: Risk | None = None
    plan: MessageRequest | None = None
    health: Health | None = None
    psychology: Psychology | None = None
    education: Education | None = None
    socio_economic: SocioEconomic | None = None
    offences: Offences | None = None

    def parts(self) -> dict[Category, dict[str, object]]:
        """The sections that are there, as plain JSON values; what is empty is left out."""
        found = {}
        for category, name in c.SECTION_NAMES.items():
            part = getattr(self, name, None)
            if part is not None and (value := part.model_dump(mode="json", exclude_defaults=True)):
                found[category] = value
        if self.role:
            found[c.FAMILY] = {**found.get(c.FAMILY, {}), "role": self.role}
        return found


class NoteDraft(Model):
    """One dated or coded word beside the sections: `field` stands in `message_notes.csv`."""

    field: Code
    value: Text


class MessageDraft(Model):
    """A message to be sent. `operation_id` is chosen by the sender and makes a repeat harmless (law 9).

    `purpose`, the `trigger` of a SIGNAL (rules 3.2) and `consent_id` are claims, stored as such; the gate decides on facts.
    `answers` is the message that this one answers: it joins its thread. `corrects` is one of the sender's own, sent before.
    `notes` are dates and codes by field of `message_notes.csv`, and words that name nobody. `reporter` told of a signal by
    phone, on paper or in person. `direct` says that a threat is direct, by which a named person answers for it. `agenda`
    puts several messages on one meeting's list: an identifier that the sender makes up. `created_at` is the sender's own time,
    beside the number and the date of its register; `declarer` says who answers for a direct threat that a system reports.
    """

    operation_id: OperationId
    type: Code
    sender_ogrn: Ogrn
    recipient_ogrn: Ogrn
    urgency: Urgency = "planned"
    created_at: Instant | None = None
    reg_number: Line | None = None
    reg_on: date | None = None
    purpose: Code | None = None
    trigger: Code | None = None
    statute: Line | None = None
    consent_id: OperationId | None = None
    answers: OperationId | None = None
    corrects: OperationId | None = None
    agenda: OperationId | None = None
    notes: tuple[NoteDraft, ...] = ()
    persons: tuple[PersonDraft, ...] = ()
    concerns: tuple[Code, ...] = ()
    statement: Text | None = None
    observed_on: date | None = None
    services: tuple[Code, ...] = ()
    requested_action: Text | None = None
    family_aware: bool | None = None
    reporter: Reporter | None = None
    direct: bool = False
    declarer: Line | None = None
    attachments: tuple[AttachmentDraft, ...] = ()

    def sections_of(self, person: PersonDraft) -> dict[Category, dict[str, object]]:
        """The content about one person by category, as plain JSON values; what is empty is left out.

        The concern, whether the family knows, the request and who reported it belong to the children: they are filed under each
        child's RSK, PLN, REP.
        """
        found = person.parts()
        if person.kind == "child":
            for category, fields in OF_CHILDREN.items():
                value = self.model_dump(mode="json", include=fields, exclude_defaults=True)
                if value:
                    found[category] = {**value, **found.get(category, {})}
            if self.reporter and (told := self.reporter.model_dump(mode="json", exclude_defaults=True)):
                found[c.REPORTER] = told
        return found


OF_CHILDREN: Final[Mapping[Category, set[str]]] = {
    c.RISK: {"concerns", "statement", "observed_on", "family_aware"},
    c.PLAN: {"services", "requested_action"},
}
"""Fields of a message that are filed with each child."""
