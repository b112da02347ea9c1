"""Plain values that pass between use cases and the ports. Identifiers, codes and sealed bytes; no open personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from consent.records import ConsentEvent
from gateway.use_cases.decision_facts import DecisionFacts
from schemas.ids import (
    AuthorityId,
    CaseId,
    Category,
    ClientId,
    ConsentId,
    EntryId,
    FactId,
    HoldId,
    MessageId,
    OrganisationId,
    PersonId,
    SectionId,
    SubjectId,
    SummaryId,
    ThreadId,
)
from schemas.lifecycle import Event, State


@dataclass(frozen=True, slots=True)
class Organisation:
    """A participant of the exchange. `registers` are register entries that are attributes of an NGO (rules 3.8)."""

    id: OrganisationId
    kind: str
    name: str
    ogrn: str
    inn: str | None = None
    district: str | None = None
    practice: str | None = None
    country: str = "RU"
    registers: tuple[str, ...] = ()
    agreement_from: date | None = None
    agreement_to: date | None = None
    zone: str = "Europe/Moscow"
    synthetic: bool = False
    rkn_number: str | None = None
    storage_country: str = "RU"

    def has_agreement(self, today: date) -> bool:
        """Whether an exchange agreement is in force on `today` (POL-0-2)."""
        return (
            self.agreement_from is not None
            and self.agreement_from <= today
            and (self.agreement_to is None or today <= self.agreement_to)
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    id: PersonId
    organisation_id: OrganisationId
    login: str
    display_name: str
    password_hash: str
    roles: frozenset[str]
    active: bool = True
    synthetic: bool = False
    emergency_suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A partner's system: an OAuth client of its organisation."""

    id: ClientId
    organisation_id: OrganisationId
    name: str
    jwks: Mapping[str, object]
    scopes: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks: an organisation, through a person or a system. `roles` are empty for a system."""

    organisation_id: OrganisationId
    actor: str  # "person:<id>" or "client:<id>"
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def role(self) -> str:
        """The role that rules look at (POL-ROLE-1, -2): overseers see the log, never content, whatever else they are."""
        if "dpo" in self.roles:
            return "dpo"
        return "admin" if "administrator" in self.roles else "caseworker"

    @property
    def person_id(self) -> PersonId | None:
        """The person, if it is one."""
        kind, _, value = self.actor.partition(":")
        return PersonId(value) if kind == "person" else None


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """A fact with an owner (rules 3.8), as it stands. `about_id`, or `about_who` where that adult has no file of its own,
    is whom an act about the child names; `participants` are organisations that the fact names."""

    id: FactId
    fact: str
    subject_id: SubjectId
    set_by: OrganisationId
    from_at: datetime
    to_at: datetime | None = None
    about_id: SubjectId | None = None
    about_who: str | None = None
    value: str | None = None
    participants: tuple[OrganisationId, ...] = ()
    evidence_digest: str | None = None
    everywhere: bool = False  # holds in every file about the same person
    origin_id: FactId | None = None
    review_by: datetime | None = None
    lift_asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class FactEvent:
    """What was done with a fact: recorded, changed, lift_asked, reviewed, ended. `sealed`: the number and date of its
    document and the reasons, readable with the subject's key."""

    fact_id: FactId
    kind: str
    at: datetime
    organisation_id: OrganisationId
    actor: str
    entry_id: EntryId
    salt: bytes
    evidence_digest: str | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True)
