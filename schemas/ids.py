"""Identifiers that have been checked or issued get a type of their own, so that a raw string cannot take their place."""

from __future__ import annotations

import re
import uuid
from typing import Final, NewType

OrganisationId = NewType("OrganisationId", str)
PersonId = NewType("PersonId", str)  # a member of staff, never a member of a family
ClientId = NewType("ClientId", str)
SubjectId = NewType("SubjectId", str)  # a member of a family; random, known only inside
CaseId = NewType("CaseId", str)
SectionId = NewType("SectionId", str)
SummaryId = NewType("SummaryId", str)
MessageId = NewType("MessageId", str)
ThreadId = NewType("ThreadId", str)
ConsentId = NewType("ConsentId", str)
AuthorityId = NewType("AuthorityId", str)
EntryId = NewType("EntryId", str)
FactId = NewType("FactId", str)
HoldId = NewType("HoldId", str)
EndpointId = NewType("EndpointId", str)
DeliveryId = NewType("DeliveryId", str)
Pseudonym = NewType("Pseudonym", str)  # what one organisation sees of a subject or a case
Category = NewType("Category", str)  # a data category of the pack, e.g. "ID"

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether a text that somebody sent could be an identifier of ours at all."""
    return _ID.fullmatch(text) is not None


def new_id() -> str:
    """A random identifier (UUID version 4, lower case). It carries no time, so it tells nothing about a case."""
    return str(uuid.uuid4())
