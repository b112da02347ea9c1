"""A case summary as its holder publishes it: a header, subjects with their sections, and sections that siblings share."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from schemas.categories import SECTION_CATEGORIES, SECTION_NAMES
from schemas.ids import Category
from schemas.messages import OperationId, SubjectKind
from schemas.model import Model
from schemas.sections import (
    Adoption,
    Code,
    Contact,
    Education,
    Family,
    Health,
    Identifiers,
    Identity,
    LegalStatusSection,
    Line,
    Offences,
    PartialDate,
    Plan,
    Psychology,
    Risk,
    Section,
    SocioEconomic,
    Whereabouts,
)


class SectionsDraft(Model):
    """One field per category; a category left out was not recorded."""

    identity: Identity | None = None
    identifiers: Identifiers | None = None
    contact: Contact | None = None
    whereabouts: Whereabouts | None = None
    family: Family | None = None
    legal_status: LegalStatusSection | None = None
    risk: Risk | None = None
    plan: Plan | None = None
    health: Health | None = None
    psychology: Psychology | None = None
    education: Education | None = None
    socio_economic: SocioEconomic | None = None
    offences: Offences | None = None
    adoption: Adoption | None = None

    def by_category(self) -> dict[Category, Section]:
        """The sections that are there, by category."""
        found = {category: getattr(self, SECTION_NAMES[category]) for category in SECTION_CATEGORIES}
        return {category: section for category, section in found.items() if section is not None}


class SubjectDraft(Model):
    """A member of the family. `ref` is the holder's own identifier; it is indexed, never stored open or shown.

    `emancipated` is a minor who acts for itself by a decision (ГК ст. 27); like the birth date it is kept sealed.
    """

    ref: Line
    kind: SubjectKind
    emancipated: bool = False
    sections: SectionsDraft = SectionsDraft()


class SharedSectionsDraft(Model):
    """Sections about several children together: one content, the strictest ruling among them."""

    about: Annotated[tuple[Line, ...], Field(min_length=2)]
    sections: SectionsDraft


class SummaryDraft(Model):
    """A new version of the summary of the holder's case `case_ref`. `corrects` is the version that it corrects: whoever was
    shown anything of it is told."""

    case_ref: Line
    practice: Code | None = None
    as_of: date
    erase_after: date
    source: Line
    curator_name: Line
    curator_phone: Line
    subjects: Annotated[tuple[SubjectDraft, ...], Field(min_length=1, max_length=30)]
    shared: tuple[SharedSectionsDraft, ...] = ()
    not_used: tuple[Code, ...] = ()
    corrects: int | None = None

    @model_validator(mode="after")
    def _names_its_own_subjects(self) -> SummaryDraft:
        children = {subject.ref for subject in self.subjects if subject.kind == "child"}
        if len({subject.ref for subject in self.subjects}) != len(self.subjects):
            msg = "two subjects have the same ref"
            raise ValueError(msg)
        if any(not set(shared.about) <= children for shared in self.shared):
            msg = "a shared section is about refs that are not children of this summary"
            raise ValueError(msg)
        if self.erase_after <= self.as_of:
            msg = "erase_after must be later than as_of"
            raise ValueError(msg)
        return self


class SignerDraft(Model):
    """A signature under a consent: `self`, or a representative with the authority document that was checked. `authority_id`:
    the authority is recorded by itself (`schemas.authority`), and what it says holds, whatever stands beside it here."""

    who: Annotated[str, Field(pattern="^(self|mother|father|guardian)$")]
    holder_ref: Line | None = None
    holder_birth_date: PartialDate | None = None  # a parent under sixteen does not act alone (RU-SK-62-1)
    rights: Annotated[str, Field(pattern="^(full|limited|terminated)$")] = "full"
    verified: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    authority_id: OperationId | None = None


class ConsentDraft(Model):
    """A signed consent to be recorded by its discloser (ISO/IEC TS 27560 record; 152-ФЗ ст. 9 ч. 4).

    The scan stays with the holder: `evidence_digest` is its SHA-256. `birth_date` is kept sealed, for the age clock;
    `identifiers` are indexed, so that a file which names the person by SNILS finds this consent.
    """

    subject_ref: Line
    subject_kind: SubjectKind
    birth_date: PartialDate | None = None
    identifiers: Identifiers | None = None
    recipient_ogrn: Annotated[str, Field(pattern=r"^[0-9]{13}$|^[0-9]{15}$")]
    purpose: Code
    categories: Annotated[tuple[Code, ...], Field(min_length=1)]
    given_on: date
    valid_to: date | None = None
    form: Annotated[str, Field(pattern="^(paper|qes|nes|checkbox)$")] | None = "paper"
    separate: bool = True
    fields_complete: bool = True
    evidence_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    signers: Annotated[tuple[SignerDraft, ...], Field(min_length=1, max_length=4)]
    other_parent_objection: bool = False
    objector_ref: Line | None = None
