"""What use cases need of the world. `gateway.storage` implements these on SQLite and PostgreSQL; one suite tests both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from consent.records import ConsentEvent
from gateway.evidence.export import SequencedEntry
from gateway.use_cases.values import (
    Authority,
    Client,
    ConsentOnFile,
    DisclosureRow,
    Gathered,
    MessageOnFile,
    Organisation,
    Person,
    ReceiptOnFile,
    SealedSection,
    SummaryHeader,
)
from schemas.ids import (
    CaseId,
    Category,
    ClientId,
    ConsentId,
    EntryId,
    MessageId,
    OrganisationId,
    PersonId,
    SubjectId,
    SummaryId,
)


class Participants(Protocol):
    """Organisations, people, systems."""

    def add_organisation(self, organisation: Organisation) -> None: ...
    def organisation(self, organisation_id: OrganisationId) -> Organisation | None: ...
    def organisation_by_ogrn(self, ogrn: str) -> Organisation | None: ...
    def organisations(self) -> Sequence[Organisation]: ...
    def add_person(self, person: Person) -> None: ...
    def person_by_login(self, login: str) -> Person | None: ...
    def person(self, person_id: PersonId) -> Person | None: ...
    def people(self) -> Sequence[Person]: ...
    def add_client(self, client: Client) -> None: ...
    def client(self, client_id: ClientId) -> Client | None: ...
    def remember_assertion(self, client_id: ClientId, jti_digest: str, expires_at: datetime, now: datetime) -> bool:
        """False if this assertion was seen before."""
        ...

    def add_session(self, token_digest: str, person_id: PersonId, now: datetime, expires_at: datetime) -> None: ...
    def session_person(self, token_digest: str, now: datetime) -> Person | None: ...
    def end_session(self, token_digest: str) -> None: ...


class Families(Protocol):
    """Subjects, cases, and the facts that are recorded about them."""

    def add_case(self, case_id: CaseId, holder_id: OrganisationId, practice: str | None, now: datetime) -> None: ...
    def add_subject(
        self,
        subject_id: SubjectId,
        kind: str,
        registered_by: OrganisationId,
        decision_facts: bytes,
        now: datetime,
        *,
        synthetic: bool,
    ) -> None: ...
    def attach(self, case_id: CaseId, subject_ids: Sequence[SubjectId]) -> None: ...
    def case_holder(self, case_id: CaseId) -> OrganisationId | None: ...
    def case_subjects(self, case_id: CaseId) -> Sequence[SubjectId]: ...
    def case_of(self, holder_id: OrganisationId, subject_ids: Sequence[SubjectId]) -> CaseId | None:
        """The holder's newest case with any of these subjects."""
        ...

    def registered(self, organisation_id: OrganisationId, subject_ids: Sequence[SubjectId]) -> Sequence[SubjectId]:
        """Those of `subject_ids` that the organisation itself registered, in their order."""
        ...

    def record_fact(
        self,
        subject_id: SubjectId,
        fact: str,
        set_by: OrganisationId,
        from_at: datetime,
        *,
        about_id: SubjectId | None = None,
        participants: Sequence[OrganisationId] = (),
        evidence_digest: str | None = None,
    ) -> None: ...
    def add_authority(self, authority: Authority) -> None: ...
    def cases_of_holder(self, holder_id: OrganisationId, limit: int) -> Sequence[CaseId]: ...


class Consents(Protocol):
    """Consent records and their events."""

    def add(self, consent: ConsentOnFile, now: datetime) -> None: ...
    def add_event(self, consent_id: ConsentId, event: ConsentEvent, evidence_digest: str | None) -> None: ...
    def get(self, consent_id: ConsentId) -> ConsentOnFile | None: ...
    def recipients_reached(self, consent_id: ConsentId) -> Sequence[tuple[CaseId, OrganisationId]]:
        """Organisations that were shown anything on this consent, with the case: whom a withdrawal must recall."""
        ...


class Facts(Protocol):
    """Facts for the gate, in a bounded number of statements whatever the size of the page."""

    def of_cases(self, requester_id: OrganisationId, case_ids: Sequence[CaseId], now: datetime) -> Gathered: ...
    def of_related_page(
        self, requester_id: OrganisationId, after: CaseId | None, limit: int, now: datetime
    ) -> Gathered: ...
    def of_message(self, requester_id: OrganisationId, message_id: MessageId, now: datetime) -> Gathered: ...
    def of_sending(
        self,
        sender_id: OrganisationId,
        recipient_id: OrganisationId,
        case_id: CaseId,
        subject_ids: Sequence[SubjectId],
        now: datetime,
    ) -> Gathered: ...
    def unchanged(self, versions: Mapping[str, int]) -> bool:
        """Whether the versions still hold; where the store allows it, they are locked against change until commit."""
        ...

    def bump(self, keys: Iterable[str]) -> None: ...
    def lock(self, key: str) -> None:
        """Nobody else passes this point for the same key before this unit ends."""
        ...


