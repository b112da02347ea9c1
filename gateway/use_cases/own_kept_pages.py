"""Pages of what a holder keeps beside its cases, consents and messages, with earlier versions and documents of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from gateway.use_cases.attachment_values import Attachment
from gateway.use_cases.export_port import SentDocument
from gateway.use_cases.joint_values import Agenda
from gateway.use_cases.message_words import OWN
from gateway.use_cases.own_page import Page, SealedWords
from gateway.use_cases.ports import Unit
from gateway.use_cases.queue_values import Move
from gateway.use_cases.read_facts import HIDDEN
from schemas.ids import Category, OrganisationId, SubjectId

SIZES: Final[Mapping[str, int]] = {
    "version": 20,
    "fact": 200,
    "document": 20,
    "timer": 500,
    "term": 500,
    "kept": 200,
    "note": 200,
}
MOST_BYTES: Final = 20_000_000
"""Of the files of one part; a single one may be larger."""


def document_words(document: Attachment) -> SealedWords:
    """What a document is, sealed."""
    return document.subject_id, f"attachment:{document.id}", document.sealed


def _versions(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], _: datetime
) -> Page | None:
    found = unit.exports.versions(organisation_id, after, SIZES["version"])
    headers = [case.summary for case in found if case.summary is not None]
    if not headers:
        return None
    here = {subject_id for case in found for subject_id, _ in case.subjects}
    sections = unit.exports.summary_sections([header.id for header in headers], without)
    return Page(
        "version",
        headers[-1].id,
        len(found),
        cases=found,
        # Whoever went over to another holder is in its files now: what is not shown here is not opened either.
        sections=[section for section in sections if not here.isdisjoint(section.subjects)],
    )


def _facts(unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime) -> Page | None:
    found = unit.exports.facts(organisation_id, HIDDEN, after, SIZES["fact"])
    if not found:
        return None
    events = [
        event
        for event in unit.recorded_facts.events([fact.id for fact in found])
        if event.organisation_id == organisation_id
    ]
    about = {fact.id: fact.subject_id for fact in found}
    return Page(
        "fact",
        found[-1].id,
        len(found),
        facts=found,
        fact_events=events,
        kinds=unit.exports.kinds([fact.subject_id for fact in found]),
        parties={organisation.id: organisation for organisation in unit.participants.organisations()},
        sealed=[(about[event.fact_id], event.fact_id, event.sealed) for event in events if event.sealed],
    )


def _documents(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], _: datetime
) -> Page | None:
    found = _fitting(unit.exports.documents(organisation_id, without, after, SIZES["document"]))
    if not found:
        return None
    return Page(
        "document",
        found[-1].document.id,
        len(found),
        documents=found,
        kinds=unit.exports.kinds([one.document.subject_id for one in found]),
        sealed=[document_words(one.document) for one in found],
        files=[one.document for one in found if one.document.upload_id and not one.withdrawn],
    )


def _fitting(found: Sequence[SentDocument]) -> Sequence[SentDocument]:
    """The first of them whose files fit into one part, at least one."""
    size = 0
    for number, one in enumerate(found):
        size += one.document.size or 0
        if number and size > MOST_BYTES:
            return found[:number]
    return found


def _timers(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.practice_timers(organisation_id, after, SIZES["timer"])
    if not found:
        return None
    pauses = unit.practices.pauses([timer.id for timer in found])
    return Page("timer", found[-1].id, len(found), timers=found, pauses=pauses)


def _terms(unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime) -> Page | None:
    found = unit.exports.terms(organisation_id, after, SIZES["term"])
    return Page("term", found[-1].id, len(found), terms=found) if found else None


def _lists(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], now: datetime
) -> Page | None:
    found = unit.exports.kept(organisation_id, now, after, SIZES["kept"])
    return Page("kept", found[-1].id, len(found), lists=found) if found else None


def _notes(unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime) -> Page | None:
    found = unit.exports.notes(organisation_id, after, SIZES["note"])
    sealed = [words for move in found if (words := note_words(move)) is not None]
    return Page("note", found[-1].id, len(found), moves=found, sealed=sealed) if found else None


def _agendas(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.agendas(organisation_id, after, SIZES["note"])
    if not found:
        return None
    items = unit.exports.agenda_items([agenda.id for agenda in found])
    sealed = [agenda_words(agenda) for agenda in found]
    return Page("agenda", found[-1].id, len(found), agendas=found, agenda_items=items, sealed=sealed)


def _joint(unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime) -> Page | None:
    found = unit.exports.joint_decisions(organisation_id, after, SIZES["note"])
    return Page("joint", found[-1].id, len(found), decisions=found) if found else None


def note_words(move: Move) -> SealedWords | None:
    """What was written at a handing over, sealed."""
    if move.sealed_with is None or move.sealed_note is None:
        return None
    return move.sealed_with, move.id, move.sealed_note


def agenda_words(agenda: Agenda) -> SealedWords:
    """Place and topic of an agenda, sealed under a key of its own."""
    return SubjectId(agenda.id), f"{agenda.id}/{OWN}", agenda.sealed_words


FIND: Final[Mapping[str, Callable[[Unit, OrganisationId, str, Sequence[Category], datetime], Page | None]]] = {
    "version": _versions,
    "fact": _facts,
    "document": _documents,
    "timer": _timers,
    "term": _terms,
    "kept": _lists,
    "note": _notes,
    "agenda": _agendas,
    "joint": _joint,
}
"""By kind, the page after an identifier: without these categories, at this time."""