class SignerOnFile:
    """A signature under a consent and the authority it rests on (None for the subject's own)."""

    who: str
    authority_id: AuthorityId | None = None
    holder_id: SubjectId | None = None
    rights: str = "full"
    verified: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ConsentOnFile:
    """A consent with its events and signers, as stored."""

    id: ConsentId
    subject_id: SubjectId
    discloser_id: OrganisationId
    recipient_id: OrganisationId
    purpose: str
    categories: frozenset[Category]
    given_on: date
    valid_to: date | None
    form: str | None
    separate: bool
    fields_complete: bool
    evidence_digest: str | None
    signers: tuple[SignerOnFile, ...]
    objection: bool = False
    objection_by: SubjectId | None = None
    events: tuple[ConsentEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Authority:
    """The right of a person to act for a child, with its own term (the document stays with the holder)."""

    id: AuthorityId
    child_id: SubjectId
    who: str
    holder_id: SubjectId | None = None
    rights: str = "full"
    verified: bool = True
    valid_from: date | None = None
    valid_to: date | None = None
    evidence_digest: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectOnFile:
    """A member of a family as the gate sees it before any ruling."""

    id: SubjectId
    kind: str
    decision_facts: bytes | DecisionFacts  # sealed; open only for somebody who is not registered yet
    consents: tuple[ConsentOnFile, ...] = ()
    facts: tuple[RecordedFact, ...] = ()
    registered_by: OrganisationId | None = None
    sent: bool = True  # of a message: whether its recipient sees that this person is in it


@dataclass(frozen=True, slots=True)
class SummaryHeader:
    """The open part of a published summary: WRK and dates of the publication itself."""

    id: SummaryId
    version: int
    published_at: datetime
    as_of: date
    erase_after: date
    source: str
    curator_name: str
    curator_phone: str
    sharing: tuple[tuple[Category, frozenset[SubjectId]], ...] = ()
    not_used: frozenset[Category] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseOnFile:
    """One case or message with its subjects, gathered for one requester.

    `related` says whether the requester has a recorded relation; without one `discloser`, `summary` and `subjects`
    are empty whether or not the case exists (law 6).
    """

    case_id: CaseId
    related: bool
    discloser: Organisation | None = None
    practice: str | None = None
    subjects: tuple[SubjectOnFile, ...] = ()
    summary: SummaryHeader | None = None
    message: MessageOnFile | None = None
    assigned: bool = True
    declared: bool = False  # of a message: a named person of its sender declared a direct threat in it


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a ruling needs, and the versions of what it rests on (law 4)."""

    requester: Organisation
    cases: tuple[CaseOnFile, ...]
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SealedSection:
    """A sealed blob and the wraps of its key (empty for a section under its one subject's key). `place` is where it was
    sealed for, when it is a copy that was taken on unopened."""

    id: SectionId
    case_id: CaseId
    owner_id: str  # summary or message
    category: Category
    sealed: bytes
    subjects: tuple[SubjectId, ...]
    wraps: Mapping[SubjectId, bytes] = field(default_factory=dict)
    place: tuple[CaseId, SectionId] | None = None


@dataclass(frozen=True, slots=True)
class ReceiptOnFile:
    """One fact of a message's life: what happened, and the state since then. `signature` is the partner's own (a JWS);
    without one the gateway attests it."""

    state: State
    at: datetime
    organisation_id: OrganisationId | None
    actor: str
    attested_by: str = "gateway"
    event: Event = Event.SUBMIT
    reason: str | None = None
    sealed_words: bytes | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class MessageOnFile:
    """A message without its content."""

    id: MessageId
    thread_id: ThreadId
    case_id: CaseId
    type: str
    sender_id: OrganisationId
    recipient_id: OrganisationId
    operation_id: str
    digest: str
    purpose: str
    urgency: str
    state: State
    submitted_at: datetime
    trigger: str | None = None
    statute: str | None = None
    reg_number: str | None = None
    reg_on: date | None = None
    answers_id: MessageId | None = None
    reason: str | None = None
    alternatives: tuple[OrganisationId, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    receipts: tuple[ReceiptOnFile, ...] = ()
    lane: str = "consent"
    corrects_id: MessageId | None = None
    redirects_id: MessageId | None = None
    agenda_id: str | None = None
    incoming_number: str | None = None
    incoming_on: date | None = None
    sealed_words: bytes | None = None
    delivered_at: datetime | None = None
    sender_protected: bool = False
    concluded: bool = False  # it put a matter to its recipient, and its sender has noted a conclusion
    held: bool = False  # all of it waits for a person of the sender: it is kept, and not yet sent
    created_at: datetime | None = None  # as its sender says; submitted_at is when it came here


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    """The link from an entry to the family it is about: what the DPO searches by, and what opens the commitments."""

    entry_id: EntryId
    case_id: CaseId
    subject_id: SubjectId | None
    salt: bytes
    discloser_id: OrganisationId | None
    recipient_id: OrganisationId
    actor: str
    purpose: str
    scope: str
    consent_id: ConsentId | None
    rulings: Mapping[Category, tuple[str, str]]
    obligations: tuple[str, ...]
    released: bool
    at: datetime
    sealed_facts: bytes | None = None
    pack_digest: str | None = None
    retain_until: date | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a round went through the log: the next place in the tree, and when. `open`: the round is not at its end."""

    position: int
    at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class Lookup:
    """Organisations of one kind read the published summary of a case for a purpose, so many times between two instants."""

    case_id: CaseId
    holder_id: OrganisationId
    kind: str
    purpose: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """An organisation that was shown something of a published summary for a purpose: of whom, and which categories."""

    recipient_id: OrganisationId
    purpose: str
    subjects: tuple[SubjectId, ...]
    categories: frozenset[Category]


@dataclass(frozen=True, slots=True)
class Hold:
    """What a rule held for a person of the holder to decide. `categories` is what a yes would give, by category;
    `decision` what it gave. `chain` are the roles that decide, `step` which of them by now. `first_release` is what the
    first of two agreed to (D: to nothing); a category that was asked for later is not in it. `salt` opens the commitments
    of its entries."""

    id: HoldId
    case_id: CaseId
    subject_id: SubjectId
    holder_id: OrganisationId
    recipient_id: OrganisationId
    message_id: MessageId | None
    purpose: str
    rule: str
    quiet: bool
    categories: Mapping[Category, str]
    asked_by: str
    entry_id: EntryId
    opened_at: datetime
    due_at: datetime
    chain: tuple[str, ...]
    salt: bytes
    step: int = 0
    persons: int = 1
    state: str = "waiting"
    first_by: str | None = None
    first_release: Mapping[Category, str] | None = None
    sealed_first: bytes | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    sealed_reason: bytes | None = None
    decision: Mapping[Category, str] = field(default_factory=dict)
    valid_to: datetime | None = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that may decide by now: the first, and those the hold has passed on to."""
        return self.chain[: self.step + 1]


@dataclass(frozen=True, slots=True)
class Emergency:
    """A declared emergency (POL-BRK-1): by whom, about which case, until when, and what its review found. `salt` opens the
    commitments of its entries."""

    id: str
    case_id: CaseId
    organisation_id: OrganisationId
    person_id: PersonId
    holder_id: OrganisationId
    entry_id: EntryId
    declared_at: datetime
    ends_at: datetime
    review_by: datetime
    sealed_words: bytes
    sealed_with: SubjectId
    salt: bytes
    state: str = "open"
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    sealed_review: bytes | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody of an organisation must know: a kind and an identifier, no content."""

    id: str
    organisation_id: OrganisationId
    role: str
    kind: str
    about: str
    at: datetime
    seen_at: datetime | None = None
    seen_by: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A running term of the pack. `starts` is `now`, or `delivered` for one that waits for the delivery of a message."""

    id: str
    timer: str
    organisation_id: OrganisationId
    about_kind: str
    about: str
    starts: str = "now"
    started_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    breached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackOnFile:
    """A pack that was in force since an instant, whole."""

    digest: str
    pack: str
    version: str
    since: datetime
    files: bytes