class Summaries(Protocol):
    """Published summaries and their sealed sections."""

    def current_version(self, case_id: CaseId) -> int: ...
    def add(self, case_id: CaseId, header: SummaryHeader, sections: Sequence[SealedSection]) -> None: ...
    def sections(self, summary_ids: Sequence[SummaryId], categories: Sequence[Category]) -> Sequence[SealedSection]: ...


class Messages(Protocol):
    """Messages, their receipts and sealed sections, and the outbox row that goes with them."""

    def add(
        self, message: MessageOnFile, subject_ids: Sequence[SubjectId], sections: Sequence[SealedSection]
    ) -> None: ...
    def get(
        self, message_id: MessageId, party: OrganisationId, now: datetime, *, lock: bool = False
    ) -> MessageOnFile | None:
        """A message that `party` sent or was sent; None for any other, by the same statements as for an invented one
        (law 6). With `lock`, nobody else changes it before this unit ends."""
        ...

    def by_operation(self, sender_id: OrganisationId, operation_id: str, now: datetime) -> MessageOnFile | None: ...
    def advance(
        self,
        message_id: MessageId,
        receipt: ReceiptOnFile,
        *,
        reason: str | None = None,
        alternatives: Sequence[OrganisationId] = (),
    ) -> None: ...
    def queue(
        self, organisation_id: OrganisationId, box: str, after: MessageId | None, limit: int, now: datetime
    ) -> Sequence[MessageOnFile]: ...
    def sections(self, message_id: MessageId, categories: Sequence[Category]) -> Sequence[SealedSection]: ...
    def waiting(self, now: datetime) -> bool: ...
    def positions_due(self, limit: int, now: datetime) -> Sequence[int]: ...
    def put_off(self, position: int, now: datetime, first: timedelta, longest: timedelta) -> None:
        """Count an attempt and wait twice as long as before, at most `longest`."""
        ...

    def due(self, limit: int, now: datetime, position: int | None = None) -> Sequence[tuple[int, MessageOnFile]]:
        """Outbox rows that wait for delivery, oldest first; locked against other relays where the store allows it."""
        ...

    def done(self, position: int, now: datetime) -> None: ...
    def add_import(
        self, organisation_id: OrganisationId, file_digest: str, form: str, now: datetime, report: Mapping[str, object]
    ) -> str: ...


class Log(Protocol):
    """The log: append in the hot path, sequence in batches by one leader."""

    def append(self, entry_id: EntryId, kind: str, at: datetime, body: bytes, leaf_hash: bytes) -> None: ...
    def link(self, rows: Sequence[DisclosureRow]) -> None: ...
    def lead(self) -> bool:
        """Take the sequencer's lock for this unit of work; False if another has it."""
        ...

    def unsequenced(self, limit: int) -> Sequence[tuple[EntryId, bytes]]: ...
    def place(self, entry_ids: Sequence[EntryId], first_index: int) -> None: ...
    def latest_checkpoint(self) -> tuple[int, bytes, str, Sequence[object]] | None: ...
    def add_checkpoint(
        self, tree_size: int, root: bytes, note: str, frontier: Sequence[object], at: datetime
    ) -> None: ...
    def entry(self, entry_id: EntryId) -> tuple[int | None, bytes] | None: ...
    def concerns(self, entry_id: EntryId, organisation_id: OrganisationId) -> bool:
        """Whether the entry is about a case of this organisation, or about what it was shown."""
        ...

    def places(self, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, int | None]: ...
    def leaves(self, tree_size: int) -> Sequence[bytes]: ...
    def entries(self, after: int, limit: int) -> Sequence[SequencedEntry]: ...
    def checkpoints(self) -> Sequence[tuple[int, str]]: ...
    def disclosures(
        self, organisation_id: OrganisationId, case_id: CaseId | None, limit: int
    ) -> Sequence[DisclosureRow]: ...


class Unit(Protocol):
    """One unit of work: everything in it is committed together or not at all."""

    @property
    def participants(self) -> Participants: ...
    @property
    def families(self) -> Families: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def summaries(self) -> Summaries: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def log(self) -> Log: ...


class Store(Protocol):
    """Where units of work come from."""

    def reading(self) -> AbstractContextManager[Unit]:
        """A consistent view; nothing can be written through it."""
        ...

    def writing(self) -> AbstractContextManager[Unit]:
        """A unit of work, committed when the block ends well and rolled back when it raises."""
        ...
