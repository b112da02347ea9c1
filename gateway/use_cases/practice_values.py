"""Plain values of what an organisation does by its practice: courses of cases, timers, settings, scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.ids import CaseId, EntryId, MessageId, OrganisationId, SubjectId

CASE = "case"
MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class CourseTimer:
    """A timer of a practice. `ordinal`: which of several dues from one start. `next_at`: when the relay must look at it
    again (a warning, the due instant, the next who is told); `step`: how many were told that it passed."""

    id: str
    practice: str
    timer: str
    ordinal: int
    organisation_id: OrganisationId
    about_kind: str
    about: str
    started_at: datetime
    due_at: datetime
    reminder: bool = False
    warn_at: datetime | None = None
    next_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    paused_at: datetime | None = None
    step: int = 0
    done_at: datetime | None = None
    done_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """A pause of a timer: why is a code of the practice, never words."""

    timer_id: str
    begins: datetime
    ends: datetime | None
    reason: str
    actor: str


@dataclass(frozen=True, slots=True)
class CaseCourse:
    """Where a case stands by the practice of its holder."""

    case_id: CaseId
    organisation_id: OrganisationId
    practice: str
    stage: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CourseEvent:
    """One recorded event of a case. `salt` opens the commitment of its entry."""

    id: str
    case_id: CaseId
    organisation_id: OrganisationId
    practice: str
    event: str
    stage: str | None
    at: datetime
    recorded_at: datetime
    actor: str
    entry_id: EntryId
    salt: bytes


@dataclass(frozen=True, slots=True)
class PracticeSetting:
    """What an organisation set for its practice, as text."""

    organisation_id: OrganisationId
    practice: str
    name: str
    value: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class CaseScore:
    """A score of a case, sealed with one of its family: its holder's own."""

    id: str
    case_id: CaseId
    organisation_id: OrganisationId
    score: str
    at: datetime
    actor: str
    entry_id: EntryId
    salt: bytes
    sealed_with: SubjectId
    sealed: bytes


@dataclass(frozen=True, slots=True)
class DeliveredMessage:
    """What the start of a timer needs to know of a message that has come."""

    id: MessageId
    type: str
    sender_id: OrganisationId
    recipient_id: OrganisationId
    case_id: CaseId
    case_holder_id: OrganisationId
    trigger: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    concluded: bool = False
    """It put a matter to somebody about which its sender has noted a conclusion: nobody waits for an answer."""

    @property
    def says(self) -> Mapping[str, str | None]:
        """What it says by codes that rest open: its trigger, and its coded notes."""
        return {**self.notes, "trigger": self.trigger}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board: a timer of a practice, or (`practice` None) a term of the pack."""

    id: str
    practice: str | None
    timer: str
    about_kind: str
    about: str
    case_id: CaseId | None
    started_at: datetime | None
    due_at: datetime
    reminder: bool
    warned_at: datetime | None
    breached_at: datetime | None
    paused_at: datetime | None
