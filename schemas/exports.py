"""What leaves in an export, as values with their words: one case, one thread, or a part of a holder's own data.

Every format (XML, CSV, FHIR) is written from these and from nothing else, so that none of them has what another has not.
Identifiers of cases and people are pseudonyms of the organisation that exports. A section says its effect first and its
content second: an empty one is explained by `effect` and `absence`, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from schemas.exports_own import ExportDocument, ExportFact, ExportNote, ExportScore, ExportTerm
from schemas.ids import Category
from schemas.package import PackageField, Said

Form = Literal["xml", "csv", "fhir"]
FORMS: Final[tuple[Form, ...]] = ("xml", "csv", "fhir")
"""The formats of an export."""

Effect = Literal["released", "masked", "held", "withheld", "own"]
"""What the ruling made of a section; `own` is a holder's own, of which nothing is ruled."""
Absence = Literal["", "not_recorded", "not_used", "erased"]
"""Why a section that is released, masked or own has no content. `erased`: its keys are destroyed."""

RELEASING: Final = frozenset({"released", "masked", "own"})


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as the reader may see it: where whereabouts are protected it has no number and the name of its kind."""

    name: str
    kind: str
    ogrn: str | None = None
    inn: str | None = None

    @property
    def key(self) -> str:
        """What tells two parties of one export apart."""
        return self.ogrn or f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class ExportSection:
    """One category of one person. `content` are plain JSON values by field, `fields` the same in words; `about` are the
    others whom a shared section is about too."""

    category: Category
    ru: str
    en: str
    effect: Effect
    rule: str = ""
    citation: str = ""
    title: str = ""
    remedy: str = ""
    absence: Absence = ""
    content: Mapping[str, Any] | None = None
    fields: tuple[PackageField, ...] = ()
    duties: tuple[Said, ...] = ()
    about: tuple[str, ...] = ()
    retain_until: date | None = None
    decided_by: datetime | None = None
    consent_digest: str | None = None
    consent_on: date | None = None
    consent_to: date | None = None
    statute: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was cut: what is there is all that is recorded."""
        return self.effect in {"released", "own"} and self.absence != "erased"


@dataclass(frozen=True, slots=True)
class ExportPerson:
    """One member of a family. `kind` is child or parent."""

    ref: str
    kind: str
    sections: tuple[ExportSection, ...] = ()

    def section(self, category: Category) -> ExportSection | None:
        """The section of one category, if it was asked for."""
        return next((section for section in self.sections if section.category == category), None)

    @property
    def is_cut(self) -> bool:
        """Whether anything of the person is withheld, held, masked or erased."""
        return any(not section.is_whole for section in self.sections)


@dataclass(frozen=True, slots=True)
class ExportCase:
    """A case with its published summary. The header is None wherever nothing of the family is shown. `entry` is the entry of
    the reading in the log. Without `current` it is an earlier version, or one that was withdrawn."""

    ref: str
    holder: Party
    entry: str
    people: tuple[ExportPerson, ...] = ()
    purpose: Said | None = None
    version: int | None = None
    published_at: datetime | None = None
    as_of: date | None = None
    erase_after: date | None = None
    source: str | None = None
    practice: str | None = None
    curator_name: str | None = None
    curator_phone: str | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    current: bool = True

    @property
    def is_cut(self) -> bool:
        """Whether anything of anybody in it is cut."""
        return any(person.is_cut for person in self.people)


@dataclass(frozen=True, slots=True)
class ExportReceipt:
    """One fact of a message's life. `by` is None for the gateway itself; `words` came with it, by what they are."""

    event: str
    state: str
    at: datetime
    by: Party | None
    attested_by: str
    reason: Said | None = None
    words: Mapping[str, str] = field(default_factory=dict)


Content = Literal["opened", "own", "sent", "not_yours", "taken_back", "none"]
"""Whether a message's sections are here: `opened` after a ruling, `own` of its sender, `sent` by the reader, who finds them in
the export of all its own data, `not_yours` of another sender in a
holder's own export, `taken_back` for nobody any more, `none` where it carries nothing of a family."""


