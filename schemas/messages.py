"""Messages between organisations, as every edge hands them in: a draft, before anything is checked against the store.

Types are data (`message_types.csv`); the lanes they may travel in are data too (`message_lanes.csv`). A draft is what a
partner *says*; nothing in it is a fact: the gate gathers facts from the store, never from the client's word.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Annotated, Literal

from pydantic import AwareDatetime, StringConstraints

from schemas import categories as c
from schemas.ids import Category
from schemas.model import Model
from schemas.sections import Code, Contact, Identifiers, Identity, Line, Text, Whereabouts

Urgency = Literal["emergency", "urgent", "planned"]
SubjectKind = Literal["child", "parent"]
OperationId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", to_lower=True)
]
Ogrn = Annotated[str, StringConstraints(pattern=r"^\d{13}$|^\d{15}$")]


@dataclass(frozen=True, slots=True)
class MessageType:
    """One row of `message_types.csv`."""

    code: str
    name_ru: str
    answers: frozenset[str]


@functools.cache
def message_types() -> Mapping[str, MessageType]:
    """All message types by code."""
    table = resources.files("schemas").joinpath("data", "message_types.csv").read_text("utf-8")
    return {
        row["code"]: MessageType(
            row["code"], row["name_ru"], frozenset(filter(None, row["answer_expected"].split("|")))
        )
        for row in csv.DictReader(table.splitlines())
    }


class PersonDraft(Model):
    """One person in a message. `ref` is the sender's own identifier of the person, not shown to the recipient."""

    kind: SubjectKind
    ref: Line | None = None
    role: Code | None = None
    identity: Identity | None = None
    identifiers: Identifiers | None = None
    contact: Contact | None = None
    whereabouts: Whereabouts | None = None


class MessageDraft(Model):
    """A message to be sent. `operation_id` is chosen by the sender and makes a repeat harmless (law 9).

    `purpose`, the `trigger` of a SIGNAL (rules 3.2) and `consent_id` are claims, stored as such; the gate decides on facts.
    """

    operation_id: OperationId
    type: Code
    sender_ogrn: Ogrn
    recipient_ogrn: Ogrn
    urgency: Urgency = "planned"
    created_at: AwareDatetime | None = None
    reg_number: Line | None = None
    reg_on: date | None = None
    purpose: Code | None = None
    trigger: Code | None = None
    statute: Line | None = None
    consent_id: OperationId | None = None
    persons: tuple[PersonDraft, ...] = ()
    concerns: tuple[Code, ...] = ()
    statement: Text | None = None
    observed_on: date | None = None
    services: tuple[Code, ...] = ()
    requested_action: Text | None = None
    family_aware: bool | None = None

    def sections_of(self, person: PersonDraft) -> dict[Category, dict[str, object]]:
        """The content about one person by category, as plain JSON values; what is empty is left out.

        The concern and the request belong to the children: they are filed under each child's RSK and PLN.
        """
        found: dict[Category, dict[str, object]] = {}
        for category, part in (
            (c.IDENTITY, person.identity),
            (c.IDENTIFIERS, person.identifiers),
            (c.CONTACT, person.contact),
            (c.WHEREABOUTS, person.whereabouts),
        ):
            if part is not None and (value := part.model_dump(mode="json", exclude_defaults=True)):
                found[category] = value
        if person.kind == "child":
            concern = self.model_dump(
                mode="json", include={"concerns", "statement", "observed_on"}, exclude_defaults=True
            )
            request = self.model_dump(mode="json", include={"services", "requested_action"}, exclude_defaults=True)
            if concern:
                found[c.RISK] = concern
            if request:
                found[c.PLAN] = request
        return found


@dataclass(frozen=True, slots=True)
class Receipt:
    """A fact about a message that both sides see: who brought it into which state, when, and who vouches for it."""

    state: str
    at: datetime
    organisation: str
    attested_by: Literal["gateway", "partner"]
