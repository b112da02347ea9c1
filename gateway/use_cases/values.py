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
    MessageId,
    OrganisationId,
    PersonId,
    SectionId,
    SubjectId,
    SummaryId,
    ThreadId,
)
from schemas.lifecycle import State


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
    """A fact with an owner (rules 3.8), as it stands."""

    fact: str
    subject_id: SubjectId
    about_id: SubjectId | None
    participants: tuple[OrganisationId, ...]


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


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a ruling needs, and the versions of what it rests on (law 4)."""

    requester: Organisation
    cases: tuple[CaseOnFile, ...]
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SealedSection:
    """A sealed blob and the wraps of its key (empty for a section under its one subject's key)."""

    id: SectionId
    case_id: CaseId
    owner_id: str  # summary or message
    category: Category
    sealed: bytes
    subjects: tuple[SubjectId, ...]
    wraps: Mapping[SubjectId, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceiptOnFile:
    """One fact of a message's life."""

    state: State
    at: datetime
    organisation_id: OrganisationId | None
    actor: str
    attested_by: str = "gateway"


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
    sender_protected: bool = False


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