@dataclass(frozen=True, slots=True)
class ExportMessage:
    """One message of a thread, as its reader sees it."""

    id: str
    thread: str
    operation: str
    type: Said
    sender: Party
    recipient: Party
    case: str
    footing: Said
    urgency: Said
    state: str
    sent_at: datetime
    content: Content
    entry: str
    purpose: Said | None = None
    delivered_at: datetime | None = None
    reg_number: str | None = None
    reg_on: date | None = None
    created_at: datetime | None = None
    incoming_number: str | None = None
    incoming_on: date | None = None
    answers: str | None = None
    corrects: str | None = None
    trigger: Said | None = None
    statute: str | None = None
    reason: Said | None = None
    notes: tuple[PackageField, ...] = ()
    people: tuple[ExportPerson, ...] = ()
    documents: tuple[ExportDocument, ...] = ()
    receipts: tuple[ExportReceipt, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether anything of anybody in it is cut, or all of it is not here."""
        return self.content in {"sent", "not_yours", "taken_back"} or any(person.is_cut for person in self.people)


@dataclass(frozen=True, slots=True)
class ExportSigner:
    """A signature under a consent, and the term of the right to sign."""

    who: str
    rights: str
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None
    authority: str | None = None


@dataclass(frozen=True, slots=True)
class ExportConsent:
    """A consent that the exporting organisation recorded. `status` is what its events make of it on the day of the export:
    active, expired, withdrawn or invalidated; `allowed` are the categories that remain."""

    id: str
    person: str
    person_kind: str
    discloser: Party
    recipient: Party
    purpose: Said
    categories: tuple[Said, ...]
    allowed: tuple[Said, ...]
    given_on: date
    status: str
    valid_to: date | None = None
    form: str | None = None
    separate: bool = True
    evidence_digest: str | None = None
    objection: bool = False
    signers: tuple[ExportSigner, ...] = ()
    events: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class ExportAuthority:
    """The right of somebody to act for a child, as it is recorded."""

    id: str
    child: str
    who: str
    rights: str
    verified: bool
    holder: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    evidence_digest: str | None = None


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """What a holder keeps of a case by its practice. `values` are plain JSON values; None once the keys are destroyed."""

    id: str
    case: str
    person: str | None
    practice: str
    kind: Said
    at: datetime
    recorded_at: datetime
    values: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ExportCourseEvent:
    """An event of a practice on a case: what happened, and the stage since then."""

    case: str
    practice: str
    event: Said
    stage: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExportKept:
    """A family or a signal of one's own lists that was neither published nor sent. People have the holder's own references;
    `values` are what stands beside them; `absence` is erased once its key is destroyed."""

    id: str
    kind: Said
    kept_at: datetime
    expires_at: datetime
    people: tuple[ExportPerson, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    absence: Literal["", "erased"] = ""


@dataclass(frozen=True, slots=True)
class Export:
    """What one file holds. `scope` is case, thread or own; `zone` where its reader is; `part` the number of a part of a
    holder's own data. `left_out` is what it does not have, and why; of several parts the first says it."""

    id: str
    scope: str
    made_at: datetime
    organisation: Party
    pack: str
    zone: str
    cases: tuple[ExportCase, ...] = ()
    messages: tuple[ExportMessage, ...] = ()
    consents: tuple[ExportConsent, ...] = ()
    authorities: tuple[ExportAuthority, ...] = ()
    records: tuple[ExportRecord, ...] = ()
    events: tuple[ExportCourseEvent, ...] = ()
    part: int = 0
    documents: tuple[ExportDocument, ...] = ()
    facts: tuple[ExportFact, ...] = ()
    scores: tuple[ExportScore, ...] = ()
    terms: tuple[ExportTerm, ...] = ()
    kept: tuple[ExportKept, ...] = ()
    own_notes: tuple[ExportNote, ...] = ()
    left_out: tuple[Said, ...] = ()

    @property
    def readings(self) -> tuple[ExportCase | ExportMessage, ...]:
        """Cases and messages: whatever people stand in."""
        return (*self.cases, *self.messages)

    def people(self) -> Iterator[ExportPerson]:
        """Everybody in its cases and messages, as often as they stand in it."""
        for found in self.readings:
            yield from found.people
