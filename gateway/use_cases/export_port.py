"""Plain values of exports, and what their use cases need of the store: pages of what an organisation has of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from gateway.use_cases.attachment_values import Attachment
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.joint_values import Agenda, AgendaItem, JointDecision
from gateway.use_cases.practice_values import CaseScore, CourseEvent, CourseTimer
from gateway.use_cases.queue_values import Move
from gateway.use_cases.record_values import CaseRecord
from gateway.use_cases.values import (
    Authority,
    ConsentOnFile,
    MessageOnFile,
    RecordedFact,
    SealedSection,
    SubjectOnFile,
    SummaryHeader,
    Timer,
)
from schemas.ids import CaseId, Category, EntryId, MessageId, OrganisationId, SubjectId, SummaryId, ThreadId

RUNNING: Final = "running"
DONE: Final = "done"
CANCELLED: Final = "cancelled"
KEPT: Final = "kept"
KINDS: Final = (
    "case",
    "consent",
    "authority",
    "sent",
    "received",
    "version",
    "fact",
    "document",
    "timer",
    "term",
    KEPT,
    "note",
    "agenda",
    "joint",
)
"""What a whole export goes through, in this order, each by its identifier. A new one comes last: an export that was begun
before goes on from where it stands."""


def kinds_of(form: str) -> tuple[str, ...]:
    """Those that an export in this form has: own lists are no cases yet, and FHIR has no place for them."""
    return tuple(kind for kind in KINDS if form != "fhir" or kind != KEPT)


@dataclass(frozen=True, slots=True)
class ExportPart:
    """A part of a whole export, or the one part of an export of a case or a thread. `until` is the last of its kind in it."""

    number: int
    kind: str
    until: str
    items: int
    at: datetime
    entry_id: EntryId
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ExportOnFile:
    """An export that was begun. `own`: nothing of others is in it."""

    id: str
    organisation_id: OrganisationId
    actor: str
    scope: str
    form: str
    own: bool
    state: str
    begun_at: datetime
    ended_at: datetime | None = None
    totals: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[ExportPart, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case of its holder with the family and the header of its current summary."""

    id: CaseId
    practice: str | None
    opened_at: datetime
    ended_at: datetime | None
    subjects: tuple[tuple[SubjectId, str], ...]
    summary: SummaryHeader | None


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document of a message that its sender takes away. `withdrawn`: the message was taken back."""

    document: Attachment
    sent_at: datetime
    withdrawn: bool


class KeptPages(Protocol):
    """What an organisation keeps beside cases, consents and messages, by identifier."""

    def versions(self, holder_id: OrganisationId, after: str, limit: int) -> Sequence[OwnCase]:
        """Cases with each a version of their summary that is not the current one."""
        ...

    def scores(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CaseScore]: ...
    def facts(
        self, organisation_id: OrganisationId, without: Collection[str], after: str, limit: int
    ) -> Sequence[RecordedFact]:
        """What it recorded, in force or not any more, without copies in other files."""
        ...

    def documents(
        self, organisation_id: OrganisationId, without: Sequence[Category], after: str, limit: int
    ) -> Sequence[SentDocument]:
        """Of messages that it sent."""
        ...

    def documents_of(self, message_ids: Sequence[MessageId], without: Sequence[Category]) -> Sequence[Attachment]: ...
    def practice_timers(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[CourseTimer]:
        """Running or over."""
        ...

    def terms(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Timer]: ...
    def kept(self, organisation_id: OrganisationId, now: datetime, after: str, limit: int) -> Sequence[KeptRecord]: ...
    def notes(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Move]:
        """Handings over at which a note was written."""
        ...

    def agendas(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Agenda]: ...
    def agenda_items(self, agenda_ids: Sequence[str]) -> Sequence[AgendaItem]: ...
    def joint_decisions(self, proposer_id: OrganisationId, after: str, limit: int) -> Sequence[JointDecision]: ...
    def members(self, subject_ids: Sequence[SubjectId]) -> Sequence[SubjectOnFile]:
        """Kinds and sealed decision facts."""
        ...


class Exports(KeptPages, Protocol):
    """Exports on file, and pages of an organisation's own data, each in a bounded number of statements."""

    def add(self, export: ExportOnFile) -> None: ...
    def get(self, export_id: str, organisation_id: OrganisationId, *, lock: bool = False) -> ExportOnFile | None: ...
    def of_organisation(self, organisation_id: OrganisationId, scope: str, limit: int) -> Sequence[ExportOnFile]:
        """The newest first."""
        ...

    def taken(self, organisation_id: OrganisationId, since: datetime) -> int:
        """How many files with data of others this organisation took since then."""
        ...

    def put_part(self, export_id: str, part: ExportPart) -> None:
        """A part, in the place of one with the same number and of those after it."""
        ...

    def move(self, export_id: str, state: str, ended_at: datetime | None) -> None: ...
    def read_by(self, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, str]:
        """The form of the file that left, for those of these readings that were an export."""
        ...

    def count(
        self,
        organisation_id: OrganisationId,
        form: str,
        without: Sequence[Category],
        hidden: Collection[str],
        now: datetime,
    ) -> Mapping[str, int]:
        """How many of each of `kinds_of(form)` there are: documents without these categories, facts without those hidden."""
        ...

    def cases(self, holder_id: OrganisationId, after: str, limit: int) -> Sequence[OwnCase]: ...
    def case(self, holder_id: OrganisationId, case_id: CaseId) -> OwnCase | None: ...
    def consents(self, discloser_id: OrganisationId, after: str, limit: int) -> Sequence[ConsentOnFile]: ...
    def authorities(self, organisation_id: OrganisationId, after: str, limit: int) -> Sequence[Authority]:
        """About children whom this organisation has in its files now."""
        ...

    def messages(
        self, organisation_id: OrganisationId, kind: str, after: str, limit: int, now: datetime
    ) -> Sequence[MessageOnFile]:
        """Those it sent, or those that came to it, with receipts."""
        ...

    def thread(self, thread_id: ThreadId, party: OrganisationId, limit: int, now: datetime) -> Sequence[MessageOnFile]:
        """The messages of a thread that `party` sent or that came to it, the oldest first."""
        ...

    def kinds(self, subject_ids: Sequence[SubjectId]) -> Mapping[SubjectId, str]:
        """Child or parent."""
        ...

    def people(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, Sequence[tuple[SubjectId, str]]]: ...
    def summary_sections(
        self, summary_ids: Sequence[SummaryId], without: Sequence[Category]
    ) -> Sequence[SealedSection]: ...
    def sent_sections(self, message_ids: Sequence[MessageId], without: Sequence[Category]) -> Sequence[SealedSection]:
        """What the sender itself wrote: what it passed on unopened is not its own."""
        ...

    def records(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CaseRecord]: ...
    def events(self, case_ids: Sequence[CaseId], organisation_id: OrganisationId) -> Sequence[CourseEvent]: ...
