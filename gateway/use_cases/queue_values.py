"""Plain values of the queue. Identifiers, codes, instants; names and addresses of staff and offices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gateway.use_cases.values import MessageOnFile, Organisation
from schemas.duty import DutySchedule
from schemas.ids import CaseId, MessageId, OrganisationId, PersonId, SubjectId

UNOPENED: Final = "unopened"
UNANSWERED: Final = "unanswered"
DONE: Final = "done"

WAITING: Final = "waiting"
SENT: Final = "sent"
FAILED: Final = "failed"
TO_RING: Final = "to_ring"
NOBODY: Final = "nobody"
DROPPED: Final = "dropped"
RUNG: Final = "rung"
"""States of an alert. `to_ring`: a number that somebody has to dial; `rung`: a call was recorded; `nobody`: there was no
contact; `dropped`: the message was opened or answered first."""

PHONE: Final = "phone"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Where a message stands in its recipient's queue. `since`: when its stage began."""

    message_id: MessageId
    organisation_id: OrganisationId
    case_id: CaseId
    rank: int
    stage: str
    person_id: PersonId | None
    since: datetime
    due_at: datetime
    step: int = 0
    step_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether work is left to do."""
        return self.stage != DONE


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One line of a queue: the item, the message without receipts, and the organisation that sent it."""

    item: QueueItem
    message: MessageOnFile
    sender_kind: str
    sender_name: str | None  # none: its name would say where somebody is


@dataclass(frozen=True, slots=True)
class Tabs:
    """How many messages stand in each view, at most `TAB_LIMIT` of each."""

    mine: int
    free: int
    all: int
    overdue: int


TAB_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff as far as a queue knows: active or not."""

    id: PersonId
    name: str
    login: str
    roles: frozenset[str]
    active: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away; the substitute, if one was named, does the work."""

    id: str
    organisation_id: OrganisationId
    person_id: PersonId
    substitute_id: PersonId | None
    from_at: datetime
    to_at: datetime
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StandIn:
    """A case that a substitute works on during an absence."""

    id: str
    absence_id: str
    case_id: CaseId
    organisation_id: OrganisationId
    person_id: PersonId
    from_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """How a message went from hand to hand. `sealed_note` is readable with the key of `sealed_with`."""

    id: str
    message_id: MessageId
    organisation_id: OrganisationId
    kind: str
    from_id: PersonId | None
    to_id: PersonId | None
    actor: str
    at: datetime
    reason: str | None = None
    sealed_with: SubjectId | None = None
    sealed_note: bytes | None = None


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a chain that was made: after which term, and whom it told."""

    id: str
    message_id: MessageId
    stage: str
    step: int
    timer: str
    told: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody rang an office about a message: which line, when, with which result."""

    id: str
    message_id: MessageId
    organisation_id: OrganisationId
    actor: str
    line: str
    rang_at: datetime
    result: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """One way to tell one contact."""

    contact: str
    name: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: to whom, by which channel, and what became of it. `rest` are the ways that are tried when it fails."""

    id: str
    organisation_id: OrganisationId
    message_id: MessageId | None
    kind: str
    urgency: str
    urgent: bool
    way: Way
    language: str
    rest: tuple[Way, ...]
    state: str
    available_at: datetime
    made_at: datetime
    attempts: int = 0
    ended_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation with its schedule, staff and who is away now: what choosing somebody to tell rests on."""

    organisation: Organisation
    schedule: DutySchedule
    staff: tuple[Staff, ...] = ()
    away: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """A message whose step is due, with what its chain needs to know."""

    item: QueueItem
    type: str
    urgency: str
    sender_id: OrganisationId
    told: frozenset[str] = field(default_factory=frozenset)  # contacts of the recipient that were told already


Offices = Mapping[OrganisationId, Office]
