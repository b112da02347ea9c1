"""By what somebody acts for a person of a case: parentage, guardianship, a court's decision. A dated object of its own, so that
a consent given under it stops when it does.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from schemas.messages import OperationId, SubjectKind
from schemas.model import Model
from schemas.sections import Identifiers, Line, PartialDate


class AuthorityDraft(Model):
    """An authority to be recorded, or what has become of one: the same `authority_id`, which its recorder chooses, is the same
    authority. The paper stays with the holder: `evidence_digest` is the SHA-256 of its scan; `identifiers` are of the person
    who is spoken for, and are indexed."""

    authority_id: OperationId
    subject_ref: Line
    subject_kind: SubjectKind
    birth_date: PartialDate | None = None
    identifiers: Identifiers | None = None
    who: Literal["mother", "father", "guardian"]
    holder_ref: Line
    holder_birth_date: PartialDate | None = None  # a parent under sixteen does not act alone (RU-SK-62-1)
    rights: Literal["full", "limited", "terminated"] = "full"
    verified: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    evidence_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
