"""One page of a holder's own data: what of one kind was found for an export, and what of it is sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.use_cases.attachment_values import Attachment
from gateway.use_cases.directory_port import ListedOrganisation
from gateway.use_cases.export_port import OwnCase, SentDocument
from gateway.use_cases.intake_values import KeptRecord
from gateway.use_cases.joint_values import Agenda, AgendaItem, JointDecision
from gateway.use_cases.practice_values import CaseScore, CourseEvent, CourseTimer, PracticeSetting, StoppedClock
from gateway.use_cases.queue_values import Move
from gateway.use_cases.record_values import CaseRecord
from gateway.use_cases.values import (
    Authority,
    ConsentOnFile,
    FactEvent,
    MessageOnFile,
    Organisation,
    RecordedFact,
    SealedSection,
    SubjectOnFile,
    Timer,
)
from schemas.directory import Service
from schemas.ids import MessageId, OrganisationId, SubjectId

SealedWords = tuple[SubjectId, str, bytes]
Words = Mapping[SealedWords, bytes | None]
"""Sealed words, opened; None once their key is destroyed."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was found. `until` is the identifier after which the next page of the same kind begins; `files` are those of its
    `documents` whose bytes leave, `members` people whose birth dates stand in it."""

    kind: str
    until: str
    items: int
    cases: Sequence[OwnCase] = ()
    records: Sequence[CaseRecord] = ()
    events: Sequence[CourseEvent] = ()
    scores: Sequence[CaseScore] = ()
    settings: Sequence[PracticeSetting] = ()
    consents: Sequence[ConsentOnFile] = ()
    authorities: Sequence[Authority] = ()
    messages: Sequence[MessageOnFile] = ()
    documents: Sequence[SentDocument] = ()
    listed: ListedOrganisation | None = None
    services: Sequence[Service] = ()
    facts: Sequence[RecordedFact] = ()
    fact_events: Sequence[FactEvent] = ()
    timers: Sequence[CourseTimer] = ()
    pauses: Mapping[str, Sequence[StoppedClock]] = field(default_factory=dict)
    terms: Sequence[Timer] = ()
    lists: Sequence[KeptRecord] = ()
    moves: Sequence[Move] = ()
    agendas: Sequence[Agenda] = ()
    agenda_items: Sequence[AgendaItem] = ()
    decisions: Sequence[JointDecision] = ()
    people: Mapping[MessageId, Sequence[tuple[SubjectId, str]]] = field(default_factory=dict)
    kinds: Mapping[SubjectId, str] = field(default_factory=dict)
    parties: Mapping[OrganisationId, Organisation] = field(default_factory=dict)
    sections: Sequence[SealedSection] = ()
    sealed: Sequence[SealedWords] = ()
    files: Sequence[Attachment] = ()
    members: Sequence[SubjectOnFile] = ()


NOTHING = Page("end", "", 0)
