"""One page of a holder's own data, found for its export: what of each kind is its own, and what of it is sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.evidence.entry import JsonValue
from gateway.use_cases.export_port import KINDS, OwnCase
from gateway.use_cases.message_words import OWN
from gateway.use_cases.ports import Unit
from gateway.use_cases.practice_values import CourseEvent
from gateway.use_cases.record_values import CaseRecord
from gateway.use_cases.values import Authority, ConsentOnFile, MessageOnFile, Organisation, SealedSection
from schemas.directory import Service
from schemas.ids import Category, MessageId, OrganisationId, SubjectId

ORGANISATION: Final = "organisation"
"""The organisation itself with the services that it lists: only where a format has a place for them."""
SIZES: Final[Mapping[str, int]] = {"case": 20, "consent": 100, "authority": 200, "sent": 50, "received": 100}
"""How many of a kind are one part: what is in memory at once."""
MOST_SERVICES: Final = 500

SealedWords = tuple[SubjectId, str, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """What was found. `until` is the identifier after which the next page of the same kind begins."""

    kind: str
    until: str
    items: int
    cases: Sequence[OwnCase] = ()
    records: Sequence[CaseRecord] = ()
    events: Sequence[CourseEvent] = ()
    consents: Sequence[ConsentOnFile] = ()
    authorities: Sequence[Authority] = ()
    messages: Sequence[MessageOnFile] = ()
    services: Sequence[Service] = ()
    people: Mapping[MessageId, Sequence[tuple[SubjectId, str]]] | None = None
    kinds: Mapping[SubjectId, str] | None = None
    parties: Mapping[OrganisationId, Organisation] | None = None
    sections: Sequence[SealedSection] = ()
    sealed: Sequence[SealedWords] = ()
    entry: Mapping[str, JsonValue] | None = None


def next_page(
    unit: Unit,
    organisation_id: OrganisationId,
    form: str,
    after: tuple[str, str],
    without: Sequence[Category],
    now: datetime,
) -> Page | None:
    """The page after this place (a kind and an identifier); None at the end. `without`: categories that stay sealed."""
    kind, until = after
    kinds = ((ORGANISATION,) if form == "fhir" else ()) + KINDS
    place = kinds.index(kind) if kind in kinds else 0
    for current in kinds[place:]:
        begin = until if current == kind else ""
        if current == ORGANISATION:
            page = _organisation(unit, organisation_id) if not begin else None
        else:
            page = _FIND[current](unit, organisation_id, begin, without, now)
        if page is not None:
            return page
    return None


def _organisation(unit: Unit, organisation_id: OrganisationId) -> Page:
    listed = unit.directory.of_participant(organisation_id)
    found = unit.directory.services_of(listed.organisation.id, MOST_SERVICES) if listed else ()
    services = [one.service for one in found if one.withdrawn_at is None]
    return Page(ORGANISATION, organisation_id, len(services), services=services)


def _cases(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], _: datetime
) -> Page | None:
    return page_of(unit, organisation_id, unit.exports.cases(organisation_id, after, SIZES["case"]), without)


def page_of(
    unit: Unit, organisation_id: OrganisationId, cases: Sequence[OwnCase], without: Sequence[Category]
) -> Page | None:
    """These cases with what is kept of them; None for none."""
    if not cases:
        return None
    ids = [case.id for case in cases]
    records = unit.exports.records(ids, organisation_id)
    return Page(
        "case",
        cases[-1].id,
        len(cases),
        cases=cases,
        records=records,
        events=unit.exports.events(ids, organisation_id),
        sections=unit.exports.summary_sections([case.summary.id for case in cases if case.summary], without),
        sealed=[(record.sealed_with, record.place, record.sealed) for record in records],
    )


def _consents(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.consents(organisation_id, after, SIZES["consent"])
    if not found:
        return None
    kinds = unit.exports.kinds([consent.subject_id for consent in found])
    return Page("consent", found[-1].id, len(found), consents=found, kinds=kinds, parties=_parties(unit))


def _authorities(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], __: datetime
) -> Page | None:
    found = unit.exports.authorities(organisation_id, after, SIZES["authority"])
    return Page("authority", found[-1].id, len(found), authorities=found) if found else None


def _sent(
    unit: Unit, organisation_id: OrganisationId, after: str, without: Sequence[Category], now: datetime
) -> Page | None:
    found = unit.exports.messages(organisation_id, "sent", after, SIZES["sent"], now)
    if not found:
        return None
    ids = [message.id for message in found]
    return Page(
        "sent",
        ids[-1],
        len(found),
        messages=found,
        people=unit.exports.people(ids),
        parties=_parties(unit),
        sections=unit.exports.sent_sections(ids, without),
        sealed=[words for message in found for words in sealed_words(message)],
    )


def _received(
    unit: Unit, organisation_id: OrganisationId, after: str, _: Sequence[Category], now: datetime
) -> Page | None:
    found = unit.exports.messages(organisation_id, "received", after, SIZES["received"], now)
    if not found:
        return None
    return Page(
        "received",
        found[-1].id,
        len(found),
        messages=found,
        parties=_parties(unit),
        sealed=[words for message in found for words in sealed_words(message, only=organisation_id)],
    )


def sealed_words(message: MessageOnFile, only: OrganisationId | None = None) -> list[SealedWords]:
    """The sealed words of a message and its receipts, in this order; `only` those of one organisation's receipts."""
    key = SubjectId(message.id)
    found = [(key, f"{message.id}/{OWN}", message.sealed_words)] if message.sealed_words and only is None else []
    return found + [
        (key, f"{message.id}/{number}", receipt.sealed_words)
        for number, receipt in enumerate(message.receipts)
        if receipt.sealed_words and (only is None or receipt.organisation_id == only)
    ]


def _parties(unit: Unit) -> Mapping[OrganisationId, Organisation]:
    return {organisation.id: organisation for organisation in unit.participants.organisations()}


_FIND: Final[Mapping[str, Callable[[Unit, OrganisationId, str, Sequence[Category], datetime], Page | None]]] = {
    "case": _cases,
    "consent": _consents,
    "authority": _authorities,
    "sent": _sent,
    "received": _received,
}
