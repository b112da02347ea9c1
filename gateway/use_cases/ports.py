"""What use cases need of the world. `gateway.storage` implements these on SQLite and PostgreSQL; one suite tests both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Protocol

from consent.records import ConsentEvent
from gateway.evidence.export import SequencedEntry
from gateway.use_cases.attachment_values import Attachments
from gateway.use_cases.certificate_values import Certificates
from gateway.use_cases.delivery_values import (
    DeliveryEvent,
    DeliveryRow,
    Endpoint,
    EndpointCounts,
    EndpointState,
    Errand,
    Parcel,
    SignedReceipt,
)
from gateway.use_cases.directory_port import DirectoryStore
from gateway.use_cases.draft_values import Drafts
from gateway.use_cases.export_port import Exports
from gateway.use_cases.import_values import Imports
from gateway.use_cases.intake_values import KeptRecords, MappingProfiles
from gateway.use_cases.package_port import Packages
from gateway.use_cases.ports_joint import Agendas, JointDecisions
from gateway.use_cases.ports_queues import Alerts, Queues
from gateway.use_cases.practice_ports import PracticeStore
from gateway.use_cases.record_ports import CaseRecordStore
from gateway.use_cases.seal_key_values import SealKeys
from gateway.use_cases.taken_values import Taken
from gateway.use_cases.values import (
    Authority,
    Bookmark,
    Client,
    ConsentOnFile,
    DisclosureRow,
    Emergency,
    FactEvent,
    Gathered,
    Hold,
    Lookup,
    MessageOnFile,
    Notice,
    Organisation,
    PackOnFile,
    Person,
    Reached,
    ReceiptOnFile,
    RecordedFact,
    SealedSection,
    SummaryHeader,
    Timer,
)
from schemas.ids import (
    AuthorityId,
    CaseId,
    Category,
    ClientId,
    ConsentId,
    DeliveryId,
    EndpointId,
    EntryId,
    FactId,
    HoldId,
    MessageId,
    OrganisationId,
    PersonId,
    SubjectId,
    SummaryId,
    ThreadId,
)
from schemas.lifecycle import State


class Participants(Protocol):
    """Organisations, people, systems."""

    def add_organisation(self, organisation: Organisation) -> None: ...
    def change_organisation(self, organisation: Organisation) -> None: ...
    def organisation(self, organisation_id: OrganisationId) -> Organisation | None: ...
    def organisation_by_ogrn(self, ogrn: str) -> Organisation | None: ...
    def organisations(self) -> Sequence[Organisation]: ...
    def add_person(self, person: Person) -> None: ...
    def person_by_login(self, login: str) -> Person | None: ...
    def person(self, person_id: PersonId) -> Person | None: ...
    def people(self) -> Sequence[Person]: ...
    def people_of(self, organisation_id: OrganisationId) -> Sequence[Person]:
        """The active people of one organisation."""
        ...

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

    def add_case(
        self,
        case_id: CaseId,
        holder_id: OrganisationId,
        practice: str | None,
        now: datetime,
        *,
        inherits_id: CaseId | None = None,
    ) -> None: ...
    def end_case(self, case_id: CaseId, now: datetime) -> None:
        """Another case takes its place: it is no longer the one that a person of it is found in."""
        ...

    def is_over(self, case_id: CaseId) -> bool:
        """Whether another case took its place."""
        ...

    def hand_over(self, subject_ids: Sequence[SubjectId], old: CaseId, new: CaseId, holder_id: OrganisationId) -> None:
        """These people leave one case for another, and are this holder's from now on."""
        ...

    def heir(self, case_id: CaseId, holder_id: OrganisationId) -> CaseId | None:
        """The case of this holder that inherits from this one at once; None where there is none."""
        ...

    def inherited(self, case_id: CaseId, holder_id: OrganisationId) -> Sequence[CaseId]:
        """The cases of this holder that a case inherits from, nearest first."""
        ...

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

    def add_authority(self, authority: Authority) -> None: ...
    def change_authority(self, authority: Authority) -> None:
        """Its rights, its term and its paper; the people stay."""
        ...

    def authority(self, authority_id: AuthorityId) -> Authority | None: ...
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

    def of_cases(
        self,
        requester_id: OrganisationId,
        case_ids: Sequence[CaseId],
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered: ...
    def of_related_page(
        self,
        requester_id: OrganisationId,
        after: CaseId | None,
        limit: int,
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered: ...
    def of_holder(
        self, holder_id: OrganisationId, recipient_id: OrganisationId, case_id: CaseId, now: datetime
    ) -> Gathered:
        """A case of the holder as `recipient_id` would be judged on it, whether or not it has a relation."""
        ...

    def of_message(
        self,
        requester_id: OrganisationId,
        message_id: MessageId,
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered: ...
    def of_messages(self, requester_id: OrganisationId, message_ids: Collection[MessageId], now: datetime) -> Gathered:
        """Several messages that came to one organisation, a case for each, in the statements of one; whoever of it asks."""
        ...

    def of_sending(
        self,
        sender_id: OrganisationId,
        recipient_id: OrganisationId,
        case_id: CaseId,
        subject_ids: Sequence[SubjectId],
        now: datetime,
        person_id: PersonId | None = None,
    ) -> Gathered: ...
    def unchanged(self, versions: Mapping[str, int]) -> bool:
        """Whether the versions still hold; where the store allows it, they are locked against change until commit."""
        ...

    def bump(self, keys: Iterable[str]) -> None: ...
    def lock(self, key: str) -> None:
        """Nobody else passes this point for the same key before this unit ends."""
        ...

    def lock_people(self, numbers: Sequence[int]) -> None:
        """The same for people, whichever files they have: by numbers that are kept nowhere."""
        ...


class RecordedFacts(Protocol):
    """Facts with owners, their events, and who is assigned to which case."""

    def add(self, facts: Sequence[RecordedFact]) -> None: ...
    def get(self, fact_id: FactId, *, lock: bool = False) -> RecordedFact | None: ...
    def all_of(self, fact_ids: Collection[FactId]) -> Sequence[RecordedFact]: ...
    def in_force(self, subject_ids: Sequence[SubjectId], now: datetime) -> Sequence[RecordedFact]: ...
    def end(self, fact_id: FactId, now: datetime, *, with_copies: bool = True) -> Sequence[RecordedFact]:
        """End a fact and its copies in other files about the same person. Returns what held until now."""
        ...

    def change(
        self, fact_id: FactId, *, lift_asked_by: str | None = None, review_by: datetime | None = None
    ) -> None: ...
    def add_event(self, event: FactEvent) -> None: ...
    def events(self, fact_ids: Sequence[FactId]) -> Sequence[FactEvent]: ...
    def holder_of(self, subject_ids: Sequence[SubjectId]) -> Mapping[SubjectId, OrganisationId]:
        """Which organisation registered each of these."""
        ...

    def kind_of(self, subject_id: SubjectId) -> str | None: ...
    def set_by(
        self, organisation_id: OrganisationId, limit: int, now: datetime, *, without: Collection[str] = ()
    ) -> Sequence[RecordedFact]:
        """Facts in force that the organisation recorded, newest first, without their copies in other files."""
        ...

    def is_related(self, organisation_id: OrganisationId, subject_id: SubjectId, now: datetime) -> bool:
        """Whether the organisation has a recorded relation to a case of this subject; by one statement in any case."""
        ...

    def case_is_related(self, organisation_id: OrganisationId, case_id: CaseId, now: datetime) -> bool: ...
    def assign(
        self,
        case_id: CaseId,
        organisation_id: OrganisationId,
        person_id: PersonId,
        assigned_by: str,
        salt: bytes,
        now: datetime,
    ) -> None: ...
    def unassign(
        self, case_id: CaseId, organisation_id: OrganisationId, person_id: PersonId, now: datetime
    ) -> bytes | None:
        """The salt of the assignment that ends; None where there is none."""
        ...

    def assigned(self, case_id: CaseId, organisation_id: OrganisationId) -> Sequence[PersonId]:
        """Who of this organisation works on the case now."""
        ...


class Holds(Protocol):
    """What rules held for a person to decide, and agreed deputies."""

    def add(self, hold: Hold) -> bool:
        """False, and nothing added, where the same question waits already: somebody else asked it a moment ago."""
        ...

    def waiting(
        self,
        subject_ids: Collection[SubjectId],
        recipient_id: OrganisationId,
        purpose: str,
        message_id: MessageId | None,
    ) -> Sequence[Hold]:
        """What waits of this question, one for each subject and rule; nobody else changes them before this unit ends."""
        ...

    def get(self, hold_id: HoldId, *, lock: bool = False) -> Hold | None: ...
    def of_holder(self, organisation_id: OrganisationId, state: str, limit: int) -> Sequence[Hold]:
        """The most urgent of those that wait, the newest of those that are decided."""
        ...

    def of_message(self, message_id: MessageId) -> Sequence[Hold]: ...
    def for_deputy(self, organisation_ids: Collection[OrganisationId], limit: int) -> Sequence[Hold]:
        """Holds for two people of these holders of which the first has said yes."""
        ...

    def of_recipient(self, organisation_id: OrganisationId, limit: int) -> Sequence[Hold]:
        """What waits, or was decided, for this recipient, as far as it knows of the person it is about."""
        ...

    def is_seen(self, hold_id: HoldId) -> bool:
        """Whether the recipient of what is held knows of the person that the hold is about."""
        ...

    def is_overdue(self, now: datetime) -> bool: ...
    def overdue(self, now: datetime, limit: int) -> Sequence[Hold]:
        """The longest overdue, locked against other relays where the store allows it."""
        ...

    def save(self, hold: Hold) -> None: ...
    def is_waiting_about(self, subject_ids: Collection[SubjectId], holder_id: str) -> bool: ...
    def lapse(self, subject_ids: Collection[SubjectId], holder_id: OrganisationId, now: datetime) -> None:
        """What waits for this holder's people about these subjects is decided by nobody any more."""
        ...

    def appoint(self, organisation_id: OrganisationId, person_id: PersonId, now: datetime) -> None: ...
    def dismiss(self, organisation_id: OrganisationId, person_id: PersonId, now: datetime) -> bool: ...
    def deputy_for(self, person_id: PersonId, now: datetime) -> frozenset[OrganisationId]: ...
    def deputies_of(self, organisation_id: OrganisationId, now: datetime) -> Sequence[PersonId]: ...


class Emergencies(Protocol):
    """Declared emergencies and their reviews."""

    def add(self, emergency: Emergency) -> None: ...
    def get(self, emergency_id: str, *, lock: bool = False) -> Emergency | None: ...
    def of_organisation(self, organisation_id: OrganisationId, limit: int) -> Sequence[Emergency]: ...
    def of_case(self, case_id: CaseId, person_id: PersonId) -> Sequence[Emergency]:
        """Those that this person declared about this case."""
        ...

    def save(self, emergency: Emergency) -> None: ...
    def suspend(self, person_id: PersonId, at: datetime | None) -> None:
        """That this person may not declare emergencies any more (None: may again)."""
        ...


class Notices(Protocol):
    """What somebody of an organisation must know."""

    def add(self, notices: Sequence[Notice]) -> None: ...
    def of(
        self, organisation_id: OrganisationId, roles: Collection[str], limit: int, *, unseen: bool = False
    ) -> Sequence[Notice]: ...
    def see(self, organisation_id: OrganisationId, notice_ids: Collection[str], actor: str, now: datetime) -> None: ...


class Timers(Protocol):
    """Running terms of the pack."""

    def start(self, timers: Sequence[Timer]) -> None:
        """Start those that do not run yet: one timer of the same organisation about the same thing."""
        ...

    def waiting_for(self, starts: str, about: Collection[str]) -> Sequence[Timer]: ...
    def run(self, timer: Timer) -> None: ...
    def of(self, organisation_id: OrganisationId, limit: int) -> Sequence[Timer]: ...
    def done(self, about_kind: str, about: Collection[str], timers: Collection[str], actor: str, now: datetime) -> None:
        """What these terms are about was done: for whoever they run."""
        ...

    def close(self, timer_id: str, actor: str, now: datetime) -> None:
        """End one term, of one organisation."""
        ...

    def get(self, timer_id: str) -> Timer | None: ...
    def is_breached(self, now: datetime) -> bool: ...
    def breached(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Those that have just passed, locked against other relays where the store allows it."""
        ...

    def mark_breached(self, timer_ids: Collection[str], now: datetime) -> None: ...
    def running_page(self, after: str, limit: int) -> Sequence[Timer]:
        """All that run, by identifier, in pages; locked against other writers where the store allows it."""
        ...

    def move(self, timers: Sequence[Timer]) -> None:
        """Write new due instants."""
        ...


class Packs(Protocol):
    """Packs of rules that were in force."""

    def add(self, pack: PackOnFile) -> None: ...
    def get(self, digest: str) -> PackOnFile | None: ...
    def in_force(self) -> PackOnFile | None:
        """The pack that came into force last."""
        ...

    def again(self, digest: str, now: datetime) -> None:
        """A pack on file is in force again."""
        ...


class Summaries(Protocol):
    """Published summaries and their sealed sections."""

    def current_version(self, case_id: CaseId) -> int: ...
    def add(self, case_id: CaseId, header: SummaryHeader, sections: Sequence[SealedSection]) -> None: ...
    def withdraw(self, case_id: CaseId) -> bool:
        """No version is current any more; False where none was."""
        ...

    def reached(self, case_id: CaseId) -> Sequence[Reached]:
        """Who was shown anything of the published summaries of a case, for which purpose, of whom and what."""
        ...

    def sections(self, summary_ids: Sequence[SummaryId], categories: Sequence[Category]) -> Sequence[SealedSection]: ...


class Messages(Protocol):
    """Messages, their receipts and sealed sections, and the outbox row that goes with them."""

    def add(
        self,
        message: MessageOnFile,
        subject_ids: Sequence[SubjectId],
        sections: Sequence[SealedSection],
        unsent: Collection[SubjectId] = (),
        *,
        queued: bool = True,
    ) -> None:
        """`unsent` are people of whom nothing was released yet: the recipient does not see that there are any. What is not
        `queued` for the relay is delivered by its sender's own unit of work, at once."""
        ...

    def of_side(self, message_id: MessageId, party: OrganisationId) -> MessageOnFile | None:
        """As `get`, for what an answer or a correction points to; without receipts."""
        ...

    def echoes(
        self, case_id: CaseId, holder_id: OrganisationId, after: MessageId | None, limit: int
    ) -> Sequence[MessageOnFile]:
        """The notices that somebody looked at a case, which have come, newest first; without receipts."""
        ...

    def by_claim(self, case_id: CaseId, sender_id: OrganisationId, claim: str, value: str) -> Sequence[MessageOnFile]:
        """The messages of a case that this sender sent on a claim, locked; without receipts."""
        ...

    def begun_by(self, thread_id: ThreadId) -> OrganisationId | None:
        """Who sent the first message of a thread."""
        ...

    def register(self, message_id: MessageId, number: str, on: date) -> None:
        """The incoming number of a message, as its recipient gives it."""
        ...

    def remove_sections(self, message_id: MessageId) -> int:
        """Remove the sealed sections of a message; how many there were."""
        ...

    def subjects(self, message_id: MessageId, *, sent: bool = False) -> Sequence[SubjectId]:
        """Whom a message is about, in its order; with `sent` only those whom its recipient sees in it."""
        ...

    def show(self, message_id: MessageId, subject_id: SubjectId) -> None:
        """From now on the recipient sees that this person is in the message."""
        ...

    def by_id(self, message_id: MessageId, now: datetime) -> MessageOnFile | None:
        """Any message: only for the gateway's own steps, never for a question of somebody."""
        ...

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
        expected: State | None = None,
    ) -> None:
        """Raises Contended where the message does not stand in the `expected` state any more."""
        ...

    def attest(self, message_id: MessageId, receipt: ReceiptOnFile) -> None:
        """A further word for a state the message has, or had: nothing moves, and nobody is told."""
        ...

    def queue(
        self, organisation_id: OrganisationId, box: str, after: MessageId | None, limit: int, now: datetime
    ) -> Sequence[MessageOnFile]: ...
    def sections(self, message_id: MessageId, categories: Sequence[Category]) -> Sequence[SealedSection]: ...
    def told_in(self, case_ids: Sequence[CaseId], categories: Sequence[Category]) -> Sequence[SealedSection]:
        """Sections of these categories of all messages of these cases that their holder sent, or put down, and did not take
        back."""
        ...

    def of_ids(self, message_ids: Collection[MessageId], now: datetime) -> Mapping[MessageId, MessageOnFile]:
        """Messages with their receipts, in two statements whatever their number."""
        ...

    def contents(self, message_id: MessageId) -> Collection[tuple[SubjectId, Category]]:
        """Of whom the message has which sections; nothing of them is fetched."""
        ...

    def waiting(self, now: datetime) -> bool: ...
    def positions_due(self, limit: int, now: datetime) -> Sequence[int]: ...
    def put_off(self, position: int, now: datetime, first: timedelta, longest: timedelta) -> None:
        """Count an attempt and wait twice as long as before, at most `longest`."""
        ...

    def send(self, message_id: MessageId, now: datetime) -> None:
        """Put a message that was held into the outbox."""
        ...

    def due(self, limit: int, now: datetime, position: int | None = None) -> Sequence[tuple[int, MessageOnFile]]:
        """Outbox rows that wait for delivery, oldest first; locked against other relays where the store allows it."""
        ...

    def done(self, position: int, now: datetime) -> None: ...


class Log(Protocol):
    """The log: append in the hot path, sequence in batches by one leader."""

    def append(self, entry_id: EntryId, kind: str, at: datetime, body: bytes, leaf_hash: bytes) -> None: ...
    def append_all(self, entries: Sequence[tuple[EntryId, str, datetime, bytes, bytes]]) -> None:
        """The same for many, in their order, as one statement."""
        ...

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
    def decision(self, entry_id: EntryId, subject_id: SubjectId) -> DisclosureRow | None:
        """What one entry decided about one subject."""
        ...

    def recorded_decisions(self, after: str, limit: int) -> Sequence[DisclosureRow]:
        """The decisions of the next `limit` entries after this identifier, whole entries, for replay."""
        ...

    def bookmark(self, name: str) -> Bookmark | None: ...
    def mark(self, name: str, before: int | None, position: int, now: datetime, *, is_open: bool) -> None:
        """Move a bookmark that stood at `before` (None: it was not there). Raises Contended where it stood elsewhere."""
        ...

    def lookups(self, first: int, end: int, purposes: Collection[str]) -> Sequence[Lookup]:
        """Who read published summaries of somebody else's cases, in the entries from `first` to before `end`."""
        ...


class Endpoints(Protocol):
    """Where systems of organisations are reached."""

    def add(self, endpoint: Endpoint, now: datetime) -> None: ...
    def get(self, endpoint_id: EndpointId, *, lock: bool = False) -> Endpoint | None: ...
    def of(self, organisation_id: OrganisationId | None) -> Sequence[Endpoint]:
        """Those of one organisation, or all of them."""
        ...

    def set_state(self, endpoint_id: EndpointId, state: EndpointState, reason: str | None, now: datetime) -> None: ...
    def put_off(self, endpoint_id: EndpointId, until: datetime, reason: str | None) -> None:
        """It failed as a whole: nothing is tried before `until`."""
        ...

    def well(self, endpoint_id: EndpointId, now: datetime) -> None:
        """It has just taken something."""
        ...

    def counts(self, endpoint_ids: Sequence[EndpointId]) -> Mapping[EndpointId, EndpointCounts]: ...


class DeliveryEvents(Protocol):
    """What each organisation must learn; `Messages.advance` writes it with the state."""

    def waiting(self, organisation_id: OrganisationId, after: DeliveryId | None, limit: int) -> Sequence[DeliveryEvent]:
        """What was not acknowledged, oldest first."""
        ...

    def acknowledge(
        self, organisation_id: OrganisationId, delivery_ids: Collection[DeliveryId], actor: str, now: datetime
    ) -> int: ...
    def named(
        self, organisation_id: OrganisationId, delivery_id: str, message_id: str
    ) -> tuple[MessageId | None, Sequence[DeliveryId]]:
        """The message that this organisation was handed under these names (empty: not given), and its deliveries."""
        ...

    def applied(self, organisation_id: OrganisationId, operation_id: str) -> str | None:
        """The digest of an answer that was applied under this number."""
        ...

    def remember_applied(
        self, organisation_id: OrganisationId, operation_id: str, digest: str, message_id: MessageId, now: datetime
    ) -> None: ...
    def forget(self, before: datetime, limit: int) -> int: ...


class Deliveries(Protocol):
    """Events on their way to endpoints. A worker holds what it claimed until its lease ends; then its word is void."""

    def is_due(self, now: datetime, busy: Collection[EndpointId] = ()) -> bool: ...
    def claim(
        self,
        now: datetime,
        until: datetime,
        endpoints: int,
        each: int,
        busy: Collection[EndpointId] = (),
        most_lapses: int = 8,
    ) -> Sequence[Errand]:
        """At most `each` for each of at most `endpoints` endpoints, in order where the endpoint wants it. An attempt is
        counted here: a worker that never comes back has made one. After `most_lapses` of these a delivery is dead."""
        ...

    def standing(self, parcels: Sequence[Parcel]) -> frozenset[int]:
        """Positions of those whose claim still stands, locked until the end of this unit."""
        ...

    def done(self, parcels: Sequence[Parcel], actor: str, now: datetime) -> None:
        """Taken; by that the organisation has acknowledged the event."""
        ...

    def put_off(self, rows: Sequence[tuple[Parcel, datetime, str | None]]) -> None: ...
    def bury(self, rows: Sequence[tuple[Parcel, datetime, str | None]]) -> None: ...
    def give_back(self, parcels: Sequence[Parcel], now: datetime) -> None:
        """Nothing was tried."""
        ...

    def keep_receipt(self, parcel: Parcel, endpoint_id: EndpointId, receipt: SignedReceipt, now: datetime) -> bool: ...
    def rows(
        self, state: str, limit: int, organisation_id: OrganisationId | None = None, endpoint_id: str | None = None
    ) -> Sequence[DeliveryRow]:
        """For the operator: waiting, dead, or all."""
        ...

    def of_event(self, delivery_id: DeliveryId, organisation_id: OrganisationId | None) -> Sequence[DeliveryRow]: ...
    def replay(
        self,
        now: datetime,
        organisation_id: OrganisationId | None,
        endpoint_id: str | None = None,
        delivery_ids: Collection[str] | None = None,
    ) -> int:
        """Put what is dead, or waits for a later attempt, on its way again as if for the first time."""
        ...


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
    def recorded_facts(self) -> RecordedFacts: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def emergencies(self) -> Emergencies: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def timers(self) -> Timers: ...
    @property
    def packs(self) -> Packs: ...
    @property
    def summaries(self) -> Summaries: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def log(self) -> Log: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def directory(self) -> DirectoryStore: ...
    @property
    def practices(self) -> PracticeStore: ...
    @property
    def case_records(self) -> CaseRecordStore: ...
    @property
    def attachments(self) -> Attachments: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def seal_keys(self) -> SealKeys: ...
    @property
    def certificates(self) -> Certificates: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def delivery_events(self) -> DeliveryEvents: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def packages(self) -> Packages: ...
    @property
    def exports(self) -> Exports: ...
    @property
    def joint(self) -> JointDecisions: ...
    @property
    def agendas(self) -> Agendas: ...
    @property
    def taken(self) -> Taken: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def kept_records(self) -> KeptRecords: ...
    @property
    def mapping_profiles(self) -> MappingProfiles: ...


class Store(Protocol):
    """Where units of work come from."""

    def reading(self) -> AbstractContextManager[Unit]:
        """A consistent view; nothing can be written through it."""
        ...

    def writing(self) -> AbstractContextManager[Unit]:
        """A unit of work, committed when the block ends well and rolled back when it raises."""
        ...
