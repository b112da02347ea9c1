"""The plain values that the demo is made of. References between them are keys, never identifiers of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from consent.records import ConsentEvent, ConsentEventKind, ConsentRecord, Signer
from schemas.ids import Category, ConsentId, OrganisationId, SubjectId
from schemas.summary import ConsentDraft, SubjectDraft, SummaryDraft


@dataclass(frozen=True, slots=True)
class OrganisationFixture:
    """A participant. `district` is an okrug of Moscow, None for the whole city; `real_name` marks the city's centres,
    whose names and districts are real while their numbers and staff are invented."""

    key: str
    kind: str
    name: str
    district: str | None
    practice: str | None
    registers: tuple[str, ...]
    ogrn: str
    inn: str
    real_name: bool = False
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class PersonFixture:
    """A member of staff. `service_phone` is what a case summary shows."""

    key: str
    organisation: str
    login: str
    display_name: str
    roles: tuple[str, ...]
    service_phone: str
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class FactFixture:
    """A recorded fact about a subject, under the names that rulings use; `about` is the parent that it names."""

    fact: str
    subject: str
    set_by: str
    from_on: date
    about: str | None = None
    participants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentFixture:
    """A consent to be recorded on `draft.given_on`, and what happened to it later (oldest first)."""

    key: str
    discloser: str
    recipient: str
    draft: ConsentDraft
    given_at: datetime
    later: tuple[ConsentEvent, ...] = ()

    @property
    def events(self) -> tuple[ConsentEvent, ...]:
        """All events, the giving first."""
        return (ConsentEvent(ConsentEventKind.GIVEN, self.given_at, self.given_at, f"{self.key}/given"), *self.later)

    def record(self) -> ConsentRecord:
        """The record with keys in the place of identifiers: for looking at the fixtures without a store."""
        draft = self.draft
        return ConsentRecord(
            id=ConsentId(self.key),
            subject_id=SubjectId(draft.subject_ref),
            discloser_id=OrganisationId(self.discloser),
            recipient_id=OrganisationId(self.recipient),
            purpose=draft.purpose,
            categories=frozenset(Category(code) for code in draft.categories),
            given_on=draft.given_on,
            valid_to=draft.valid_to,
            form=draft.form,
            separate=draft.separate,
            fields_complete=draft.fields_complete,
            evidence=draft.evidence_digest is not None,
            signers=tuple(Signer(signer.who, signer.rights, signer.verified) for signer in draft.signers),
            other_parent_objection=draft.other_parent_objection,
        )


@dataclass(frozen=True, slots=True)
class FamilyFixture:
    """A family with its case. `holder`, `guardianship` and `curator` are keys; `varieties` says what it is there for.

    `summary` is what the holder publishes; subjects have their keys as `ref`. `emancipated` are refs of minors who act
    for themselves by a decision under ГК ст. 27.
    """

    key: str
    practice: str
    stage: str
    district: str
    holder: str
    guardianship: str
    curator: str
    opened_on: date
    summary: SummaryDraft
    consents: tuple[ConsentFixture, ...]
    facts: tuple[FactFixture, ...]
    varieties: frozenset[str] = frozenset()
    emancipated: tuple[str, ...] = ()
    synthetic: bool = True

    @property
    def children(self) -> tuple[SubjectDraft, ...]:
        """Children, the oldest first; an unborn child is the last."""
        return tuple(subject for subject in self.summary.subjects if subject.kind == "child")

    @property
    def adults(self) -> tuple[SubjectDraft, ...]:
        """Parents and guardians."""
        return tuple(subject for subject in self.summary.subjects if subject.kind == "parent")
