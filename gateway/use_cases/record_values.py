"""Plain values of what an organisation keeps of its own cases: records, terms that ran, who works on what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.ids import CaseId, EntryId, OrganisationId, PersonId, SubjectId


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One record of a case, sealed with somebody of its family. `salt` opens the commitment of its entry."""

    id: str
    case_id: CaseId
    organisation_id: OrganisationId
    practice: str
    kind: str
    at: datetime
    recorded_at: datetime
    actor: str
    entry_id: EntryId
    salt: bytes
    sealed_with: SubjectId
    sealed: bytes

    @property
    def place(self) -> str:
        """What it is sealed for."""
        return place_of(self.id)


@dataclass(frozen=True, slots=True)
class RanTerm:
    """A term of a practice about a case: by when, and when it was met."""

    due_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A case that the organisation keeps by its practice, and one who works on it; nobody is None."""

    person_id: PersonId | None
    name: str | None
    case_id: CaseId
    stage: str


def place_of(record_id: str) -> str:
    """What a record is sealed for: it cannot be moved to another."""
    return f"record:{record_id}"
